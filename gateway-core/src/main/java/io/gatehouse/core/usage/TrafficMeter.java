package io.gatehouse.core.usage;

import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.event.TrafficLog;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what every caller transfers, by endpoint, and is refused, by the minute, and writes it into a {@link TrafficLog}.
 *
 * <p>Counters are kept on pages of a few minutes, each a source of its own with files of its own. A page is written as
 * absolute numbers, as often as it takes; a new one is begun every {@value #PASSES_A_PAGE} flushes, and an old one is
 * dropped when it was written and nobody has added to it for {@value #PASSES_TO_DROP} flushes, so only a thread that
 * stands still for all of these loses what it was about to add. Since a page is a source and never comes back, a clock
 * that is set back does no harm.
 *
 * <p>Bounds: at most {@value #MOST_NAMES} names (a minute, a caller, and the endpoint or what was refused) are kept apart
 * at a time, those beyond count for the caller {@link #OTHERS} and no endpoint; callers that nobody knows are one,
 * {@link #UNKNOWN}, whatever their addresses. While the log is away at most {@value #MOST_PAGES} pages are begun, and the
 * last one takes the rest.
 *
 * <p>Counting never waits for the log, and waits for the disk only when a file is full. Any number of threads.
 */
public final class TrafficMeter implements Observer, AutoCloseable {

  /** Callers that no authenticator has named. */
  public static final Subject UNKNOWN = new Subject("-", "-");

  /** Callers beyond the number that is kept apart. */
  public static final Subject OTHERS = new Subject("*", "*");

  /** How many names are kept apart: {@value}. */
  public static final int MOST_NAMES = 200_000;

  static final int PASSES_A_PAGE = 300;
  static final int PASSES_TO_DROP = 60;
  static final int MOST_PAGES = 12;

  /** How many names are kept apart, and how often an old page is flushed in vain before it is dropped. */
  record Bounds(int names, int passesToDrop) {}

  private static final Logger log = LoggerFactory.getLogger(TrafficMeter.class);

  private final CounterDirectory directory;
  private final TrafficLog traffic;
  private final Supplier<String> sources;
  private final InstantSource clock;
  private final Bounds bounds;
  private final AtomicInteger names = new AtomicInteger();

  /** Oldest first. Guarded by this. */
  private final List<Page> pages = new ArrayList<>();

  /** The last of the pages. Written under this. */
  private volatile Page current;

  /**
   * A meter, with its first page.
   *
   * @param sources gives names that were never used before
   * @param clock tells the minute; asked at the end of every request, so better a quick one ({@link CoarseClock})
   */
  public TrafficMeter(
      CounterDirectory directory, TrafficLog traffic, Supplier<String> sources, InstantSource clock) {
    this(directory, traffic, sources, clock, new Bounds(MOST_NAMES, PASSES_TO_DROP));
  }

  TrafficMeter(
      CounterDirectory directory, TrafficLog traffic, Supplier<String> sources, InstantSource clock, Bounds bounds) {
    this.bounds = bounds;
    this.directory = directory;
    this.traffic = traffic;
    this.sources = sources;
    this.clock = clock;
    this.current = page();
    pages.add(current);
  }

  @Override
  public void completed(Passage passage, Outcome outcome) {
    Subject caller = passage.subject().orElse(UNKNOWN);
    boolean error = outcome.status() >= 500 || outcome.ending() == Outcome.Ending.ABORTED;
    Counter counter = current.traffic(caller, passage.endpoint(), clock.millis());
    counter.add(0, 1);
    counter.add(1, outcome.requestBytes());
    counter.add(2, outcome.responseBytes());
    counter.add(3, error ? 1 : 0);
  }

  @Override
  public void refused(Passage passage, Refusal refusal) {
    Subject caller = passage.subject().orElse(UNKNOWN);
    current.violations(caller, refusal.reason(), refusal.rule(), clock.millis()).add(0, 1);
  }

  /**
   * Writes what has changed.
   *
   * @throws StoreException when the log cannot answer; nothing is lost, the next flush writes it
   */
  public synchronized void flush() {
    for (Page page : pages) {
      page.flush(traffic);
    }
    if (current.passes() >= PASSES_A_PAGE && !current.isEmpty() && pages.size() < MOST_PAGES) {
      Page full = current;
      current = page();
      pages.add(current);
      full.turned();
    }
    pages.removeIf(page -> page != current && dropped(page));
  }

  /** Makes what was counted survive a crash of the machine; waits for the disk. */
  public synchronized void force() {
    pages.forEach(Page::force);
  }

  /** Writes once more. What cannot be written stays in its files for the next start. */
  @Override
  public synchronized void close() {
    try {
      flush();
    } catch (StoreException e) {
      log.warn("Traffic cannot be written; the next start on {} will do it ({})", directory, e.getMessage());
    } finally {
      pages.forEach(Page::close);
      pages.clear();
    }
  }

  private Page page() {
    return new Page(new CounterFiles(directory, sources.get()), names, bounds.names());
  }

  private boolean dropped(Page page) {
    boolean over = page.idlePasses() >= bounds.passesToDrop();
    if (over) {
      page.close();
    }
    return over;
  }
}
