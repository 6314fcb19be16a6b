package io.gatehouse.jetty.filter;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Enumeration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Gives every request an id and a trace, answers with both, and leaves them in the attributes {@value #REQUEST_ID},
 * {@value #TRACEPARENT} and {@value #TRACE_ID} for logs and for what is behind. An id that the client sent is kept when
 * it has 1 to 64 letters, digits, dashes or underscores, which imgproxy accepts as well; another one is replaced.
 */
public final class CorrelationFilter extends HttpFilter {

  /** Attribute: {@value}. */
  public static final String REQUEST_ID = "io.gatehouse.requestId";

  /** Attribute: {@value}. */
  public static final String TRACEPARENT = "io.gatehouse.traceparent";

  /** Attribute: {@value}. */
  public static final String TRACE_ID = "io.gatehouse.traceId";

  private static final long serialVersionUID = 1L;
  private static final int LONGEST_ID = 64;
  private static final char[] DIGITS = "0123456789abcdefghijklmnopqrstuv".toCharArray();

  @Override
  protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String sent = request.getHeader("X-Request-Id");
    String id = acceptable(sent) ? sent : newId();
    TraceContext trace = TraceContext.of(single(request.getHeaders("traceparent")));
    request.setAttribute(REQUEST_ID, id);
    request.setAttribute(TRACEPARENT, trace.traceparent());
    request.setAttribute(TRACE_ID, trace.traceId());
    response.setHeader("X-Request-Id", id);
    response.setHeader("traceresponse", trace.traceparent());
    chain.doFilter(request, response);
  }

  /** More than one traceparent is as good as none (W3C Trace Context, 4.3). */
  private static @Nullable String single(Enumeration<String> values) {
    String first = values.hasMoreElements() ? values.nextElement() : null;
    return values.hasMoreElements() ? null : first;
  }

  private static boolean acceptable(@Nullable String id) {
    if (id == null || id.isEmpty() || id.length() > LONGEST_ID) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
      if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
        return false;
      }
    }
    return true;
  }

  private static String newId() {
    char[] id = new char[20];
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long bits = random.nextLong();
    long more = random.nextLong();
    for (int i = 0; i < id.length; i++) {
      long from = i < 10 ? bits : more;
      id[i] = DIGITS[(int) (from >>> (i % 10 * 5)) & 31];
    }
    return new String(id);
  }
}
