package io.gatehouse.core.upstream;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;

/**
 * A probe by {@code GET}: well is 2xx. Always on a connection of its own, because a backend that still
 * answers on old connections and takes no new ones is of no use. The body is not read.
 *
 * <p>This is {@link HttpURLConnection} and not the newer client of the JDK for that reason: the newer one
 * keeps its connections, and threads, with no way to say otherwise.
 */
public final class HttpProbe implements Probe {

  @Override
  public void check(URI target, Duration timeout) throws IOException {
    int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
    HttpURLConnection connection = (HttpURLConnection) target.toURL().openConnection(Proxy.NO_PROXY);
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
    } finally {
      connection.disconnect();
    }
  }
}
