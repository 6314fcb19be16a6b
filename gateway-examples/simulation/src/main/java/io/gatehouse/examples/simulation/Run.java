package io.gatehouse.examples.simulation;

import io.gatehouse.Inbound;
import io.gatehouse.core.upstream.HealthChecker;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.PoolBalancer;
import io.gatehouse.core.upstream.PoolRules;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.examples.simulation.SimulatedBackend.Mood;
import io.gatehouse.upstream.Balancer.Pick;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One scenario with one balancer: the pool, the health checks and the balancer are the real ones on a simulated clock;
 * backends are simulated, and so is the proxy, which repeats requests as the real one does. The same on every machine.
 */
final class Run {

  /** The chance in all of it comes from here, so that all balancers meet the same requests. */
  private static final int SEED = 20;

  private static final int SOURCES = 2000;
  private static final int MOST_ATTEMPTS = 3;
  private static final long TICK = 50 * Timeline.MILLI;
  private static final long LOOK = 500 * Timeline.MILLI;
  private static final long PROBE = 5 * Timeline.MILLI;
  private static final long MEAN_WORK = 40 * Timeline.MILLI;

  private final Timeline timeline = new Timeline();
  private final SplittableRandom arrivals = new SplittableRandom(SEED);
  private final SplittableRandom balancing = new SplittableRandom(SEED + 1);
  private final List<SimulatedBackend> backends = new ArrayList<>();
  private final RetryBudget budget = new RetryBudget();
  private final Figures figures = new Figures();
  private final Scenario scenario;
  private final Pool pool;
  private final PoolBalancer balancer;
  private int open;

  private Run(Scenario scenario, Algorithm algorithm) {
    this.scenario = scenario;
    for (int i = 0; i < Scenario.BACKENDS; i++) {
      backends.add(new SimulatedBackend(timeline, String.valueOf((char) ('a' + i))));
    }
    pool = new Pool(PoolRules.DEFAULT.withSlowStart(scenario.slowStart()),
        () -> Instant.EPOCH.plusNanos(timeline.now()), timeline::now);
    pool.replace(backends.stream().map(SimulatedBackend::upstream).toList());
    balancer = algorithm.over(pool, balancing::nextInt);
  }

  static Figures of(Scenario scenario, Algorithm algorithm) {
    return new Run(scenario, algorithm).run();
  }

  private Figures run() {
    SplittableRandom jitter = new SplittableRandom(SEED + 2);
    HealthChecker checker = new HealthChecker(
        pool, this::probe, this::probe, task -> timeline.after(probeNanos(), task), jitter::nextDouble);
    scenario.script().accept(timeline, backends.get(0));
    watch(checker);
    arrive();
    timeline.runUntil(Scenario.SECONDS * Timeline.SECOND - 1);
    long all = backends.stream().mapToLong(SimulatedBackend::received).sum();
    figures.end(open, backends.get(0).received(), all);
    checker.close();
    return figures;
  }

  private void watch(HealthChecker checker) {
    checker.tick();
    if (!pool.standings().get(0).usable()) {
      figures.out(timeline.now());
    }
    timeline.after(TICK, () -> watch(checker));
  }

  /** While a backend is silent every probe lasts as long as the one that waits for it. */
  private long probeNanos() {
    return backends.stream().anyMatch(backend -> backend.mood() == Mood.SILENT) ? Timeline.SECOND : PROBE;
  }

  private void probe(URI target, Duration timeout) throws IOException {
    switch (backend(target.getHost()).mood()) {
      case REFUSES -> throw new ConnectException("refused");
      case SILENT -> throw new SocketTimeoutException("timed out");
      default -> { }
    }
  }

  private SimulatedBackend backend(String host) {
    return backends.stream().filter(backend -> backend.upstream().uri().getHost().equals(host)).findFirst()
        .orElseThrow();
  }

