package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.Subject;
import io.gatehouse.core.cache.Head;
import io.gatehouse.core.cache.Tags;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Which fields pass from the client to the backend and back, and which are ours. */
final class Fields {

  /** What we call ourselves in {@code Via}. */
  static final String PSEUDONYM = "gatehouse";

  /**
   * Fields that belong to one connection (RFC 9110, 7.6.1), besides all that begin with {@code proxy-} but
   * {@code Proxy-Status}, which is for whoever reads the answer (RFC 9209).
   */
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");

  /**
   * What only we may say, whoever else does. Programs of the CGI kind take {@code Proxy} for a setting of their own.
   */
  private static final Set<String> OURS = Set.of("forwarded", "x-real-ip", "x-api-key", "proxy");

  /**
   * What no trailer may say (RFC 9110, 6.5.1), because whoever reads trailers into the header section would be
   * framed, routed, or let in by it.
   */
  private static final Set<String> NO_TRAILERS = Set.of("host", "content-length", "content-encoding",
      "content-type", "content-range", "cache-control", "expect", "max-forwards", "pragma", "range",
      "authorization", "cookie", "set-cookie", "www-authenticate", "age", "date", "expires", "location",
      "retry-after", "vary", "warning", "via", "x-request-id", "traceparent");

  /** What the sender of a message says of the message itself; we say it anew. */
  private static final Set<String> FRAMING = Set.of("host", "content-length", "expect");

  /** Fields of which the backend's values join those that filters have set before. */
  private static final Set<String> JOINED = Set.of("set-cookie", "vary");

  /** What says how long an answer holds. */
  private static final Set<String> DATING = Set.of("cache-control", "expires");

  /** What imgproxy tells of an image with {@code IMGPROXY_ENABLE_DEBUG_HEADERS}. */
  private static final Set<String> IMGPROXY_DEBUG = Set.of(
      "x-origin-content-length", "x-origin-width", "x-origin-height", "x-result-width", "x-result-height");

  private Fields() {}

  /** The fields of the request as the backend of a lane gets them: as a gate has them, and changed as the lane says. */
  static HttpFields toBackend(HttpServletRequest request, Inbound inbound, Forwarding forwarding) {
    HttpFields passed = clientToBackend(request, inbound, forwarding.settings());
    return forwarding.rewriting().request().on(Wanted.of(UpstreamServlet.dispatch(request), passed));
  }

