package io.gatehouse.core.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChoreTest {

  @Test
  void it_is_done_again_and_again_whatever_it_throws() {
    AtomicInteger runs = new AtomicInteger();
    Chore chore =
        Chore.start(
            "tests are run",
            Duration.ofMillis(1),
            () -> {
              switch (runs.incrementAndGet() % 3) {
                case 0 -> throw new StoreException("away");
                case 1 -> throw new IllegalStateException("a mistake");
                default -> {}
              }
            });
    await().atMost(Duration.ofSeconds(5)).until(() -> runs.get() > 10);
    chore.close();
  }

  @Test
  void closing_waits_for_a_run_that_is_under_way() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger ended = new AtomicInteger();
    Chore chore =
        Chore.start(
            "tests are run",
            Duration.ofDays(1),
            () -> {
              begun.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              ended.incrementAndGet();
            });
    begun.await();
    Thread closing = new Thread(chore::close);
    closing.start();
    go.countDown();
    closing.join();

    assertThat(ended).hasValue(1);
  }
}
