package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.Subject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;

/** Which fields pass from the client to the backend and back, and which are ours. */
final class Fields {

  /** What we call ourselves in {@code Via}. */
  static final String PSEUDONYM = "gatehouse";

  /** Fields that belong to one connection (RFC 9110, 7.6.1), besides all that begin with {@code proxy-}. */
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");

  /** What only we may say, whoever else does. */
  private static final Set<String> OURS = Set.of("forwarded", "x-real-ip", "x-api-key");

  /** Fields of which the backend's values join those that filters have set before. */
  private static final Set<String> JOINED = Set.of("set-cookie", "vary");

  /** What imgproxy tells of an image with {@code IMGPROXY_ENABLE_DEBUG_HEADERS}. */
  private static final Set<String> IMGPROXY_DEBUG = Set.of(
      "x-origin-content-length", "x-origin-width", "x-origin-height", "x-result-width", "x-result-height");

  private Fields() {}

  /** The fields of the request as the backend gets them, without length and coding of the body. */
  static HttpFields clientToBackend(HttpServletRequest request, Inbound inbound, ProxySettings settings) {
    HttpFields.Mutable fields = HttpFields.build();
    Set<String> named = namedBy(Collections.list(request.getHeaders("Connection")));
    boolean http1 = request.getProtocol().startsWith("HTTP/1");
    for (String name : Collections.list(request.getHeaderNames())) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (perHop(lower, named) || stripped(lower, settings) || lower.equals("host")
          || lower.equals("content-length") || lower.equals("expect")) {
        continue;
      }
      List<String> values = Collections.list(request.getHeaders(name));
      if (lower.equals("cookie") && !http1 && values.size() > 1) {
        // HTTP/2 may send a cookie in crumbs, which HTTP/1.1 wants as one (RFC 9113, 8.2.3).
        values = List.of(String.join("; ", values));
      }
      for (String value : values) {
        if (!lower.equals("authorization") || !ours(value, settings)) {
          fields.add(name, value);
        }
      }
    }
    String host = request.getHeader("Host");
    if (host != null) {
      fields.put("X-Forwarded-Host", host);
      if (settings.host() == ProxySettings.Host.OF_CLIENT) {
        fields.put(HttpHeader.HOST, host);
      }
    }
    fields.put("X-Forwarded-For", text(inbound.clientAddress()));
    fields.put("X-Forwarded-Proto", request.getScheme());
    fields.add(HttpHeader.VIA, version(request.getProtocol()) + ' ' + PSEUDONYM);
    if (request.getAttribute(UpstreamServlet.SUBJECT) instanceof Subject subject) {
      fields.put("X-Gatehouse-User", subject.user());
    }
    putAttribute(fields, request, UpstreamServlet.REQUEST_ID, "X-Request-Id");
    putAttribute(fields, request, UpstreamServlet.TRACEPARENT, "traceparent");
    if (expectsContinue(request)) {
      // Were it known to be Expect, Jetty would hold the body until a 100 comes, for ever if need be.
      fields.add(new HttpField("Expect", "100-continue") {
        @Override
        public HttpHeader getHeader() {
          return null;
        }
      });
    }
    return fields;
  }

  /** Whether the client waits to be asked for its body. */
  static boolean expectsContinue(HttpServletRequest request) {
    return "100-continue".equalsIgnoreCase(request.getHeader("Expect"));
  }

  /** Copies status and fields of a backend's answer, values byte for byte. */
  static void backendToClient(Response answer, HttpServletResponse response, ProxySettings settings) {
    response.setStatus(answer.getStatus());
    HttpFields fields = answer.getHeaders();
    Set<String> named =
        namedBy(fields.getFields(HttpHeader.CONNECTION).stream().map(HttpField::getValue).toList());
    Set<String> seen = new HashSet<>();
    for (HttpField field : fields) {
      String lower = field.getLowerCaseName();
      if (perHop(lower, named)
          || lower.equals("content-length") && answer.getStatus() < 200
          || settings.imgproxyDebug() == ProxySettings.ImgproxyDebug.CONSUMED && IMGPROXY_DEBUG.contains(lower)) {
        continue;
      }
      String value = field.getValue() == null ? "" : field.getValue();
      if (seen.add(lower) && !JOINED.contains(lower)) {
        response.setHeader(field.getName(), value);
      } else {
        response.addHeader(field.getName(), value);
      }
    }
    response.addHeader("Via", (answer.getVersion() == HttpVersion.HTTP_1_0 ? "1.0 " : "1.1 ") + PSEUDONYM);
  }

  /** How many pixels the image of an answer has, as imgproxy tells; 0 when it does not, or there is none. */
  static long pixels(Response answer) {
    HttpFields fields = answer.getHeaders();
    return answer.getStatus() == 200 ? side(fields, "X-Result-Width") * side(fields, "X-Result-Height") : 0;
  }

  private static long side(HttpFields fields, String name) {
    String value = fields.get(name);
    // Nine digits, so that neither the number nor the product can overflow.
    return value != null && value.matches("[0-9]{1,9}") ? Long.parseLong(value) : 0;
  }

  private static boolean perHop(String lower, Set<String> named) {
    return HOP_BY_HOP.contains(lower) || lower.startsWith("proxy-") || named.contains(lower);
  }

  /** Backends of the CGI kind see no difference between a hyphen and an underscore, so neither do we. */
  private static boolean stripped(String lower, ProxySettings settings) {
    String name = lower.replace('_', '-');
    return OURS.contains(name)
        || name.startsWith("x-forwarded-")
        || name.startsWith("x-gatehouse-")
        || settings.strippedHeaders().contains(name)
        || settings.strippedHeaders().contains(lower);
  }

  private static boolean ours(String authorization, ProxySettings settings) {
    return settings.bearer() == ProxySettings.Bearer.STRIPPED
        && authorization.stripLeading().regionMatches(true, 0, "bearer ", 0, 7);
  }

  private static Set<String> namedBy(List<String> connection) {
    if (connection.isEmpty()) {
      return Set.of();
    }
    Set<String> names = new HashSet<>();
    for (String value : connection) {
      for (String name : value.split(",")) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  private static void putAttribute(
      HttpFields.Mutable fields, HttpServletRequest request, String attribute, String name) {
    if (request.getAttribute(attribute) instanceof String value) {
      fields.put(name, value);
    }
  }

  private static String version(String protocol) {
    return protocol.startsWith("HTTP/2") ? "2" : protocol.substring(protocol.indexOf('/') + 1);
  }

  private static String text(InetAddress address) {
    String text = address.getHostAddress();
    int zone = address instanceof Inet6Address ? text.indexOf('%') : -1;
    return zone < 0 ? text : text.substring(0, zone);
  }
}
