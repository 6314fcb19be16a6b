package io.gatehouse.core.upstream;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A probe by {@code GET}: well is 2xx, or 200 with a picture. Always on a connection of its own, because a backend that still
 * answers on old connections and takes no new ones is of no use. The body is not read.
 *
 * <p>This is {@link HttpURLConnection} and not the newer client of the JDK for that reason: the newer one
 * keeps its connections, and threads, with no way to say otherwise.
 */
public final class HttpProbe implements Probe {

  private final boolean picture;

  /** Any 2xx is well. */
  public HttpProbe() {
    this(false);
  }

  private HttpProbe(boolean picture) {
    this.picture = picture;
  }

  /** 200 with a {@code Content-Type} of {@code image/...} is well. */
  public static HttpProbe ofPictures() {
    return new HttpProbe(true);
  }

  @Override
  public void check(URI target, Duration timeout) throws IOException {
    int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
    HttpURLConnection connection = (HttpURLConnection) target.toURL().openConnection(Proxy.NO_PROXY);
    // A time-out per read does not end an answer that comes byte by byte.
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture<Void> deadline = CompletableFuture.runAsync(() -> {
      late.set(true);
      connection.disconnect();
    }, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
    try {
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setConnectTimeout(millis);
      connection.setReadTimeout(millis);
      connection.setRequestProperty("Connection", "close");
      connection.setRequestProperty("User-Agent", "gatehouse-health");
      int status = connection.getResponseCode();
      if (status < 200 || status > 299) {
        throw new IOException("answered " + (status < 0 ? "something that is not HTTP" : "" + status));
      }
      String type = connection.getContentType();
      if (picture && (status != 200 || type == null || !type.startsWith("image/"))) {
        throw new IOException("answered " + status + " with " + (type == null ? "no type" : type)
            + " (expected: 200 with image/...)");
      }
    } catch (IOException e) {
      if (late.get() && !(e instanceof SocketTimeoutException)) {
        throw new SocketTimeoutException("no whole answer in time");
      }
      throw e;
    } finally {
      deadline.cancel(false);
      connection.disconnect();
    }
  }
}
