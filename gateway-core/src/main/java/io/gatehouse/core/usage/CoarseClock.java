package io.gatehouse.core.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The clock of the machine, read {@value #READ_EVERY_MILLIS} ms apart by a thread of its own: for who needs to know the
 * minute and asks a hundred thousand times a second. To ask it is to read a number; to ask the system costs as much as all
 * else that is done to count a request.
 *
 * <p>It is late by as much, or by as long as its thread is not given a processor.
 */
public final class CoarseClock implements InstantSource, AutoCloseable {

  private static final long READ_EVERY_MILLIS = 50;

  private final Chore reading;
  private volatile long millis = System.currentTimeMillis();

  private CoarseClock() {
    this.reading =
        Chore.start(
            "the clock is read", Duration.ofMillis(READ_EVERY_MILLIS), () -> millis = System.currentTimeMillis());
  }

  public static CoarseClock start() {
    return new CoarseClock();
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis);
  }

  @Override
  public long millis() {
    return millis;
  }

  @Override
  public void close() {
    reading.close();
  }
}
