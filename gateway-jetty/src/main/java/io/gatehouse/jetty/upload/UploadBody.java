package io.gatehouse.jetty.upload;

import io.gatehouse.core.upload.RefusedUpload;
import io.gatehouse.jetty.api.ProblemException;
import java.io.IOException;

/** How the content of an image is found in the body of a request. For one thread. */
interface UploadBody {

  /** Takes the content as it is found. */
  @FunctionalInterface
  interface Sink {
    void write(byte[] bytes, int offset, int length) throws IOException, RefusedUpload;
  }

  /**
   * How many bytes the content has, from what the head of the request says.
   *
   * @param contentLength of the body; negative: unknown
   * @return negative when that is not known
   */
  long declared(long contentLength);

  /** How many bytes the body may have besides the content. */
  long spare();

  /**
   * Takes the next bytes of the body.
   *
   * @throws ProblemException when the body has not the form that it should have
   */
  void read(byte[] bytes, int length, Sink sink) throws IOException, RefusedUpload;

  /**
   * The body is at its end.
   *
   * @throws ProblemException when it should not be
   */
  void end();

  /** A body that is the content. */
  final class Raw implements UploadBody {

    @Override
    public long declared(long contentLength) {
      return contentLength;
    }

    @Override
    public long spare() {
      return 0;
    }

    @Override
    public void read(byte[] bytes, int length, Sink sink) throws IOException, RefusedUpload {
      sink.write(bytes, 0, length);
    }

    @Override
    public void end() {
      // where it ends is where the content does
    }
  }
}
