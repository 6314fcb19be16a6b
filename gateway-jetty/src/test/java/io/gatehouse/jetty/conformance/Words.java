package io.gatehouse.jetty.conformance;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words in braces of a {@link Transcript}: each stands for whole lines that many cases have in common. */
final class Words {

  private static final String IDS = "X-Request-Id: {id}\r\ntraceparent: {id}\r\n";
  private static final String GATEWAY = "Date: {date}\r\nX-Request-Id: {id}\r\ntraceresponse: {id}\r\n";
  private static final String VIA = "Via: 1.1 gatehouse\r\n";

  /** What is sent. */
  private static final Map<String, String> SAID = new LinkedHashMap<>();

  /** What is seen. */
  private static final Map<String, String> SEEN = new LinkedHashMap<>();

  static {
    SAID.put("{ok}", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    // Fields that the gateway adds to a request, behind those of a client that wrote "Host: a".
    SEEN.put("{added}", "X-Forwarded-Host: a\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n" + VIA + IDS);
    SEEN.put("{ids}", IDS);
    SEEN.put("{host}", "Host: 127.0.0.1:{port}\r\n");
    // Fields that the gateway puts before those of the backend.
    SEEN.put("{gateway}", GATEWAY);
    SEEN.put("{ok 1.0}", "HTTP/1.1 200 OK\r\n" + GATEWAY + VIA + "Content-Length: 2\r\n\r\nok");
    SEEN.put("{ok}", "HTTP/1.1 200 OK\r\n" + GATEWAY + VIA + "Content-Length: 2\r\n\r\nok");
  }

  /** Unknown bytes within a line. */
  private static final Pattern UNKNOWN = Pattern.compile("\\{(id|date|port|framing|any)}");

  private Words() {}

  static String said(String text) {
    return replaced(text, SAID);
  }

  /** Words for unknown bytes stay. */
  static String seen(String text) {
    return replaced(text, SEEN);
  }

  /** Whether these are the bytes that must be seen. */
  static boolean match(String expected, String actual) {
    StringBuilder regex = new StringBuilder();
    Matcher unknown = UNKNOWN.matcher(expected);
    int at = 0;
    while (unknown.find()) {
      regex.append(Pattern.quote(expected.substring(at, unknown.start())));
      regex.append(
          switch (unknown.group(1)) {
            case "id" -> "[0-9A-Za-z_-]+";
            case "date" -> "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT";
            case "port" -> "[0-9]+";
            // An answer that is whole before its head went out gets a length instead of chunks.
            case "framing" -> "(?:Content-Length: [0-9]+|Transfer-Encoding: chunked)";
            default -> "[^\r\n]*";
          });
      at = unknown.end();
    }
    regex.append(Pattern.quote(expected.substring(at)));
    return Pattern.matches(regex.toString(), actual);
  }

  private static String replaced(String text, Map<String, String> words) {
    String result = text;
    for (Map.Entry<String, String> word : words.entrySet()) {
      result = result.replace(word.getKey() + "\r\n", word.getValue());
    }
    return result;
  }
}
