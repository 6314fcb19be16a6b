package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** One run: starts everything, measures in turn, and writes down what came of it. */
final class Benchmark {

  /** How long each contender is under a load of a scenario before its first round counts. */
  static final int SETTLING_SECONDS = 2;

  /** How many backends there are, where they do not grow. */
  static final int BACKENDS = 2;

  private static final int PACED_CONNECTIONS = 128;

  private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(10);

  /** Up to which load for each processor nothing else seems to run. */
  private static final double QUIET = 0.25;

  private final Workplace workplace;
  private final Plan plan;
  private final String asked;
  private final Load load;
  private final OwnLoad paced = new OwnLoad();
  private final Results results = new Results();
  private final Set<Contender> leftOut = new HashSet<>();

  /**
   * Ready to run.
   *
   * @param asked the options as they were given, for the record
   */
  Benchmark(Workplace workplace, Plan plan, String asked) {
    this.workplace = workplace;
    this.plan = plan;
    this.asked = asked;
    this.load = Wrk.installed(workplace).orElseGet(() -> {
      say("wrk is not installed (apt-get install wrk): an own generator takes its place, and more of the machine.");
      return new OwnLoad();
    });
  }

  /** Measures the contenders, or Gatehouse as it grows, and writes tables, plots and JSON. */
  void compare(Optional<Growth> growth, boolean docs) {
    Machine machine = Machine.here();
    if (machine.loadBefore() > machine.cores() * QUIET) {
      say(String.format(
          Locale.ROOT,
          "The machine is not quiet (load average %.2f): only ratios of processor time are worth something.",
          machine.loadBefore()));
    }
    TreeSet<Body> bodies = new TreeSet<>(Comparator.comparing(Body::bytes));
    bodies.addAll(plan.bodies());
    bodies.add(new Body("1k"));
    int count = growth.map(Growth::mostBackends).orElse(BACKENDS);
    Backends backends = Backends.start(workplace, plan.jdks().get(0), List.copyOf(bodies), count);
    List<Contender> contenders = growth.map(goal -> growing(backends, goal)).orElseGet(() -> contenders(backends));
    long seconds = plan.loadSeconds(contenders.size());
    say(String.format(Locale.ROOT, "The loads take %d min %d s.", seconds / 60, seconds % 60));
    List<Running> running = new ArrayList<>();
    for (Contender contender : contenders) {
      orLeaveOut(contender, () -> {
        Running started = Running.start(workplace, contender, plan.starts());
        running.add(started);
        say(String.format(Locale.ROOT, "%s started in %.0f ms.", contender.name(), started.startMillis()));
      });
    }
    long most = running.stream().mapToLong(each -> each.contender().keys().size()).max().orElse(0);
    running.forEach(each -> orLeaveOut(each.contender(), () -> warmUp(each, most)));
    running.removeIf(each -> leftOut.contains(each.contender()));
    for (Body body : plan.bodies()) {
      for (int connections : plan.connections()) {
        measure(Scenario.saturating(body, connections), running);
      }
    }
    if (plan.paced() && growth.isEmpty()) {
      pace(running);
    }
    new Report(workplace, plan, asked, machine, backends, load, running, results, growth.isPresent()).write(docs);
  }

  /** Records one contender under the first load that was asked for. */
  void profile(Kind kind) {
    Body body = plan.bodies().get(0);
    Jdk jdk = plan.jdks().get(0);
    Backends backends = Backends.start(workplace, jdk, List.of(new Body("1k"), body), BACKENDS);
    Contender contender = new Contenders(workplace, backends, plan.flags()).make(kind, jdk, kind.text())
        .filter(made -> made.jdk().isPresent())
        .orElseThrow(() -> new IllegalArgumentException("profile: " + kind.text() + " (expected: one of Java)"));
    Running running = Running.start(workplace, contender, 1);
    warmUp(running, 0);
    Scenario scenario = Scenario.saturating(body, plan.connections().get(0));
    Path file = workplace.result(contender.name() + "-" + scenario.slug() + "-" + jdk.feature() + ".jfr");
    jcmd(jdk, running, "JFR.start", "name=benchmark", "settings=profile");
    Round round = running.measure(scenario, 1, load, paced, TimeUnit.SECONDS.toMillis(plan.seconds()));
    jcmd(jdk, running, "JFR.stop", "name=benchmark", "filename=" + file);
    if (!Files.exists(file)) {
      throw new IllegalStateException("No profile was written to " + file);
    }
    say(String.format(Locale.ROOT, "%s, %s: %,.0f requests a second, %.1f us of processor time each%s.%n%s",
        contender.name(), scenario.text(), round.answers().perSecond(), round.cpuMicros(),
        round.good() ? "" : ", with errors", file));
  }

