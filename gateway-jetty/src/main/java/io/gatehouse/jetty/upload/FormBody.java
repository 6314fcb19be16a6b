package io.gatehouse.jetty.upload;

import io.gatehouse.core.upload.RefusedUpload;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.problem.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartCompliance;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A body that is a form (RFC 7578) with one file and nothing else. Passes on the content of the file as it comes, and keeps
 * nothing of it. For one thread.
 */
final class FormBody implements UploadBody {

  /** What a form may have besides its file: the heads of parts, boundaries, what stands before and behind. */
  private static final int SPARE = 64 * 1024;

  private static final int LONGEST_HEAD = 8 * 1024;
  private static final Pattern BOUNDARY = Pattern.compile("[0-9A-Za-z'()+_,\\-./:=? ]{0,69}[0-9A-Za-z'()+_,\\-./:=?]");
  private static final Pattern FILE = Pattern.compile("^form-data\\b.*;\\s*filename\\*?\\s*=.*", Pattern.CASE_INSENSITIVE);

  private final MultiPart.Parser parser;
  private final Parts parts = new Parts();

  private FormBody(String boundary) {
    parser = new MultiPart.Parser(boundary, MultiPartCompliance.RFC7578, parts);
    parser.setPartHeadersMaxLength(LONGEST_HEAD);
    parser.setMaxParts(2); // so that the second can be told of
  }

  /**
   * The form that a Content-Type announces.
   *
   * @throws ProblemException when its boundary is not one (RFC 2046, 5.1.1)
   */
  static FormBody of(String contentType) {
    String boundary = MultiPart.extractBoundary(contentType);
    if (boundary == null || !BOUNDARY.matcher(boundary).matches()) {
      throw malformed("The Content-Type names no boundary of 1 to 70 characters.");
    }
    return new FormBody(boundary);
  }

  /** The content is shorter than the body, by how much is not known before it is over. */
  @Override
  public long declared(long contentLength) {
    return -1;
  }

  @Override
  public long spare() {
    return SPARE;
  }

  @Override
  public void read(byte[] bytes, int length, Sink sink) throws IOException, RefusedUpload {
    parts.sink = sink;
    parser.parse(Content.Chunk.from(ByteBuffer.wrap(bytes, 0, length), false));
    parts.check();
  }

  @Override
  public void end() {
    parser.parse(Content.Chunk.EOF);
    if (parts.fault != null) {
      throw parts.fault;
    } else if (!parts.complete) {
      throw malformed("The form ends before its closing boundary.");
    } else if (!parts.fileSeen) {
      throw malformed("The form has no file.");
    }
  }

  private static ProblemException malformed(String detail) {
    return new ProblemException(Problem.of(400, "bad-request", "Bad request", detail));
  }

  /** Hears of the parts. What is thrown here would come back as a failure of the parser, so it is kept and thrown later. */
  private static final class Parts implements MultiPart.Parser.Listener {

    private @Nullable Sink sink;
    private boolean fileSeen;
    private boolean complete;
    private Optional<String> disposition = Optional.empty();
    private @Nullable ProblemException fault;
    private @Nullable IOException broken;
    private @Nullable RefusedUpload refused;

    void check() throws IOException, RefusedUpload {
      if (broken != null) {
        throw broken;
      } else if (refused != null) {
        throw refused;
      } else if (fault != null) {
        throw fault;
      }
    }

    private boolean isOver() {
      return broken != null || refused != null || fault != null;
    }

    @Override
    public void onPartBegin() {
      disposition = Optional.empty();
    }

    @Override
    public void onPartHeader(String name, String value) {
      switch (name.toLowerCase(Locale.ROOT)) {
        case "content-disposition" -> {
          if (disposition.isPresent()) {
            fault("A part of the form has two fields Content-Disposition.");
          }
          disposition = Optional.of(value);
        }
        case "content-transfer-encoding" -> {
          if (!value.equalsIgnoreCase("binary")) {
            fault("A part of the form is encoded as " + "base64 or the like (expected: binary; RFC 7578, 4.7).");
          }
        }
        default -> {
          // the rest has no say: the type is found in the content
        }
      }
    }

    @Override
    public void onPartHeaders() {
      boolean file = disposition.filter(value -> FILE.matcher(value).matches()).isPresent();
      if (!file) {
        fault("The form has a part that is no file (expected: one file and nothing else).");
      } else if (fileSeen) {
        fault("The form has a second file (expected: one file and nothing else).");
      }
      fileSeen = true;
    }

    @Override
    public void onPartContent(Content.Chunk chunk) {
      ByteBuffer buffer = chunk.getByteBuffer();
      if (isOver() || !buffer.hasRemaining() || sink == null) {
        return;
      }
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      try {
        sink.write(bytes, 0, bytes.length);
      } catch (IOException e) {
        broken = e;
      } catch (RefusedUpload e) {
        refused = e;
      }
    }

    @Override
    public void onComplete() {
      complete = true;
    }

    @Override
    public void onFailure(Throwable failure) {
      if (failure instanceof HttpException http && http.getReason() != null) {
        fault("The form is malformed: " + http.getReason() + ".");
      } else {
        fault("The form ends too early, or the head of a part is longer than " + LONGEST_HEAD + " bytes.");
      }
    }

    private void fault(String detail) {
      if (fault == null) {
        fault = malformed(detail);
      }
    }
  }
}
