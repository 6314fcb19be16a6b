package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ReadAheadTest {

  private static final int PIECE = 64 * 1024;
  private static final long ROOM = 64 << 20;

  private final ReadAhead.Room room = new ReadAhead.Room(ROOM);
  private final Backend backend = new Backend();
  private int taken;
  private final ReadAhead ahead = new ReadAhead(backend, room, () -> taken++);

  @Test
  void all_of_an_answer_is_taken_while_nobody_reads() {
    assertThat(ahead.read()).isNull();
    for (int i = 0; i < 100; i++) {
      backend.send(new byte[PIECE]);
    }
    backend.send(Content.Chunk.EOF);

    assertThat(backend.waiting).isEmpty();
    assertThat(taken).isEqualTo(1);
    assertThat(room.left()).isEqualTo(ROOM - 100 * PIECE);
    for (int i = 0; i < 100; i++) {
      assertThat(ahead.read().remaining()).isEqualTo(PIECE);
    }
    assertThat(ahead.read().isLast()).isTrue();
    assertThat(room.left()).isEqualTo(ROOM);
  }

  @Test
  void beyond_what_one_answer_may_hold_the_backend_waits_until_half_of_it_was_read() {
    ahead.read();
    int most = (int) (ReadAhead.MOST_BYTES / PIECE);
    for (int i = 0; i < most + 10; i++) {
      backend.send(new byte[PIECE]);
    }
    assertThat(backend.waiting).hasSize(10);

    for (int i = 0; i < most / 2; i++) {
      assertThat(ahead.read()).isNotNull();
    }
    assertThat(backend.waiting).hasSize(10);
    ahead.read();
    assertThat(backend.waiting).isEmpty();
  }

  @Test
  void where_all_answers_hold_too_much_each_goes_on_as_it_is_read() {
    ReadAhead crowded = new ReadAhead(backend, new ReadAhead.Room(0), () -> {});
    crowded.read();
    backend.send(new byte[10]);
    backend.send(new byte[20]);
    backend.send(Content.Chunk.EOF);

    assertThat(backend.waiting).hasSize(2);
    assertThat(crowded.read().remaining()).isEqualTo(10);
    assertThat(crowded.read().remaining()).isEqualTo(20);
    assertThat(crowded.read().isLast()).isTrue();
  }

  @Test
  void what_came_before_a_failure_is_read_before_it() {
    ahead.read();
    backend.send(new byte[10]);
    backend.send(Content.Chunk.from(new IOException("broke"), true));

    assertThat(ahead.read().remaining()).isEqualTo(10);
    assertThat(Content.Chunk.isFailure(ahead.read())).isTrue();
    assertThat(Content.Chunk.isFailure(ahead.read())).isTrue();
    assertThat(taken).isZero();
  }

  @Test
  void what_nobody_reads_any_more_is_let_go_and_so_is_what_still_comes() {
    ahead.read();
    backend.send(new byte[PIECE]);
    ahead.close();
    backend.send(new byte[PIECE]);
    ahead.close();

    assertThat(room.left()).isEqualTo(ROOM);
    assertThat(ahead.read()).isNull();
  }

  @Test
  void whoever_asks_is_told_once_when_something_is_there() {
    int[] told = new int[1];
    ahead.demand(() -> told[0]++);
    assertThat(told[0]).isZero();
    backend.send(new byte[1]);
    backend.send(new byte[1]);
    assertThat(told[0]).isEqualTo(1);

    ahead.demand(() -> told[0]++);
    assertThat(told[0]).isEqualTo(2);
  }

  @RepeatedTest(20)
  void two_threads_carry_every_byte_in_order() throws Exception {
    byte[] all = new byte[12 << 20];
    new Random(7).nextBytes(all);
    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
      for (int at = 0; at < all.length; at += PIECE) {
        backend.send(Arrays.copyOfRange(all, at, at + PIECE));
      }
      backend.send(Content.Chunk.EOF);
    });
    byte[] got = new byte[all.length];
    int at = 0;
    while (true) {
      Content.Chunk chunk = ahead.read();
      if (chunk == null) {
        CountDownLatch ready = new CountDownLatch(1);
        ahead.demand(ready::countDown);
        assertThat(ready.await(20, TimeUnit.SECONDS)).isTrue();
      } else if (chunk.hasRemaining()) {
        int length = chunk.remaining();
        chunk.getByteBuffer().get(got, at, length);
        at += length;
        chunk.release();
      } else if (chunk.isLast()) {
        break;
      }
    }
    sent.get(20, TimeUnit.SECONDS);

    assertThat(at).isEqualTo(all.length);
    assertThat(Arrays.equals(got, all)).isTrue();
    assertThat(room.left()).isEqualTo(ROOM);
  }

  /** Gives what it was sent to whoever reads, and tells when asked to. */
  private static final class Backend implements Content.Source {

    private final Queue<Content.Chunk> waiting = new ArrayDeque<>();
    private @Nullable Runnable demand;

    void send(byte[] bytes) {
      send(Content.Chunk.from(ByteBuffer.wrap(bytes), false));
    }

    void send(Content.Chunk chunk) {
      Runnable told;
      synchronized (this) {
        waiting.add(chunk);
        told = demand;
        demand = null;
      }
      if (told != null) {
        told.run();
      }
    }

    @Override
    public synchronized Content.@Nullable Chunk read() {
      return waiting.poll();
    }

    @Override
    public void demand(Runnable ready) {
      synchronized (this) {
        if (demand != null) {
          throw new IllegalStateException("demanded twice");
        }
        if (waiting.isEmpty()) {
          demand = ready;
          return;
        }
      }
      ready.run();
    }

    @Override
    public void fail(Throwable cause) {
      send(Content.Chunk.from(cause, true));
    }
  }
}
