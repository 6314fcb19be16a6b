package io.gatehouse.examples.benchmarks;

import io.gatehouse.core.limit.LeasedRateLimiter;
import io.gatehouse.core.redis.RedisConnection;
import io.gatehouse.core.redis.RedisRateLimiter;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.LeaseSource;
import io.gatehouse.limit.Limit;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import redis.embedded.RedisServer;

/**
 * Four nodes that lease one bucket of one local Redis, which this class starts, and want more of it than there is: what
 * part of the budget they use, how many admissions a call to Redis is worth, and by how much they pass burst and rate in
 * any span of time. Each node has a connection and a limiter of its own; they share this process.
 */
public final class LeasedNodes {

  private static final int NODES = 4;
  private static final Duration TIME = Duration.ofSeconds(5);
  private static final double LIFE_SECONDS = LeasedRateLimiter.LIFE_MILLIS / 1e3;

  /** Spans begin at the ends of these; a finer look finds no other excess, since permits come in leases of milliseconds. */
  private static final long STEP_NANOS = 1_000_000;

  private LeasedNodes() {}

  public static void main(String[] arguments) throws Exception {
    int port = freePort();
    RedisServer server = RedisServer.builder().port(port).setting("save \"\"").setting("bind 127.0.0.1").build();
    server.start();
    try {
      System.out.println("| rate | burst | budget used | admissions per call | most above burst and rate | bound |");
      System.out.println("|---:|---:|---:|---:|---:|---:|");
      for (long rate : new long[] {10_000, 50_000}) {
        Limit limit = new Limit(rate, Duration.ofSeconds(1), rate / 10);
        run(port, limit, TIME.dividedBy(2)); // warms up
        System.out.println(run(port, limit, TIME).row(limit));
      }
    } finally {
      server.stop();
    }
  }

  private static Result run(int port, Limit limit, Duration time) throws InterruptedException {
    List<RedisConnection> connections = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    List<Charge> charges = List.of(new Charge("user-second", "user:" + System.nanoTime(), limit, 1));
    long begin = System.nanoTime();
    for (int i = 0; i < NODES; i++) {
      RedisConnection connection = RedisConnection.to("127.0.0.1", port).timeout(Duration.ofSeconds(5)).open();
      connections.add(connection);
      nodes.add(new Node(new Counted(new RedisRateLimiter(connection)), charges, begin, time));
    }
    nodes.forEach(Thread::start);
    for (Node node : nodes) {
      node.join();
    }
    connections.forEach(RedisConnection::close);
    return Result.of(nodes, limit, time);
  }

  /** Takes permits as fast as it can until the time is over. */
  private static final class Node extends Thread {
    private final Counted source;
    private final LeasedRateLimiter limiter;
    private final List<Charge> charges;
    private final long begin;
    private final long end;

    /** Admissions by the step that they ended in. */
    private final int[] admitted;

    Node(Counted source, List<Charge> charges, long begin, Duration time) {
      this.source = source;
      this.limiter = new LeasedRateLimiter(source, () -> NODES, System::nanoTime);
      this.charges = charges;
      this.begin = begin;
      this.end = begin + time.toNanos();
      this.admitted = new int[(int) (time.toNanos() / STEP_NANOS) + 1];
    }

    @Override
    public void run() {
      for (long now; (now = System.nanoTime()) - end < 0; ) {
        if (limiter.tryAcquire(charges) instanceof Decision.Denied denied) {
          LockSupport.parkNanos(Math.min(denied.retryAfterNanos(), 500_000));
        } else {
          admitted[(int) ((now - begin) / STEP_NANOS)]++;
        }
      }
    }
  }

  /** What all nodes together came to. */
  private record Result(double used, double perCall, double excess) {

    static Result of(List<Node> nodes, Limit limit, Duration time) {
      int steps = nodes.get(0).admitted.length;
      long[] until = new long[steps + 1];
      int first = -1;
      for (int step = 0; step < steps; step++) {
        long sum = 0;
        for (Node node : nodes) {
          sum += node.admitted[step];
        }
        first = first < 0 && sum > 0 ? step : first;
        until[step + 1] = until[step] + sum;
      }
      double rate = limit.permits() * STEP_NANOS / 1e9;
      double excess = 0;
      for (int from = 0; from < steps; from++) {
        for (int to = from + 1; to <= steps; to++) {
          excess = Math.max(excess, until[to] - until[from] - limit.burst() - rate * (to - from));
        }
      }
      long calls = nodes.stream().mapToLong(node -> node.source.calls.get()).sum();
      // A full bucket gets nothing more: the rate counts from the first admission.
      double budget = limit.burst() + rate * (steps - first);
      return new Result(until[steps] / budget, (double) until[steps] / calls, excess);
    }

    String row(Limit limit) {
      return String.format(
          Locale.ROOT, "| %,d/s | %,d | %.1f %% | %.0f | %.0f | %.0f |",
          limit.permits(), limit.burst(), 100 * used, perCall, excess, limit.permits() * LIFE_SECONDS);
    }
  }

  /** Counts the calls. */
  private record Counted(LeaseSource source, AtomicLong calls) implements LeaseSource {
    Counted(LeaseSource source) {
      this(source, new AtomicLong());
    }

    @Override
    public Grants lease(List<Lease> leases) {
      calls.incrementAndGet();
      return source.lease(leases);
    }

    @Override
    public Decision tryAcquire(List<Charge> charges) {
      calls.incrementAndGet();
      return source.tryAcquire(charges);
    }

    @Override
    public Decision peek(List<Charge> charges) {
      return source.peek(charges);
    }

    @Override
    public void giveBack(List<Charge> charges) {
      source.giveBack(charges);
    }

    @Override
    public void debit(List<Charge> charges) {
      source.debit(charges);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
