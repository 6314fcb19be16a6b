package io.gatehouse.jetty.proxy;

import java.net.URI;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request whose method and target go out exactly as given. Jetty's own takes a target apart as a URI (a
 * path that begins with two slashes becomes a host and a path), decodes its query, and writes methods in
 * capitals.
 */
final class RawRequest extends HttpRequest {

  private final URI backend;
  private final String method;
  private final String path;
  private final @Nullable String query;

  RawRequest(HttpClient client, URI backend, String method, String target) {
    super(client, new HttpConversation(), backend);
    this.backend = backend;
    this.method = method;
    int question = target.indexOf('?');
    path = question < 0 ? target : target.substring(0, question);
    query = question < 0 ? null : target.substring(question + 1);
  }

  @Override
  public String getMethod() {
    return method;
  }

  @Override
  public String getPath() {
    return path;
  }

  @Override
  public @Nullable String getQuery() {
    return query;
  }

  @Override
  public URI getURI() {
    return backend;
  }
}
