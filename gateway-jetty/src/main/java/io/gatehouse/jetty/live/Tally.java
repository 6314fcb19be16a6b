package io.gatehouse.jetty.live;

import io.gatehouse.Outcome;
import io.gatehouse.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What happens while somebody looks. Any number of threads may count; one thread reads.
 *
 * <p>All but the users are counted without ever being set back, so that nothing falls between two readings. Users are
 * counted anew after each reading, because there may be many; there, a request that ends at that very moment may be lost.
 */
final class Tally {

  /** How many refusals wait to be told one by one; more are only counted: {@value}. */
  static final int MOST_WAITING = 50;

  /** How many users are told apart between two readings; the rest is not listed. */
  private static final int MOST_USERS = 2_000;

  final LongAdder completed = new LongAdder();
  final LongAdder errors = new LongAdder();
  final LongAdder wouldRefuse = new LongAdder();
  final LongAdder leftOut = new LongAdder();
  final Durations durations = new Durations();

  private final Map<Refusal.Reason, LongAdder> refused = new EnumMap<>(Refusal.Reason.class);
  private final ArrayBlockingQueue<Refused> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private volatile Map<String, Traffic> users = new ConcurrentHashMap<>();

  Tally() {
    for (Refusal.Reason reason : Refusal.Reason.values()) {
      refused.put(reason, new LongAdder());
    }
  }

  /** What a user did since the reading before. */
  record Row(String user, long requests, long refused) {}

  private record Traffic(LongAdder requests, LongAdder refused) {}

  void completed(String user, Outcome outcome) {
    completed.increment();
    if (outcome.status() >= 500 || outcome.ending() == Outcome.Ending.ABORTED) {
      errors.increment();
    }
    durations.add(outcome.elapsed());
    count(user, false);
  }

  void refused(Refused refusal) {
    refused.get(refusal.reason()).increment();
    count(refusal.user(), true);
    if (!waiting.offer(refusal)) {
      leftOut.increment();
    }
  }

  private void count(String user, boolean refused) {
    Map<String, Traffic> current = users;
    if (user.isEmpty() || current.size() >= MOST_USERS && !current.containsKey(user)) {
      return;
    }
    Traffic traffic = current.computeIfAbsent(user, name -> new Traffic(new LongAdder(), new LongAdder()));
    traffic.requests().increment();
    if (refused) {
      traffic.refused().increment();
    }
  }

  /** How often each reason refused so far. */
  Map<Refusal.Reason, Long> refusals() {
    Map<Refusal.Reason, Long> all = new EnumMap<>(Refusal.Reason.class);
    refused.forEach((reason, count) -> all.put(reason, count.sum()));
    return all;
  }

  /** The next refusals to tell, and no longer waiting. */
  List<Refused> next(int most) {
    List<Refused> next = new ArrayList<>(most);
    waiting.drainTo(next, most);
    return next;
  }

  /** Those who asked most often since this was called last, the first first. */
  List<Row> busiest(int most) {
    Map<String, Traffic> past = users;
    users = new ConcurrentHashMap<>();
    return past.entrySet().stream()
        .map(each -> new Row(each.getKey(), each.getValue().requests().sum(), each.getValue().refused().sum()))
        .sorted(Comparator.comparingLong(Row::requests).reversed().thenComparing(Row::user))
        .limit(most)
        .toList();
  }
}
