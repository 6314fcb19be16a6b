package io.gatehouse.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One writes, many read at their own pace, and nobody gets other bytes than were written. */
class BodyTest {

  private final AtomicInteger freed = new AtomicInteger();
  private final Body body = new Body(freed::incrementAndGet);

  @Test
  void who_comes_late_reads_from_the_beginning() {
    body.add(bytes("one"));
    Body.Reader early = body.reader(() -> {});
    body.add(bytes("two"));
    Body.Reader late = body.reader(() -> {});
    body.end();

    assertThat(all(early)).isEqualTo("onetwo");
    assertThat(all(late)).isEqualTo("onetwo");
    assertThat(early.ended()).isTrue();
    assertThat(body.isWhole()).isTrue();
  }

  @Test
  void readers_are_told_of_more() {
    AtomicInteger told = new AtomicInteger();
    Body.Reader reader = body.reader(told::incrementAndGet);

    body.add(bytes("x"));
    body.end();

    assertThat(told).hasValue(2);
    reader.close();
    assertThat(body.readers()).isZero();
  }

  @Test
  void what_is_missing_is_told_after_what_is_there() {
    Body.Reader reader = body.reader(() -> {});
    body.add(bytes("half"));
    body.fail(new IOException("broke"));

    assertThat(reader.failure()).isNull();
    assertThat(new String(reader.next())).isEqualTo("half");
    assertThat(reader.failure()).hasMessage("broke");
    assertThat(reader.ended()).isFalse();
  }

  @Test
  void what_is_passed_on_waits_for_the_slowest_and_takes_no_more_readers() {
    Body.Reader slow = body.reader(() -> {});
    Body.Reader fast = body.reader(() -> {});
    body.passOn();
    body.add(new byte[(int) Body.WINDOW]);
    AtomicInteger resumed = new AtomicInteger();

    assertThat(body.reader(() -> {})).isNull();
    assertThat(body.room(resumed::incrementAndGet)).isFalse();
    fast.next();
    assertThat(resumed).hasValue(0);
    slow.next();
    assertThat(resumed).hasValue(1);
    assertThat(body.room(resumed::incrementAndGet)).isTrue();
  }

  @Test
  void a_reader_that_leaves_is_waited_for_no_more() {
    Body.Reader slow = body.reader(() -> {});
    body.passOn();
    body.add(new byte[(int) Body.WINDOW]);
    AtomicInteger resumed = new AtomicInteger();
    assertThat(body.room(resumed::incrementAndGet)).isFalse();

    slow.close();

    assertThat(resumed).hasValue(1);
  }

  @Test
  void what_is_kept_waits_for_nobody() {
    body.reader(() -> {});
    body.add(new byte[(int) Body.WINDOW * 2]);

    assertThat(body.room(() -> {})).isTrue();
  }

  @Test
  void it_is_free_once_nobody_holds_it() {
    Body.Reader reader = body.reader(() -> {});
    assertThat(body.retain()).isTrue();
    body.release();
    body.release();
    assertThat(freed).hasValue(0);
    reader.close();

    assertThat(freed).hasValue(1);
    assertThat(body.retain()).isFalse();
    assertThat(body.reader(() -> {})).isNull();
  }

  @Test
  void many_threads_read_the_same() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<byte[]>> read = new ArrayList<>();
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    try {
      for (int r = 0; r < 6; r++) {
        read.add(threads.submit(() -> {
          Semaphore more = new Semaphore(0);
          Body.Reader reader = body.reader(more::release);
          ByteArrayOutputStream got = new ByteArrayOutputStream();
          while (!reader.ended()) {
            byte[] bytes = reader.next();
            if (bytes != null) {
              got.write(bytes);
            } else if (!reader.ended()) {
              more.tryAcquire(10, TimeUnit.SECONDS);
            }
          }
          reader.close();
          return got.toByteArray();
        }));
      }
      for (int i = 0; i < 20_000; i++) {
        byte[] piece = {(byte) i, (byte) (i >> 8)};
        written.write(piece);
        body.add(piece);
      }
      body.end();
      for (Future<byte[]> one : read) {
        assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo(written.toByteArray());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes();
  }

  private static String all(Body.Reader reader) {
    StringBuilder all = new StringBuilder();
    for (byte[] bytes = reader.next(); bytes != null; bytes = reader.next()) {
      all.append(new String(bytes));
    }
    return all.toString();
  }
}
