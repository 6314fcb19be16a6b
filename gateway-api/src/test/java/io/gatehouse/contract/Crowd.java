package io.gatehouse.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that start together, do the same a number of times, and are counted. */
final class Crowd {

  /** One deed of one thread; what it answers is added up. */
  interface Deed {
    long run(int thread, int round) throws Exception;
  }

  private Crowd() {}

  /** Runs and sums; rethrows what the first failing thread threw. */
  static long sum(int threads, int rounds, Deed deed) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch go = new CountDownLatch(1);
      List<Future<Long>> results = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        results.add(pool.submit(() -> {
          go.await();
          long sum = 0;
          for (int round = 0; round < rounds; round++) {
            sum += deed.run(thread, round);
          }
          return sum;
        }));
      }
      go.countDown();
      long sum = 0;
      for (Future<Long> result : results) {
        sum += result.get(60, TimeUnit.SECONDS);
      }
      return sum;
    } catch (ExecutionException e) {
      throw new AssertionError("a thread failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("threads did not end within 60 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      pool.shutdownNow();
    }
  }
}
