package io.gatehouse.jetty.server;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Reads on for a while when a request was answered before its body had come, and drops what it reads: a connection that is
 * closed while the client still sends is reset, and the reset can take the answer with it (RFC 9112, 9.6). So a client that is
 * refused in the middle of an upload learns why. A body of {@value #LITTLE} bytes at most is read to its end and the connection
 * kept; for more the answer says that the connection closes.
 *
 * <p>It ends after {@value #MOST_BYTES} bytes, {@value #MOST_SECONDS} seconds, or the connection's idle timeout, whichever
 * comes first. HTTP/1 only; a stream of HTTP/2 is ended without its connection.
 */
final class LingeringHandler extends Handler.Wrapper {

  private static final long LITTLE = 1 << 20;
  private static final long MOST_BYTES = 64 << 20;
  private static final long MOST_SECONDS = 5;

  LingeringHandler(Handler handler) {
    super(handler);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!mayHaveBody(request)) {
      return super.handle(request, response, callback);
    }
    Rest rest = new Rest(request, response);
    return super.handle(rest, response, Callback.from(() -> rest.drop(callback), callback::failed));
  }

  private static boolean mayHaveBody(Request request) {
    if (request.getConnectionMetaData().getHttpVersion().getVersion() > HttpVersion.HTTP_1_1.getVersion()) {
      return false;
    }
    for (HttpField field : request.getHeaders()) {
      if (field.getHeader() == HttpHeader.TRANSFER_ENCODING
          || field.getHeader() == HttpHeader.CONTENT_LENGTH && !"0".equals(field.getValue())) {
        return !request.getHeaders().contains(HttpHeader.EXPECT);
      }
    }
    return false;
  }

  /** A request whose body is still there when its answer is complete. */
  private static final class Rest extends Request.Wrapper {

    private final Response response;
    private long since;
    private long dropped;

    // Both guarded by this.
    private boolean demanded;
    /** What to do when the body is read, once the answer is complete. */
    private @Nullable Callback last;

    Rest(Request request, Response response) {
      super(request);
      this.response = response;
    }

    /** Asked before the answer is written. Jetty's own gives up what has not come yet. */
    @Override
    public boolean consumeAvailable() {
      long length = getLength();
      if (isRead() || length >= 0 && length <= LITTLE) {
        return true;
      }
      response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
      return false;
    }

    @Override
    public void demand(Runnable whenAvailable) {
      synchronized (this) {
        demanded = true;
      }
      super.demand(() -> available(whenAvailable));
    }

    private void available(Runnable whenAvailable) {
      Callback then;
      synchronized (this) {
        demanded = false;
        then = last;
      }
      if (then == null) {
        whenAvailable.run();
      } else {
        dropRest(then);
      }
    }

    /** Reads to the end, as far as that is near. Does not block. */
    void drop(Callback then) {
      since = System.nanoTime();
      synchronized (this) {
        last = then;
        if (demanded) {
          return; // whoever read the body has not heard yet; we hear instead
        }
      }
      dropRest(then);
    }

    private void dropRest(Callback then) {
      if (isRead() || dropped >= MOST_BYTES || System.nanoTime() - since > TimeUnit.SECONDS.toNanos(MOST_SECONDS)) {
        then.succeeded();
      } else {
        demand(() -> dropRest(then));
      }
    }

    /** Drops what has come, and tells whether that was all, or all that ever comes. */
    private boolean isRead() {
      while (dropped < MOST_BYTES) {
        Content.Chunk chunk = read();
        if (chunk == null) {
          return false;
        }
        dropped += chunk.remaining();
        chunk.release();
        if (chunk.isLast() || Content.Chunk.isFailure(chunk)) {
          return true;
        }
      }
      return false;
    }
  }
}
