package io.gatehouse.jetty.demo;

import io.gatehouse.image.UrlSigner;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The website of a tenant, on a free port: a page with pictures whose URLs it signs, each time anew and for
 * {@value #MINUTES} minutes. A browser needs nothing else to see them, and no key is in the page.
 *
 * <p>Runs on threads of its own until it is closed.
 */
final class Gallery implements AutoCloseable {
  private static final int MINUTES = 5;
  private static final int THREADS = 8;

  /** A picture of the page. */
  private record Shown(String options, String source, String text) {}

  private static final List<Shown> PICTURES = List.of(
      new Shown("rs:fit:600:400", "local:///sunset.jpg", "The whole sunset"),
      new Shown("rs:fill:300:300", "local:///sunset.jpg", "A square of it"),
      new Shown("rs:fit:600:400", "local:///city.jpg", "The whole city"),
      new Shown("rs:fill:300:300/f:png", "local:///city.jpg", "A square of it, as PNG"),
      new Shown("rs:fit:400:400", "local:///portrait.jpg", "A portrait"),
      new Shown("preset:thumb", "local:///portrait.jpg", "Its thumbnail, by a preset"));

  private final Server server;
  private final ServerConnector connector;

  private Gallery(String host, URI gateway, UrlSigner signer, InstantSource clock) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS);
    threads.setName("sample-website");
    threads.setDaemon(true);
    server = new Server(threads);
    connector = new ServerConnector(server, 1, 1);
    connector.setHost(host);
    server.addConnector(connector);
    server.setHandler(new Page(signer.below(gateway + UrlSigner.PREFIX), clock));
  }

  /** Starts it; when this returns it answers. */
  static Gallery start(String host, URI gateway, UrlSigner signer, InstantSource clock) throws IOException {
    Gallery gallery = new Gallery(host, gateway, signer, clock);
    try {
      gallery.server.start();
      return gallery;
    } catch (Exception e) {
      gallery.close();
      throw new IOException("the sample website cannot be started: " + e.getMessage(), e);
    }
  }

  /** Where the page is. */
  URI uri(String host) {
    return URI.create("http://" + host + ":" + connector.getLocalPort() + "/");
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the sample website cannot be stopped", e);
    }
  }

  private static final class Page extends Handler.Abstract {
    private final UrlSigner signer;
    private final InstantSource clock;

    Page(UrlSigner signer, InstantSource clock) {
      this.signer = signer;
      this.clock = clock;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      if (!request.getHttpURI().getPath().equals("/")) {
        return false;
      }
      byte[] page = html().getBytes(StandardCharsets.UTF_8);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/html; charset=utf-8");
      response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, page.length);
      response.write(true, ByteBuffer.wrap(page), callback);
      return true;
    }

    private String html() {
      Instant end = clock.instant().plus(Duration.ofMinutes(MINUTES));
      StringBuilder figures = new StringBuilder();
      for (Shown shown : PICTURES) {
        figures.append("<figure><img src=\"").append(signer.sign(shown.options(), shown.source(), end))
            .append("\" alt=\"").append(shown.text()).append("\"><figcaption>").append(shown.text())
            .append("<br><code>").append(shown.options()).append("</code></figcaption></figure>\n");
      }
      return """
          <!doctype html>
          <html lang="en"><head><meta charset="utf-8"><title>Signed pictures</title>
          <meta name="viewport" content="width=device-width"><style>
          body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #f6f5f1 }
          main { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: end }
          figure { margin: 0 } img { display: block; max-width: 100%% } figcaption { font-size: 14px }
          </style></head><body><h1>Signed pictures</h1>
          <p>The page of a tenant. It has no key: each picture has a URL that the tenant's website has signed, and that is
          worth nothing in %d minutes. The gateway has it made by imgproxy with a signature of its own.</p>
          <main>
          %s</main></body></html>
          """
          .formatted(MINUTES, figures);
    }
  }
}