  /** Requests come at random, at the rate of the scenario. */
  private void arrive() {
    double wait = -StrictMath.log(1 - arrivals.nextDouble()) * Timeline.SECOND / Scenario.PER_SECOND;
    timeline.after((long) wait, () -> {
      boolean heavy = arrivals.nextInt(100) < scenario.heavyPercent();
      long work = (long) (MEAN_WORK / 2 + arrivals.nextDouble() * MEAN_WORK);
      new Request("/" + arrivals.nextInt(SOURCES), heavy ? work * Scenario.HEAVY : work).begin();
      arrive();
    });
  }

  /** One request on its way through the proxy. */
  private final class Request implements Inbound {

    private final String target;
    private final long work;
    private final long began = timeline.now();
    private final Set<URI> tried = new HashSet<>();
    private int attempts;

    Request(String target, long work) {
      this.target = target;
      this.work = work;
    }

    void begin() {
      open++;
      budget.began();
      Optional<Pick> pick = balancer.pick(this, tried);
      if (pick.isEmpty()) {
        end(false);
      } else {
        send(pick.get(), () -> { });
      }
    }

    private void send(Pick pick, Runnable giveBack) {
      attempts++;
      Attempt attempt = new Attempt(pick, giveBack, timeline.now());
      backend(pick.upstream().uri().getHost()).receive(work, status -> replied(attempt, status));
      timeline.after(LOOK, () -> look(attempt));
    }

    private void replied(Attempt attempt, int status) {
      if (attempt.over) {
        return;
      }
      Duration elapsed = Duration.ofNanos(timeline.now() - attempt.sentNanos);
      if (status == SimulatedBackend.REFUSED) {
        attempt.over = true;
        attempt.giveBack.run();
        attempt.pick.failed(new ConnectException("refused"));
        if (!elsewhere(attempt, true)) {
          end(false);
        }
      } else if (!attempt.pick.begins(status, elapsed) || !elsewhere(attempt, false)) {
        attempt.over = true;
        attempt.giveBack.run();
        attempt.pick.answered(status, elapsed);
        end(status == 200);
      } else {
        attempt.over = true;
        attempt.giveBack.run();
        attempt.pick.answered(status, elapsed);
      }
    }

    private void look(Attempt attempt) {
      if (attempt.over) {
        return;
      }
      if (attempt.pick.lost() && elsewhere(attempt, true)) {
        attempt.over = true;
        attempt.giveBack.run();
        attempt.pick.failed(new SocketTimeoutException("hung"));
      } else {
        timeline.after(LOOK, () -> look(attempt));
      }
    }

    private boolean elsewhere(Attempt last, boolean firstIsFree) {
      boolean free = firstIsFree && attempts == 1;
      if (attempts >= MOST_ATTEMPTS || !free && !budget.tryTake()) {
        return false;
      }
      Runnable giveBack = free ? () -> { } : budget::giveBack;
      tried.add(last.pick.upstream().uri());
      Optional<Pick> next = balancer.pick(this, tried);
      if (next.isEmpty()) {
        giveBack.run();
        return false;
      }
      figures.repeated();
      send(next.get(), giveBack);
      return true;
    }

    private void end(boolean well) {
      open--;
      budget.ended();
      if (well) {
        figures.answered(began, timeline.now() - began);
      } else {
        figures.failed();
      }
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String target() {
      return target;
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.empty();
    }

    @Override
    public List<String> headers(String name) {
      return List.of();
    }

    @Override
    public InetAddress clientAddress() {
      return InetAddress.getLoopbackAddress();
    }

    @Override
    public long contentLength() {
      return 0;
    }
  }

  private static final class Attempt {

    private final Pick pick;
    private final Runnable giveBack;
    private final long sentNanos;
    private boolean over;

    Attempt(Pick pick, Runnable giveBack, long sentNanos) {
      this.pick = pick;
      this.giveBack = giveBack;
      this.sentNanos = sentNanos;
    }
  }
}
