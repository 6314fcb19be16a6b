package io.gatehouse.core.setup;

import io.gatehouse.core.settings.Changes;
import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.settings.SettingsSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of a running gateway, and how they are read again: all of them as at the start, and nothing changes unless
 * all are sound. What only a restart can change stays as it runs, and is named.
 *
 * <p>Any number of threads; one reload at a time.
 */
public final class Configuration {

  private static final Logger log = LoggerFactory.getLogger(Configuration.class);

  private final SettingsSource source;
  private final Consumer<Settings> check;
  private final Consumer<Settings> apply;
  private final InstantSource clock;
  private volatile State state;

  /**
   * How the settings stand.
   *
   * @param inForce those by which the gateway runs
   * @param lastRead how those that were last read and found sound differ from what was in force before; what is to wait
   *     for a restart waits still
   * @param loadedAt when those that are in force were read, or found to be the same
   * @param successful whether the last attempt to read them has succeeded
   */
  public record State(Effective inForce, Changes lastRead, Instant loadedAt, boolean successful) {}

  /**
   * The configuration of a gateway that has started.
   *
   * @param started what it was started with
   * @param check throws a {@link SettingsException} when a file that settings name is of no use
   * @param apply puts settings in force; those that only a restart can change are as they were
   */
  public Configuration(
      SettingsSource source,
      Effective started,
      Consumer<Settings> check,
      Consumer<Settings> apply,
      InstantSource clock) {
    this.source = Objects.requireNonNull(source, "source");
    this.check = Objects.requireNonNull(check, "check");
    this.apply = Objects.requireNonNull(apply, "apply");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.state = new State(started, Changes.between(started, started), clock.instant(), true);
  }

  public SettingsSource source() {
    return source;
  }

  public State state() {
    return state;
  }

  /**
   * Reads the settings again and puts them in force. Blocks for the files, and as {@link Gatehouse#become} does.
   *
   * @param occasion why, for the log: {@code SIGHUP}
   * @return what has changed, and what waits for a restart
   * @throws SettingsException with all that is wrong; then nothing has changed
   */
  public synchronized Changes reload(String occasion) {
    State before = state;
    try {
      Effective read = source.read();
      check.accept(read.settings());
      Effective next = read.within(before.inForce());
      Changes changes = Changes.between(before.inForce(), read);
      apply.accept(next.settings());
      state = new State(next, changes, clock.instant(), true);
      tell(occasion, changes);
      return changes;
    } catch (RuntimeException e) {
      state = new State(before.inForce(), before.lastRead(), before.loadedAt(), false);
      throw e;
    }
  }

  /** The same for those who cannot tell anybody: what is wrong goes to the log. */
  public void tryReload(String occasion) {
    try {
      reload(occasion);
    } catch (SettingsException e) {
      log.error("Reload by {}: the settings have faults, those before stay in force{}{}", occasion,
          System.lineSeparator(), e.getMessage());
    } catch (RuntimeException e) {
      // Whoever asked is a signal or a clock, and the gateway goes on.
      log.error("Reload by {} failed", occasion, e);
    }
  }

  private static void tell(String occasion, Changes changes) {
    if (changes.atOnce().isEmpty()) {
      log.info("Reload by {}: nothing to change", occasion);
    } else {
      log.info("Reload by {}: changed {}", occasion, String.join(", ", changes.atOnce()));
    }
    if (!changes.atRestart().isEmpty()) {
      log.warn("These settings wait for a restart: {}", String.join(", ", changes.atRestart()));
    }
  }
}
