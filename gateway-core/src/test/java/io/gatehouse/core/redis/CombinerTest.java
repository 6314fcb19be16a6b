package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CombinerTest {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<List<Integer>> calls = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore answers = new Semaphore(0);
  private final Combiner<Integer, String> combiner = new Combiner<>(this::store, Duration.ofSeconds(20));

  @AfterEach
  void stop() {
    answers.release(1_000_000);
    threads.shutdownNow();
  }

  @Test
  void who_comes_alone_asks_on_his_own_thread() {
    answers.release();
    Thread[] asker = new Thread[1];
    Combiner<Integer, String> direct = new Combiner<>(questions -> {
      asker[0] = Thread.currentThread();
      return List.of("yes");
    }, Duration.ofSeconds(1));

    assertThat(direct.ask(1)).isEqualTo("yes");

    assertThat(asker[0]).isEqualTo(Thread.currentThread());
  }

  @Test
  void who_comes_while_calls_are_under_way_shares_the_next_one_in_order() {
    busy();
    List<CompletableFuture<String>> asked = IntStream.range(0, 5).mapToObj(this::inLine).toList();

    answers.release(1);

    await().until(() -> calls.size() == Combiner.MOST_CALLS + 1);
    assertThat(calls.get(Combiner.MOST_CALLS)).containsExactly(0, 1, 2, 3, 4);
    answers.release(10);
    for (int i = 0; i < 5; i++) {
      assertThat(asked.get(i).join()).isEqualTo("answer " + i);
    }
  }

  @Test
  void a_call_carries_so_many_and_no_more() {
    busy();
    IntStream.range(0, Combiner.MOST_TOGETHER + 10).forEach(this::inLine);

    answers.release(1_000);

    await().until(() -> calls.stream().mapToInt(List::size).sum() == Combiner.MOST_CALLS + Combiner.MOST_TOGETHER + 10);
    assertThat(calls).allSatisfy(call -> assertThat(call).hasSizeLessThanOrEqualTo(Combiner.MOST_TOGETHER));
  }

  @Test
  void a_call_that_fails_fails_for_its_members_and_nobody_else() {
    busy();
    CompletableFuture<String> bad = inLine(-1);
    CompletableFuture<String> along = inLine(1);
    answers.release(1);
    await().until(() -> calls.size() == Combiner.MOST_CALLS + 1);
    CompletableFuture<String> later = inLine(2);

    answers.release(100);

    for (CompletableFuture<String> failed : List.of(bad, along)) {
      assertThatThrownBy(failed::join).isInstanceOf(CompletionException.class).cause()
          .isInstanceOf(StoreException.class).hasMessage("negative");
    }
    assertThat(later.join()).isEqualTo("answer 2");
    assertThat(combiner.ask(3)).isEqualTo("answer 3");
  }

  @Test
  void nobody_waits_in_line_longer_than_the_patience() {
    Combiner<Integer, String> hasty = new Combiner<>(this::store, Duration.ofMillis(50));
    for (int i = 0; i < Combiner.MOST_CALLS; i++) {
      threads.submit(() -> hasty.ask(100));
    }
    await().until(() -> calls.size() == Combiner.MOST_CALLS);

    assertThatThrownBy(() -> hasty.ask(1)).isInstanceOf(StoreException.class)
        .hasMessage("No turn to ask the store within PT0.05S");

    answers.release(100);
    await().untilAsserted(() -> assertThat(hasty.ask(2)).isEqualTo("answer 2"));
    assertThat(calls).noneSatisfy(call -> assertThat(call).contains(1));
  }

  @Test
  void an_interrupted_thread_gets_its_answer_and_stays_interrupted() throws Exception {
    busy();
    boolean[] marked = new boolean[1];
    String[] answer = new String[1];
    Thread thread = new Thread(() -> {
      answer[0] = combiner.ask(7);
      marked[0] = Thread.currentThread().isInterrupted();
    });
    thread.start();
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);

    thread.interrupt();
    answers.release(100);
    thread.join();

    assertThat(answer[0]).isEqualTo("answer 7");
    assertThat(marked[0]).isTrue();
  }

  @Test
  void a_crowd_gets_everybody_his_own_answer() {
    answers.release(1_000_000);
    List<CompletableFuture<Boolean>> crowd = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      int thread = t;
      crowd.add(CompletableFuture.supplyAsync(() -> IntStream.range(0, 2000)
          .map(i -> thread * 10_000 + i)
          .allMatch(question -> combiner.ask(question).equals("answer " + question)), threads));
    }

    assertThat(crowd).allSatisfy(one -> assertThat(one.join()).isTrue());
    assertThat(calls.stream().mapToInt(List::size).sum()).isEqualTo(16 * 2000);
  }

  /** All calls are under way and wait for their answers. */
  private void busy() {
    for (int i = 0; i < Combiner.MOST_CALLS; i++) {
      threads.submit(() -> combiner.ask(100));
    }
    await().until(() -> calls.size() == Combiner.MOST_CALLS);
  }

  private CompletableFuture<String> inLine(int question) {
    Thread[] thread = new Thread[1];
    CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
      thread[0] = Thread.currentThread();
      return combiner.ask(question);
    }, threads);
    await().pollInterval(Duration.ofMillis(1))
        .until(() -> thread[0] != null && thread[0].getState() == Thread.State.TIMED_WAITING);
    return answer;
  }

  private List<String> store(List<Integer> questions) {
    calls.add(List.copyOf(questions));
    answers.acquireUninterruptibly();
    if (questions.contains(-1)) {
      throw new StoreException("negative");
    }
    return questions.stream().map(question -> "answer " + question).toList();
  }
}
