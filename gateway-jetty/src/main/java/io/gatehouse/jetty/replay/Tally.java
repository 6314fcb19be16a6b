package io.gatehouse.jetty.replay;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Adds up what was decided. Requests come in the order of their time. For one thread. */
final class Tally {

  /** Callers beyond this number are one, {@value #OTHERS}. */
  private static final int MOST_CALLERS = 100_000;

  private static final String OTHERS = "*";

  /** What refused: the kind, and the rule that bound or nothing. */
  record Rule(String reason, String rule) {}

  private static final class OfCaller {
    private long requests;
    private long refused;
    private long refusedThen;
  }

  private static final class OfMinute {
    private final Instant start;
    private final Map<String, Long> byRule = new TreeMap<>();
    private long requests;
    private long refused;

    OfMinute(Instant start) {
      this.start = start;
    }
  }

  private final Map<Rule, Long> refusals = new HashMap<>();
  private final TreeMap<String, Long> shadows = new TreeMap<>();
  private final Map<String, OfCaller> callers = new HashMap<>();
  private final long[] statuses = new long[600];
  private @Nullable OfMinute minute;
  private @Nullable OfMinute worst;
  private @Nullable Instant first;
  private @Nullable Instant last;
  private long requests;
  private long refused;
  private long refusedThen;
  private long newlyRefused;
  private long newlyPassed;
  private long outOfOrder;

  boolean begun() {
    return first != null;
  }

  /**
   * Adds a request.
   *
   * @param rule what refuses it now; null when nothing does
   */
  void add(Entry entry, boolean late, String caller, @Nullable Rule rule) {
    Instant begin = entry.begin();
    first = first == null || begin.isBefore(first) ? begin : first;
    last = last == null || begin.isAfter(last) ? begin : last;
    requests++;
    outOfOrder += late ? 1 : 0;
    statuses[entry.status()]++;
    boolean then = entry.wasRefused();
    boolean now = rule != null;
    refusedThen += then ? 1 : 0;
    newlyPassed += then && !now ? 1 : 0;
    newlyRefused += !then && now ? 1 : 0;
    OfCaller of = callers.size() < MOST_CALLERS || callers.containsKey(caller)
        ? callers.computeIfAbsent(caller, any -> new OfCaller())
        : callers.computeIfAbsent(OTHERS, any -> new OfCaller());
    of.requests++;
    of.refusedThen += then ? 1 : 0;
    OfMinute running = minuteOf(begin);
    running.requests++;
    if (rule != null) {
      refused++;
      of.refused++;
      running.refused++;
      running.byRule.merge(rule.rule().isEmpty() ? rule.reason() : rule.rule(), 1L, Long::sum);
      refusals.merge(rule, 1L, Long::sum);
    }
  }

  /** A request that passed would have been refused by a rule in the shadow. */
  void shadow(String rule) {
    shadows.merge(rule, 1L, Long::sum);
  }

  /** A request that comes too late counts for the minute that is running. */
  private OfMinute minuteOf(Instant moment) {
    Instant start = moment.truncatedTo(ChronoUnit.MINUTES);
    OfMinute running = minute;
    if (running == null || start.isAfter(running.start)) {
      worst = worse(worst, running);
      running = new OfMinute(start);
      minute = running;
    }
    return running;
  }

  /** The first of two minutes with as many refusals. */
  private static @Nullable OfMinute worse(@Nullable OfMinute before, @Nullable OfMinute next) {
    boolean more = next != null && next.refused > (before == null ? 0 : before.refused);
    return more ? next : before;
  }

  /**
   * What it comes to.
   *
   * @param most how many callers are told of
   * @param names how people call a user
   */
  ReplayReport report(
      boolean complete,
      Duration took,
      ReplayReport.Lines lines,
      int most,
      Function<String, Optional<String>> names) {
    TreeMap<Integer, Long> answered = new TreeMap<>();
    for (int status = 0; status < statuses.length; status++) {
      if (statuses[status] > 0) {
        answered.put(status, statuses[status]);
      }
    }
    List<ReplayReport.Refusals> byRule =
        refusals.entrySet().stream()
            .map(each -> new ReplayReport.Refusals(each.getKey().reason(), each.getKey().rule(), each.getValue()))
            .sorted(
                Comparator.comparingLong(ReplayReport.Refusals::count)
                    .reversed()
                    .thenComparing(ReplayReport.Refusals::reason)
                    .thenComparing(ReplayReport.Refusals::rule))
            .toList();
    OfMinute busiest = worse(worst, minute);
    return new ReplayReport(
        complete,
        Optional.ofNullable(first),
        Optional.ofNullable(last),
        took,
        lines,
        requests,
        refused,
        refusedThen,
        newlyRefused,
        newlyPassed,
        outOfOrder,
        byRule,
        new TreeMap<>(shadows),
        users(most, names),
        Optional.ofNullable(busiest)
            .map(of -> new ReplayReport.Minute(of.start, of.requests, of.refused, Map.copyOf(of.byRule))),
        answered);
  }

  private List<ReplayReport.Caller> users(int most, Function<String, Optional<String>> names) {
    return callers.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<String, OfCaller>>comparingLong(each -> each.getValue().refused)
                .thenComparingLong(each -> each.getValue().requests)
                .reversed()
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .map(
            each ->
                new ReplayReport.Caller(
                    each.getKey(),
                    names.apply(each.getKey()).orElse(""),
                    each.getValue().requests,
                    each.getValue().refused,
                    each.getValue().refusedThen))
        .toList();
  }
}
