package io.gatehouse.jetty.replay;

import io.gatehouse.Admission;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.core.setup.Rehearsal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides the requests of access logs by another plan, at the time of the log: a request is decided when it began, and is
 * over when it was over. Memory is bounded, whatever the length of the logs.
 *
 * <p>Who called is known from Gatehouse's own lines. A line that does not say who called stands for a caller of its own
 * for each address; but requests that were admitted without a key stay so, if the settings admit such. What was refused
 * for another reason than limits and quotas stays refused, and only the limit of its address is asked. What was refused
 * then and passes now counts without a body, since nobody knows its answer.
 *
 * <p>{@link #run} is for one thread; the others may be called by any.
 */
public final class Replay implements AutoCloseable {

  /** How many admitted requests are under way at the most; beyond, those that end first end early. */
  private static final int MOST_UNDER_WAY = 100_000;

  private record UnderWay(Instant end, Admission.Admitted admitted, Entry entry) {
    void complete() {
      admitted.complete(entry.outcome());
    }
  }

  private final LogReader reader;
  private final Rehearsal rehearsal;
  private final boolean anonymousAdmitted;
  private final Tally tally = new Tally();
  private final PriorityQueue<UnderWay> underWay = new PriorityQueue<>(Comparator.comparing(UnderWay::end));
  private volatile boolean stopped;

  /**
   * Opens the logs.
   *
   * @param files plain, or compressed if their names end in {@code .gz}
   * @param reserved which paths the gateway answers itself
   * @param anonymousAdmitted whether requests without a key pass
   * @throws IOException when a file cannot be read
   */
  public Replay(List<Path> files, Rehearsal rehearsal, Predicate<String> reserved, boolean anonymousAdmitted)
      throws IOException {
    this.rehearsal = rehearsal;
    this.anonymousAdmitted = anonymousAdmitted;
    this.reader =
        new LogReader(
            files,
            entry ->
                !entry.forwarded()
                    && entry.caller().isEmpty()
                    && entry.refused().isEmpty()
                    && reserved.test(entry.path()));
  }

  /**
   * Decides everything, or until {@link #stop} is called.
   *
   * @param most how many users are told of
   * @throws IOException when a file cannot be read any more
   * @throws io.gatehouse.StoreException when the database cannot say what a user may
   */
  public ReplayReport run(int most) throws IOException {
    long began = System.nanoTime();
    for (Entry entry = reader.next(); entry != null && !stopped; entry = reader.next()) {
      decide(entry);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    return tally.report(!stopped, took, reader.lines(), most, rehearsal::nameOf);
  }

  private void decide(Entry entry) {
    Instant begin = entry.begin();
    endThoseBefore(begin);
    boolean late = tally.begun() && begin.isBefore(rehearsal.now());
    rehearsal.moveTo(begin);
    Admission admission = admission(entry);
    if (admission instanceof Admission.Admitted admitted) {
      admitted.shadowRefusals().forEach(shadow -> tally.shadow(shadow.rule()));
      if (underWay.size() >= MOST_UNDER_WAY) {
        underWay.remove().complete();
      }
      underWay.add(new UnderWay(entry.end(), admitted, entry));
    }
    tally.add(entry, late, caller(entry), refusal(entry, admission));
  }

  private void endThoseBefore(Instant moment) {
    while (!underWay.isEmpty() && !underWay.element().end().isAfter(moment)) {
      UnderWay over = underWay.remove();
      rehearsal.moveTo(over.end());
      over.complete();
    }
  }

  private Admission admission(Entry entry) {
    if (entry.stopped()) {
      return rehearsal.admitNobody(entry);
    }
    if (entry.caller().isPresent()) {
      return rehearsal.admit(entry, entry.caller().get());
    }
    return entry.own() && anonymousAdmitted && !entry.limited()
        ? rehearsal.admitNobody(entry)
        : rehearsal.admitAddress(entry);
  }

  private static String caller(Entry entry) {
    return entry.caller().map(Subject::user).orElseGet(() -> "address:" + entry.clientAddress().getHostAddress());
  }

  /** What refuses it now; null when nothing does. */
  private static Tally.@Nullable Rule refusal(Entry entry, Admission admission) {
    if (admission instanceof Admission.Refused refused) {
      Refusal refusal = refused.refusal();
      return new Tally.Rule(refusal.reason().name().toLowerCase(Locale.ROOT), refusal.rule());
    }
    if (entry.stopped()) {
      return new Tally.Rule(entry.refused().isEmpty() ? "status_" + entry.status() : entry.refused(), "");
    }
    return null;
  }

  /** Ends {@link #run} after the request that it is at; its report then says so. */
  public void stop() {
    stopped = true;
  }

  /** How many bytes all files have, as they are on the disk. */
  public long bytes() {
    return reader.bytes();
  }

  /** How many of them were read. */
  public long bytesRead() {
    return reader.bytesRead();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
