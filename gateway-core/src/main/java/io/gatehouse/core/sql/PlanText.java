package io.gatehouse.core.sql;

import io.gatehouse.Enforcement;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The parts of a plan as its row holds them, one thing a line (V018). Reading throws {@link RuntimeException} at what this
 * version cannot read.
 */
final class PlanText {

  private static final Comparator<Quota> IN_ORDER =
      Comparator.comparing(Quota::meter).thenComparing(Quota::window).thenComparing(Quota::enforcement);

  private static final String NO_CAP = "-";

  private PlanText() {}

  static String ofLimits(List<Limit> limits) {
    return lines(limits.stream()
        .sorted(SqlLimitPolicy.IN_ORDER)
        .map(limit -> String.join(
            " ",
            limit.algorithm().name(),
            limit.enforcement().name(),
            Long.toString(limit.permits()),
            limit.period().toString(),
            Long.toString(limit.burst())))
        .toList());
  }

  static List<Limit> limits(String text) {
    return lines(text).stream()
        .map(line -> words(line, 5))
        .map(words -> new Limit(
            Long.parseLong(words[2]),
            Duration.parse(words[3]),
            Long.parseLong(words[4]),
            Algorithm.valueOf(words[0]),
            Enforcement.valueOf(words[1])))
        .toList();
  }

  static String ofQuotas(List<Quota> quotas) {
    return lines(quotas.stream()
        .sorted(IN_ORDER)
        .map(quota -> String.join(
            " ",
            quota.meter().name(),
            quota.window().name(),
            quota.enforcement().name(),
            Long.toString(quota.most()),
            quota.beyond().name(),
            quota.cap() == Quota.UNCAPPED ? NO_CAP : Long.toString(quota.cap())))
        .toList());
  }

  static List<Quota> quotas(String text) {
    return lines(text).stream()
        .map(line -> words(line, 6))
        .map(words -> new Quota(
            Meter.valueOf(words[0]),
            Window.valueOf(words[1]),
            Long.parseLong(words[3]),
            Beyond.valueOf(words[4]),
            words[5].equals(NO_CAP) ? Quota.UNCAPPED : Long.parseLong(words[5]),
            Enforcement.valueOf(words[2])))
        .toList();
  }

  static String ofScopes(Set<String> scopes) {
    return lines(scopes.stream().sorted().toList());
  }

  static Set<String> scopes(String text) {
    return Set.copyOf(lines(text));
  }

  static String ofOptions(Map<String, String> options) {
    return lines(new TreeMap<>(options).entrySet().stream()
        .map(option -> option.getKey() + " " + option.getValue())
        .toList());
  }

  static Map<String, String> options(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String line : lines(text)) {
      int space = line.indexOf(' ');
      options.put(line.substring(0, space), line.substring(space + 1));
    }
    return options;
  }

  private static String lines(List<String> lines) {
    return String.join("\n", lines);
  }

  private static List<String> lines(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split("\n", -1));
  }

  private static String[] words(String line, int count) {
    String[] words = line.split(" ", -1);
    if (words.length != count) {
      throw new IllegalArgumentException("plans: \"" + line + "\" (expected: " + count + " words)");
    }
    return words;
  }
}
