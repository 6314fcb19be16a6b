package io.gatehouse.jetty.demo;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A small image server on a free port of the loopback address that answers as imgproxy would:
 * {@code /health}, and real pictures in the size and format that the URL asks for, if the URL is signed as
 * imgproxy wants it. Its name is in every answer, in the field {@value #NAME_FIELD}, so that one sees who
 * answered.
 *
 * <p>Runs on threads of its own until it is closed.
 */
final class SampleBackend implements AutoCloseable {

  /** The field with the backend's name: {@value}. */
  static final String NAME_FIELD = "X-Sample-Backend";

  private static final int THREADS = 24;
  private static final long CACHED_BYTES = 16L << 20;

  private final Server server;
  private final ServerConnector connector;

  private SampleBackend(String name, Predicate<String> signed) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS);
    threads.setName("sample-backend-" + name);
    threads.setDaemon(true);
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setUriCompliance(UriCompliance.UNSAFE);
    http.setSendServerVersion(false);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(new Pictures(name, signed));
  }

  /** Starts a backend that asks for no signature; when this returns it answers. */
  static SampleBackend start(String name) throws IOException {
    return start(name, path -> true);
  }

  /**
   * Starts a backend; when this returns it answers.
   *
   * @param signed whether a path is signed as it should be
   */
  static SampleBackend start(String name, Predicate<String> signed) throws IOException {
    SampleBackend backend = new SampleBackend(name, signed);
    try {
      backend.server.start();
      return backend;
    } catch (Exception e) {
      backend.close();
      throw new IOException("sample backend " + name + " cannot be started: " + e.getMessage(), e);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("a sample backend cannot be stopped", e);
    }
  }

  /** An encoded picture and its entity tag. */
  private record Encoded(byte[] bytes, String tag) {

    static Encoded of(Rendition rendition) {
      byte[] bytes = rendition.encoded();
      CRC32 crc = new CRC32();
      crc.update(bytes);
      return new Encoded(bytes, "\"" + Long.toHexString(crc.getValue()) + "-" + bytes.length + "\"");
    }
  }

  private static final class Pictures extends Handler.Abstract {

    private final String name;
    private final Predicate<String> signed;
    private final LoadingCache<Rendition, Encoded> cache =
        Caffeine.newBuilder()
            .maximumWeight(CACHED_BYTES)
            .weigher((Rendition rendition, Encoded encoded) -> encoded.bytes().length)
            .build(Encoded::of);

    Pictures(String name, Predicate<String> signed) {
      this.name = name;
      this.signed = signed;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.getHeaders().put(NAME_FIELD, name);
      String method = request.getMethod();
      if (!HttpMethod.GET.is(method) && !HttpMethod.HEAD.is(method)) {
        response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
        text(response, callback, 405, "Method not allowed");
        return true;
      }
      String path = request.getHttpURI().getPath();
      if (path.equals("/health")) {
        text(response, callback, 200, "imgproxy is running");
        return true;
      }
      if (!signed.test(path)) {
        text(response, callback, 403, "Forbidden");
        return true;
      }
      try {
        picture(ImageUrl.parse(path), request, response, callback);
      } catch (ImageUrl.Refused e) {
        text(response, callback, e.status(), e.getMessage());
      }
      return true;
    }

    private void picture(Rendition rendition, Request request, Response response, Callback callback) {
      Encoded encoded = cache.get(rendition);
      response.getHeaders().put(HttpHeader.ETAG, encoded.tag());
      // To an answer that shared caches may keep, the gateway would not add where a caller's limits stand.
      response.getHeaders().put(HttpHeader.CACHE_CONTROL, "private, max-age=3600");
      String known = request.getHeaders().get(HttpHeader.IF_NONE_MATCH);
      if (known != null && (known.equals("*") || known.contains(encoded.tag()))) {
        response.setStatus(304);
        callback.succeeded();
        return;
      }
      response.getHeaders().put("X-Result-Width", rendition.width());
      response.getHeaders().put("X-Result-Height", rendition.height());
      send(response, callback, 200, rendition.format().mediaType(), encoded.bytes());
    }

    private static void text(Response response, Callback callback, int status, String text) {
      response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
      send(response, callback, status, "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(Response response, Callback callback, int status, String mediaType, byte[] body) {
      response.setStatus(status);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
      response.write(true, ByteBuffer.wrap(body), callback);
    }
  }
}