  /** The fields of the request that pass, without length and coding of the body. */
  static HttpFields clientToBackend(HttpServletRequest request, Inbound inbound, ProxySettings settings) {
    HttpFields.Mutable fields = HttpFields.build();
    Set<String> named = namedBy(Collections.list(request.getHeaders("Connection")));
    boolean http1 = request.getProtocol().startsWith("HTTP/1");
    String host = request.getHeader("Host");
    if (host != null && settings.host() == ProxySettings.Host.OF_CLIENT) {
      fields.put(HttpHeader.HOST, host);
    }
    for (String name : Collections.list(request.getHeaderNames())) {
      String lower = name.toLowerCase(Locale.ROOT);
      List<String> values = Collections.list(request.getHeaders(name));
      if (lower.equals("trailer") && sendsTrailers(request) && !named.contains(lower)) {
        values.forEach(value -> fields.add(name, value));
        continue;
      }
      if (perHop(lower, named) || perHop(lower.replace('_', '-'), named) || stripped(lower, settings)
          || FRAMING.contains(lower.replace('_', '-'))) {
        continue;
      }
      if (lower.equals("max-forwards") && counted(inbound.method())) {
        values = values.stream().map(Fields::oneLess).toList();
      }
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
    String forwardedHost = attribute(request, UpstreamServlet.FORWARDED_HOST, host);
    if (forwardedHost != null) {
      fields.put("X-Forwarded-Host", forwardedHost);
    }
    fields.put("X-Forwarded-For", text(inbound.clientAddress()));
    String scheme = request.isSecure() ? "https" : "http";
    fields.put("X-Forwarded-Proto", attribute(request, UpstreamServlet.FORWARDED_SCHEME, scheme));
    fields.add(HttpHeader.VIA, version(request.getProtocol()) + ' ' + PSEUDONYM);
    if (request.getAttribute(UpstreamServlet.SUBJECT) instanceof Subject subject) {
      fields.put("X-Gatehouse-User", subject.user());
    }
    putAttribute(fields, request, UpstreamServlet.REQUEST_ID, "X-Request-Id");
    putAttribute(fields, request, UpstreamServlet.TRACEPARENT, "traceparent");
    if (wantsTrailers(request, named)) {
      fields.add("TE", "trailers");
      fields.add("Connection", "TE");
    }
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

  /**
   * Whether there is a body, and the client waits to be asked for it; one of HTTP/1.0 does not (RFC 9110, 10.1.1).
   */
  static boolean expectsContinue(HttpServletRequest request) {
    return "100-continue".equalsIgnoreCase(request.getHeader("Expect"))
        && !request.getProtocol().equals("HTTP/1.0")
        && request.getContentLengthLong() != 0
        && (request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null
            || !request.getProtocol().startsWith("HTTP/1"));
  }

  /** Whether fields may follow the body of the request. */
  static boolean sendsTrailers(HttpServletRequest request) {
    return request.getContentLengthLong() < 0
        && (request.getHeader("Transfer-Encoding") != null || !request.getProtocol().startsWith("HTTP/1"));
  }

  /** Over HTTP/1.1, TE is meant for us only if Connection names it (RFC 9110, 10.1.4). */
  private static boolean wantsTrailers(HttpServletRequest request, Set<String> named) {
    boolean ours = named.contains("te") || !request.getProtocol().startsWith("HTTP/1");
    return ours && namedBy(Collections.list(request.getHeaders("TE"))).contains("trailers");
  }

  /** The fields that came behind a body, without those that may not. */
  static HttpFields trailers(Map<String, String> received, ProxySettings settings, FieldRules rules) {
    HttpFields.Mutable fields = HttpFields.build();
    received.forEach(
        (name, value) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          if (trailer(lower) && !stripped(lower, settings) && !rules.drops(lower)) {
            fields.add(name, value);
          }
        });
    return fields;
  }

  /** The fields that came behind the body of an answer, those of one name joined. */
  static Map<String, String> trailers(Response answer, FieldRules rules) {
    Map<String, String> trailers = new LinkedHashMap<>();
    HttpFields received = answer.getTrailers();
    if (received != null) {
      for (HttpField field : received) {
        if (trailer(field.getLowerCaseName()) && !rules.drops(field.getName())) {
          String value = field.getValue() == null ? "" : field.getValue();
          trailers.merge(field.getName(), value, (first, next) -> first + ", " + next);
        }
      }
    }
    return trailers;
  }

  private static boolean trailer(String lower) {
    String name = lower.replace('_', '-');
    return !NO_TRAILERS.contains(name) && !perHop(name, Set.of());
  }

  /** Whether an answer has a body in chunks, behind which fields may come. */
  static boolean chunked(Response answer) {
    return "chunked".equalsIgnoreCase(answer.getHeaders().get(HttpHeader.TRANSFER_ENCODING));
  }

  /** The fields of an interim answer as the client gets them. */
  static HttpFields interim(HttpFields received, FieldRules rules) {
    HttpFields.Mutable fields = HttpFields.build();
    Set<String> named = namedBy(received.getValuesList(HttpHeader.CONNECTION));
    for (HttpField field : received) {
      String lower = field.getLowerCaseName();
      if (!perHop(lower, named) && !lower.equals("content-length") && !rules.drops(lower)) {
        fields.add(field);
      }
    }
    return fields;
  }

  /**
   * Copies status and fields of a backend's answer, values byte for byte but for how long they hold, and sets
   * what the lane sets.
   *
   * @param freshness how long the answer may be taken for fresh; null: as the backend says
   */
  static void backendToClient(
      Response answer, HttpServletResponse response, Forwarding forwarding, @Nullable Freshness freshness) {
    FieldRules rules = forwarding.rewriting().response();
    response.setStatus(answer.getStatus());
    HttpFields fields = answer.getHeaders();
    Set<String> named = namedBy(fields.getValuesList(HttpHeader.CONNECTION));
    boolean chunked = chunked(answer);
    Set<String> seen = new HashSet<>();
    boolean dated = freshness == null && !undated(answer.getStatus(), forwarding);
    for (HttpField field : fields) {
      String lower = field.getLowerCaseName();
      if (!dated && DATING.contains(lower)) {
        continue;
      }
      if (passes(lower, answer, forwarding, named) && !rules.drops(lower)
          || chunked && lower.equals("trailer") && !rules.drops(lower)) {
        put(response, seen, field.getName(), lower, field.getValue() == null ? "" : field.getValue());
      }
    }
    rules.set().forEach(response::setHeader);
    if (undated(answer.getStatus(), forwarding)) {
      response.setHeader("Cache-Control", "no-store");
    } else if (freshness != null) {
      limit(fields.getValuesList(HttpHeader.CACHE_CONTROL), fields.get(HttpHeader.EXPIRES), response, rules, freshness);
    }
    response.addHeader("Via", via(answer));
  }

  /** imgproxy says nothing of how long its errors hold, and caches would make something up. */
  private static boolean undated(int status, Forwarding forwarding) {
    return status >= HttpStatus.BAD_REQUEST_400
        && forwarding.settings().speaker() == ProxySettings.Speaker.IMGPROXY;
  }

  private static void put(
      HttpServletResponse response, Set<String> seen, String name, String lower, String value) {
    if (seen.add(lower) && !JOINED.contains(lower)) {
      response.setHeader(name, value);
    } else {
      response.addHeader(name, value);
    }
  }

  private static boolean passes(String lower, Response answer, Forwarding forwarding, Set<String> named) {
    boolean lengthOfNothing = lower.equals("content-length")
        && (answer.getStatus() < HttpStatus.OK_200 || answer.getStatus() == HttpStatus.NO_CONTENT_204);
    boolean consumed =
        forwarding.settings().imgproxyDebug() == ProxySettings.ImgproxyDebug.CONSUMED
            && IMGPROXY_DEBUG.contains(lower);
    return !lengthOfNothing && !consumed && !perHop(lower, named);
  }

  private static String via(Response answer) {
    return (answer.getVersion() == HttpVersion.HTTP_1_0 ? "1.0 " : "1.1 ") + PSEUDONYM;
  }

  /** Status and fields of a backend's answer as they can be kept: without those of the connection, and not yet rewritten. */
  static Head head(Response answer, Forwarding forwarding) {
    Set<String> named = namedBy(answer.getHeaders().getValuesList(HttpHeader.CONNECTION));
    List<Head.Field> fields = new ArrayList<>();
    boolean undated = undated(answer.getStatus(), forwarding);
    if (undated) {
      fields.add(new Head.Field("Cache-Control", "no-store"));
    }
    for (HttpField field : answer.getHeaders()) {
      if (undated && DATING.contains(field.getLowerCaseName())) {
        continue;
      }
      if (passes(field.getLowerCaseName(), answer, forwarding, named)) {
        fields.add(new Head.Field(field.getName(), field.getValue() == null ? "" : field.getValue()));
      }
    }
    fields.add(new Head.Field("Via", via(answer)));
    return new Head(answer.getStatus(), fields);
  }

  /**
   * Copies the fields of a kept answer, and sets what the lane sets. The words by which it is found are not for clients.
   *
   * @param freshness how long this client may take it for fresh; null: as it says
   */
  static void headToClient(
      Head head, HttpServletResponse response, Forwarding forwarding, @Nullable Freshness freshness) {
    FieldRules rules = forwarding.rewriting().response();
    Set<String> seen = new HashSet<>();
    for (Head.Field field : head.fields()) {
      if (freshness != null && DATING.contains(field.name().toLowerCase(Locale.ROOT))) {
        continue;
      }
      if (!rules.drops(field.name()) && !Tags.isField(field.name())) {
        put(response, seen, field.name(), field.name().toLowerCase(Locale.ROOT), field.value());
      }
    }
    rules.set().forEach(response::setHeader);
    if (undated(head.status(), forwarding)) {
      response.setHeader("Cache-Control", "no-store");
    } else if (freshness != null) {
      String control = head.joined("Cache-Control");
      limit(control == null ? List.of() : List.of(control), head.first("Expires"), response, rules, freshness);
    }
  }

  /** Limits what the lane has set, or else what the backend says and the lane lets pass. */
  private static void limit(List<String> control, @Nullable String expires, HttpServletResponse response,
      FieldRules rules, Freshness freshness) {
    response.setHeader("Cache-Control", freshness.cacheControl(
        rules.drops("cache-control") ? List.copyOf(response.getHeaders("Cache-Control")) : control));
    String said = rules.drops("expires") ? response.getHeader("Expires") : expires;
    if (said != null) {
      response.setHeader("Expires", freshness.expires(said));
    }
  }

  /**
   * How many pixels were made for an answer, as imgproxy tells; 0 when it does not, or there is no image.
   *
   * @param estimate what is taken where it does not tell of an image that it made, or that it gave up for
   *     what was found in the source: that was most of the work
   */
  static long pixels(Response answer, long estimate) {
    HttpFields fields = answer.getHeaders();
    return switch (answer.getStatus()) {
      case HttpStatus.OK_200 -> {
        long told = side(fields, "X-Result-Width") * side(fields, "X-Result-Height");
        yield told > 0 ? told : estimate;
      }
      case HttpStatus.UNPROCESSABLE_ENTITY_422 -> estimate;
      default -> 0;
    };
  }

  private static long side(HttpFields fields, String name) {
    String value = fields.get(name);
    // Nine digits, so that neither the number nor the product can overflow.
    return value != null && value.matches("[0-9]{1,9}") ? Long.parseLong(value) : 0;
  }

  private static boolean perHop(String lower, Set<String> named) {
    return HOP_BY_HOP.contains(lower) || lower.startsWith("proxy-") && !lower.equals("proxy-status")
        || named.contains(lower);
  }

  /** The name as it is compared: in lower case, with hyphens. */
  static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a field is none that a lane may change: of one connection, of the framing, or our own. */
  static boolean untouchable(String name) {
    String plain = plain(name);
    return perHop(plain, Set.of()) || FRAMING.contains(plain) || OURS.contains(plain) || plain.startsWith("proxy-")
        || plain.startsWith("x-forwarded-") || plain.startsWith("x-gatehouse-") || plain.startsWith("sec-websocket-")
        || plain.equals("via");
  }

  /** RFC 9110, 5.6.2. */
  static boolean token(String word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      boolean letter = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
      if (!letter && !(c >= '0' && c <= '9') && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !word.isEmpty();
  }

  /** Backends of the CGI kind see no difference between a hyphen and an underscore, so neither do we. */
  private static boolean stripped(String lower, ProxySettings settings) {
    String name = plain(lower);
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

  /** How often we stand in {@code Via}. */
  static int passages(HttpServletRequest request) {
    int passages = 0;
    for (String value : Collections.list(request.getHeaders("Via"))) {
      for (String hop : value.split(",")) {
        String[] words = hop.strip().split("\\s+", 3);
        passages += words.length > 1 && words[1].equals(PSEUDONYM) ? 1 : 0;
      }
    }
    return passages;
  }

  /** Whether the forwards of such a request may be counted (RFC 9110, 7.6.2). */
  static boolean counted(String method) {
    return method.equals("OPTIONS") || method.equals("TRACE");
  }

  private static String oneLess(String forwards) {
    return forwards.matches("[0-9]{1,9}") ? Integer.toString(Integer.parseInt(forwards) - 1) : forwards;
  }

  private static @Nullable String attribute(
      HttpServletRequest request, String attribute, @Nullable String otherwise) {
    return request.getAttribute(attribute) instanceof String value ? value : otherwise;
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