  private static void jcmd(Jdk jdk, Running running, String... words) {
    List<String> command = new ArrayList<>(List.of(jdk.jcmd(), Long.toString(running.pid())));
    command.addAll(List.of(words));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(words[0] + ": " + text);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Contender> contenders(Backends backends) {
    Contenders factory = new Contenders(workplace, backends, plan.flags());
    List<Contender> contenders = new ArrayList<>();
    for (Kind kind : plan.kinds()) {
      List<Jdk> jdks = kind.isJava() ? plan.jdks() : plan.jdks().subList(0, 1);
      for (Jdk jdk : jdks) {
        String suffix = jdks.size() > 1 ? "@" + jdk.feature() : "";
        Optional<Contender> made = factory.make(kind, jdk, kind.text() + suffix);
        made.ifPresentOrElse(contenders::add, () -> say(kind.text() + " is not installed and left out."));
      }
    }
    return contenders;
  }

  private List<Contender> growing(Backends backends, Growth growth) {
    Jdk jdk = plan.jdks().get(0);
    List<Contender> contenders = new ArrayList<>();
    Contenders few = new Contenders(workplace, backends.first(BACKENDS), plan.flags());
    contenders.add(few.gatehouseFor("tenants-1", jdk, 1));
    for (int tenants : growth.tenants()) {
      contenders.add(few.gatehouseFor("tenants-" + tenants, jdk, tenants));
      say(String.format(Locale.ROOT, "%,d tenants are in their database.", tenants));
    }
    for (int count : growth.backends()) {
      contenders.add(new Contenders(workplace, backends.first(count), plan.flags())
          .gatehouseFor("backends-" + count, jdk, 1));
    }
    return contenders;
  }

  /**
   * Puts the usual load on it.
   *
   * @param least how many requests there are at least, however long that takes: as many for all contenders, since what a
   *     JVM has compiled depends on that, and so many that each key has been looked up before anything is measured
   */
  private void warmUp(Running running, long least) {
    Scenario scenario = Scenario.saturating(new Body("1k"), Math.min(128, plan.connections().get(0)));
    long millis = TimeUnit.SECONDS.toMillis(plan.warmUpSeconds());
    long deadline = System.nanoTime() + LONGEST_WARM_UP.toNanos();
    long answered = 0;
    do {
      answered += running.measure(scenario, 0, load, paced, millis).answers().requests();
      if (answered == 0 || System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("only " + answered + " answers in its warm-up");
      }
    } while (answered < least);
  }

  private void measure(Scenario scenario, List<Running> running) {
    long settling = TimeUnit.SECONDS.toMillis(SETTLING_SECONDS);
    for (Running each : running) {
      orLeaveOut(each.contender(), () -> each.measure(scenario, 0, load, paced, settling));
    }
    for (int number = 1; number <= plan.rounds(); number++) {
      for (Running each : running) {
        int current = number;
        orLeaveOut(each.contender(), () -> measure(scenario, current, each));
      }
    }
  }

  private void measure(Scenario scenario, int number, Running running) {
    Round round = running.measure(scenario, number, load, paced, TimeUnit.SECONDS.toMillis(plan.seconds()));
    results.add(round);
    say(String.format(Locale.ROOT, "%s, round %d: %-22s %9.1f us %,9.0f/s%s",
        scenario.text(), number, running.contender().name(), round.cpuMicros(), round.answers().perSecond(),
        round.good() ? "" : " with " + round.answers().errors() + " errors"));
  }

  /** Does something with a contender unless it has failed before; when it fails now, the others go on without it. */
  private void orLeaveOut(Contender contender, Runnable deed) {
    if (leftOut.contains(contender)) {
      return;
    }
    try {
      deed.run();
    } catch (RuntimeException e) {
      if (workplace.isClosed()) {
        throw e;
      }
      leftOut.add(contender);
      say(contender.name() + " has failed and is left out from here on: " + e.getMessage());
    }
  }

  /** At half of what the slowest can answer, all the same. */
  private void pace(List<Running> running) {
    Scenario saturating = Scenario.saturating(new Body("1k"), PACED_CONNECTIONS);
    double slowest = Double.MAX_VALUE;
    for (Running each : running) {
      if (!leftOut.contains(each.contender())) {
        OptionalDouble known = results.median(saturating, each.contender().name(), round -> round.answers().perSecond());
        slowest = Math.min(slowest, known.orElseGet(() -> perSecond(each, saturating)));
      }
    }
    measure(new Scenario(saturating.body(), PACED_CONNECTIONS, Math.rint(slowest / 2)), running);
  }

  private double perSecond(Running running, Scenario scenario) {
    long millis = TimeUnit.SECONDS.toMillis(SETTLING_SECONDS);
    return running.measure(scenario, 0, load, paced, millis).answers().perSecond();
  }

  static void say(String text) {
    System.err.println(text);
  }
}
