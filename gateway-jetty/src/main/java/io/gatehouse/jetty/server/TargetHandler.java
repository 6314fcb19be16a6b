package io.gatehouse.jetty.server;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Looks at what of a target the servlet layer does not show, or shows as something else.
 *
 * <p>{@code OPTIONS *} asks for no resource but whether the server is there and what it knows (RFC 9110,
 * 9.3.7). The server is the gateway: nobody's key is asked for and no backend is.
 *
 * <p>An absolute target names a scheme. One that is not that of the connection is refused, because it would be
 * taken for it: {@code GET https://a/} in plain text would look secure to all that is behind (RFC 9110, 7.4). The
 * {@code :scheme} of HTTP/2, which every request has, the connector sets right instead.
 */
final class TargetHandler extends Handler.Wrapper {

  private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

  TargetHandler(Handler handler) {
    super(handler);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getMethod().equals("OPTIONS") && "*".equals(request.getHttpURI().getPath())) {
      response.setStatus(HttpStatus.NO_CONTENT_204);
      response.getHeaders().put(HttpHeader.ALLOW, METHODS);
      callback.succeeded();
      return true;
    }
    String scheme = request.getHttpURI().getScheme();
    String expected = request.getConnectionMetaData().isSecure() ? "https" : "http";
    if (scheme != null && !scheme.equalsIgnoreCase(expected)) {
      Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400);
      return true;
    }
    return super.handle(request, response, callback);
  }
}
