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
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A probe by {@code GET}: well is 2xx, or 200 with a picture. Always on a connection of its own, because a backend that still
 * answers on old connections and takes no new ones is of no use. The body is not read.
 *
 * <p>This is {@link HttpURLConnection} and not the newer client of the JDK for that reason: the newer one
 * keeps its connections, and threads, with no way to say otherwise.
 */
public final class HttpProbe implements Probe {

  private final @Nullable SSLSocketFactory tls;
  private final boolean named;
  private final boolean picture;

  /** Any 2xx is well. Trusts whom Java trusts. */
  public HttpProbe() {
    this(null, true, false);
  }

  /**
   * Any 2xx is well. Trusts whom a context trusts, where TLS is spoken.
   *
   * @param named whether the backend's name must be that of its certificate
   */
  public HttpProbe(SSLContext tls, boolean named) {
    this(tls.getSocketFactory(), named, false);
  }

  private HttpProbe(@Nullable SSLSocketFactory tls, boolean named, boolean picture) {
    this.tls = tls;
    this.named = named;
    this.picture = picture;
  }

  /** One that asks likewise, and takes only 200 with a {@code Content-Type} of {@code image/...} for well. */
  public HttpProbe forPictures() {
    return new HttpProbe(tls, named, true);
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
      if (tls != null && connection instanceof HttpsURLConnection https) {
        https.setSSLSocketFactory(tls);
        if (!named) {
          https.setHostnameVerifier((name, session) -> true);
        }
      }
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
