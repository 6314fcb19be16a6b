package io.gatehouse.jetty.filter;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The {@code traceparent} of a request (W3C Trace Context). A valid one is passed on as it came, because the gateway
 * exports no spans that could stand between; an absent or malformed one is replaced by a new trace, as the specification
 * says.
 *
 * @param traceparent the field to send on
 */
record TraceContext(String traceparent) {

  private static final int LENGTH = 55;

  static TraceContext of(@Nullable String received) {
    return received != null && valid(received) ? new TraceContext(received) : begin();
  }

  String traceId() {
    return traceparent.substring(3, 35);
  }

  private static TraceContext begin() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    // An id of all zeros is invalid; a random long is made odd rather than drawn again.
    HexFormat hex = HexFormat.of();
    StringBuilder text = new StringBuilder(LENGTH).append("00-");
    text.append(hex.toHexDigits(random.nextLong() | 1)).append(hex.toHexDigits(random.nextLong())).append('-');
    text.append(hex.toHexDigits(random.nextLong() | 1)).append("-01");
    return new TraceContext(text.toString());
  }

  /** version "-" trace-id "-" parent-id "-" flags, lower-case hex; a version above 00 may go on after a dash. */
  private static boolean valid(String text) {
    if (text.length() < LENGTH || text.charAt(2) != '-' || text.charAt(35) != '-' || text.charAt(52) != '-') {
      return false;
    }
    boolean hex = hex(text, 0, 2) && hex(text, 3, 35) && hex(text, 36, 52) && hex(text, 53, 55);
    boolean first = text.startsWith("00");
    boolean ended = first ? text.length() == LENGTH : text.length() == LENGTH || text.charAt(LENGTH) == '-';
    return hex && ended && !text.startsWith("ff") && !zeros(text, 3, 35) && !zeros(text, 36, 52);
  }

  private static boolean hex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean zeros(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
