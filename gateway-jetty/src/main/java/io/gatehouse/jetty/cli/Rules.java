package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How limits and quotas are written on the command line, as the documents that the API judges. */
final class Rules {

  /** What may stand behind a limit or quota, after a comma. */
  private static final Pattern OPTION = Pattern.compile("(shadow)|([a-z]+)=([0-9A-Za-z_.-]+)");

  private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,16})([kKMGT]i?B)?");

  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L, "KB", 1_000L, "MB", 1_000_000L, "GB", 1_000_000_000L, "TB", 1_000_000_000_000L,
          "KIB", 1L << 10, "MIB", 1L << 20, "GIB", 1L << 30, "TIB", 1L << 40);

  private Rules() {}

  private static final Pattern LIMIT = Pattern.compile("([0-9]{1,16})(/([0-9A-Za-z.]+))?");

  private static final Pattern QUOTA = Pattern.compile("([a-z-]+)/([a-z]+)=([0-9A-Za-z]+)");

  /**
   * A list of limits: {@code 600/1m}, {@code 10/1s,burst=50}, {@code 8,algorithm=concurrency}, {@code 600/1m,shadow}.
   *
   * @throws IllegalArgumentException when one of them is none
   */
  static ArrayNode limits(List<String> texts) {
    ArrayNode limits = Answers.json().arrayNode();
    texts.forEach(text -> limits.add(limit(text)));
    return limits;
  }

  private static ObjectNode limit(String text) {
    IllegalArgumentException wrong = new IllegalArgumentException(
        "\"" + text + "\" is no limit (expected: such as 600/1m, 10/1s,burst=50, 600/1m,algorithm=sliding-window,"
            + " 8,algorithm=concurrency or 600/1m,shadow)");
    String[] parts = text.split(",", -1);
    Matcher head = LIMIT.matcher(parts[0]);
    if (!head.matches()) {
      throw wrong;
    }
    ObjectNode limit = Answers.json().put("permits", Long.parseLong(head.group(1)));
    if (head.group(3) != null) {
      limit.put("period", head.group(3));
    }
    options(parts, limit, List.of("burst"), List.of("algorithm"), wrong);
    return limit;
  }

  /**
   * A list of quotas: {@code requests/day=100000}, {@code bytes/month=1TiB,beyond=overage,cap=2TiB}.
   *
   * @throws IllegalArgumentException when one of them is none
   */
  static ArrayNode quotas(List<String> texts) {
    ArrayNode quotas = Answers.json().arrayNode();
    texts.forEach(text -> quotas.add(quota(text)));
    return quotas;
  }

  private static ObjectNode quota(String text) {
    IllegalArgumentException wrong = new IllegalArgumentException(
        "\"" + text + "\" is no quota (expected: such as requests/day=100000, bytes/month=1TiB,"
            + " bytes/month=1TiB,beyond=overage,cap=2TiB or requests/day=100000,shadow)");
    String[] parts = text.split(",", -1);
    Matcher head = QUOTA.matcher(parts[0]);
    if (!head.matches()) {
      throw wrong;
    }
    ObjectNode quota = Answers.json().put("meter", head.group(1)).put("window", head.group(2));
    quota.put("most", amount(head.group(3), wrong));
    options(parts, quota, List.of("cap"), List.of("beyond"), wrong);
    return quota;
  }

  private static void options(
      String[] parts, ObjectNode rule, List<String> amounts, List<String> texts, IllegalArgumentException wrong) {
    for (int i = 1; i < parts.length; i++) {
      Matcher option = OPTION.matcher(parts[i]);
      if (!option.matches()) {
        throw wrong;
      }
      String name = option.group(2);
      if (name == null) {
        rule.put("shadow", true);
      } else if (amounts.contains(name)) {
        rule.put(name, amount(option.group(3), wrong));
      } else if (texts.contains(name)) {
        rule.put(name, option.group(3));
      } else {
        throw wrong;
      }
    }
  }

  private static long amount(String text, IllegalArgumentException wrong) {
    Matcher amount = AMOUNT.matcher(text);
    if (!amount.matches()) {
      throw wrong;
    }
    long unit = UNITS.get(amount.group(2) == null ? "" : amount.group(2).toUpperCase(Locale.ROOT));
    try {
      return new BigDecimal(amount.group(1)).multiply(BigDecimal.valueOf(unit)).longValueExact();
    } catch (ArithmeticException e) {
      throw wrong;
    }
  }
}
