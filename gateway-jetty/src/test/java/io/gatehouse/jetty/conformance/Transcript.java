package io.gatehouse.jetty.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is said on both sides of the gateway in one case, in order. Read from files of this form:
 *
 * <pre>
 * ## RFC 9110, 7.6.1: a field that Connection names stays on the connection
 * A remark for the page, if one is needed.
 * c&gt; GET /a HTTP/1.1       the client sends a line, which ends in CR LF
 * b&lt; GET /a HTTP/1.1       the backend sees it
 * b&gt; HTTP/1.1 200 OK       the backend sends
 * c&lt; HTTP/1.1 200 OK       the client sees
 * c: open                  something is done or looked at: see {@link Step}
 * </pre>
 *
 * <p>Lines of the same kind in a row are one step. In a line {@code \r \n \t \\} and {@code \xHH} stand for bytes, a
 * backslash at its end for no line end at all, and {@code \*1000(x)} for a thousand times x. Names in braces are
 * replaced as {@link Words} says; {@code {chunked}} stands for a body in chunks, wherever they were cut, with its
 * trailers on the lines below, and {@code {chunk}} for some of it without the last chunk.
 *
 * @param section the RFC and the section that the case shows
 * @param name what must be true, in a sentence
 * @param remark why it is so, where the RFC leaves a choice; empty when there is nothing to say
 */
record Transcript(String section, String name, String remark, List<Step> steps) {

  private static final Pattern TITLE = Pattern.compile("## (RFC \\d+(?:, [0-9A-Z.]+)?): (.+)");
  private static final Pattern LINE = Pattern.compile("([cb][<>:])(?: (.*))?");
  private static final Pattern REPEATED = Pattern.compile("\\\\\\*(\\d+)\\(([^)]*)\\)");
  private static final Pattern HEX = Pattern.compile("\\\\x([0-9A-Fa-f]{2})");

  /**
   * A step of a conversation.
   *
   * @param text what is sent or must be seen, or the name of a deed. What must be true: {@code c: open} (the
   *     connection takes another request), {@code c: closed}, {@code c: cut} (it ends, and no last chunk says that
   *     all was there), {@code c: reset} (it ends so that nobody can take it for the end of an answer),
   *     {@code b: closed}, {@code b: cut} (the backend's ends, and the request is not whole). What is done:
   *     {@code c: new} (another client connects), {@code c: leave} (the client closes), {@code b: close},
   *     {@code b: reset}
   */
  record Step(Kind kind, String text) {}

  /** Who does what; the code is how lines begin. */
  enum Kind {
    CLIENT_SENDS("c>"),
    CLIENT_SEES("c<"),
    CLIENT_DOES("c:"),
    BACKEND_SENDS("b>"),
    BACKEND_SEES("b<"),
    BACKEND_DOES("b:");

    private final String code;

    Kind(String code) {
      this.code = code;
    }

    private static Kind of(String code) {
      for (Kind kind : values()) {
        if (kind.code.equals(code)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("line: " + code + " (expected: c> c< c: b> b< b:)");
    }
  }

  /** The cases of a file among the test resources, in their order. */
  static List<Transcript> read(String file) throws IOException {
    try (InputStream in = Objects.requireNonNull(Transcript.class.getResourceAsStream("/conformance/" + file), file)) {
      return parse(file, new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    }
  }

  private static List<Transcript> parse(String file, String text) {
    List<Transcript> cases = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n")) {
      number++;
      Matcher title = TITLE.matcher(line);
      Matcher step = LINE.matcher(line);
      if (title.matches()) {
        cases.add(new Transcript(title.group(1), title.group(2), "", new ArrayList<>()));
      } else if (step.matches()) {
        last(cases).add(Kind.of(step.group(1)), step.group(2) == null ? "" : step.group(2));
      } else if (!line.isBlank() && !line.startsWith("# ")) {
        if (line.startsWith("#") || cases.isEmpty() || !last(cases).steps.isEmpty()) {
          throw new IllegalArgumentException(file + ", line " + number + ": " + line);
        }
        Transcript before = cases.remove(cases.size() - 1);
        String remark = before.remark.isEmpty() ? line : before.remark + ' ' + line;
        cases.add(new Transcript(before.section, before.name, remark, before.steps));
      }
    }
    return cases;
  }

  private static Transcript last(List<Transcript> cases) {
    return cases.get(cases.size() - 1);
  }

  private void add(Kind kind, String line) {
    Step before = steps.isEmpty() ? null : steps.get(steps.size() - 1);
    boolean deed = kind == Kind.CLIENT_DOES || kind == Kind.BACKEND_DOES;
    String text = deed ? line : bytes(line);
    if (!deed && before != null && before.kind == kind) {
      steps.set(steps.size() - 1, new Step(kind, before.text + text));
    } else {
      steps.add(new Step(kind, text));
    }
  }

  private static String bytes(String line) {
    boolean open = line.endsWith("\\") && !line.endsWith("\\\\");
    String content = open ? line.substring(0, line.length() - 1) : line;
    content = REPEATED.matcher(content).replaceAll(
        again -> Matcher.quoteReplacement(again.group(2).repeat(Integer.parseInt(again.group(1)))));
    content = content.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
    content = HEX.matcher(content).replaceAll(
        hex -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(hex.group(1), 16))));
    content = content.replace("\\\\", "\\");
    return open ? content : content + "\r\n";
  }
}
