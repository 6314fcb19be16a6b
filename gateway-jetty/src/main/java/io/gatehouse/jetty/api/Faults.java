package io.gatehouse.jetty.api;

import io.gatehouse.jetty.problem.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What is wrong with the input of one request, field by field, to be said at once. For one thread. */
public final class Faults {

  /** So many are listed; an answer must not outgrow the request. */
  private static final int MOST_LISTED = 50;

  private static final int LONGEST_SHOWN = 80;
  private static final Pattern CREDENTIALS = Pattern.compile("//[^/@]*@");

  private final List<Map<String, String>> listed = new ArrayList<>();
  private int count;

  /** Adds that a field is wrong: {@code weight}, {@code limits[1].period}; empty: the whole document. */
  public void add(String field, String detail) {
    count++;
    if (listed.size() < MOST_LISTED) {
      Map<String, String> fault = new LinkedHashMap<>();
      fault.put("field", field);
      fault.put("detail", detail);
      listed.add(fault);
    }
  }

  /** Does nothing when nothing is wrong, and otherwise ends the request. */
  public void check() {
    if (count > 0) {
      throw problem();
    }
  }

  /** All that is wrong, as an answer. */
  public ProblemException problem() {
    String detail = count == 1 ? "One thing is wrong." : count + " things are wrong.";
    String more = count > listed.size() ? " The first " + listed.size() + " are listed." : "";
    return new ProblemException(
        Problem.of(400, "invalid-input", "Invalid input", detail + more).with("errors", List.copyOf(listed)));
  }

  /** What is wrong, each as a line {@code field: detail}. */
  public List<String> lines() {
    return listed.stream()
        .map(fault -> fault.get("field").isEmpty() ? fault.get("detail") : fault.get("field") + ": " + fault.get("detail"))
        .toList();
  }

  /** A text as it may stand in a message: on one line, not too long, without the password of an address. */
  public static String shown(String text) {
    String begin = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text;
    return CREDENTIALS.matcher(begin).replaceAll("//***@").replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
  }
}
