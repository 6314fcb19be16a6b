package io.gatehouse.core.upstream;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A probe by {@code GET}: well is 2xx. Always on a connection of its own, because a backend that still
 * answers on old connections and takes no new ones is of no use. The body is not read.
 *
 * <p>This is {@link HttpURLConnection} and not the newer client of the JDK for that reason: the newer one
 * keeps its connections, and threads, with no way to say otherwise.
 */
public final class HttpProbe implements Probe {

  private final @Nullable SSLSocketFactory tls;
  private final boolean named;

  /** Trusts whom Java trusts. */
  public HttpProbe() {
    this.tls = null;
    this.named = true;
  }

  /**
   * Trusts whom a context trusts, where TLS is spoken.
   *
   * @param named whether the backend's name must be that of its certificate
   */
  public HttpProbe(SSLContext tls, boolean named) {
    this.tls = tls.getSocketFactory();
    this.named = named;
  }

  @Override
  public void check(URI target, Duration timeout) throws IOException {
    int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
    HttpURLConnection connection = (HttpURLConnection) target.toURL().openConnection(Proxy.NO_PROXY);
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
    } finally {
      connection.disconnect();
    }
  }
}
