package io.gatehouse.examples.benchmarks.proxy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of the benchmark. */
@Command(
    name = "proxy-benchmark",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Measures what a request through Gatehouse costs, beside other proxies in the same run.")
public final class Main implements Callable<Integer> {

  @Option(names = "--contenders", split = ",", paramLabel = "NAME",
      description = "Which proxies; all unless said: nginx, haproxy, spring-cloud-gateway, undertow, vertx, jetty,"
          + " gatehouse-bare, gatehouse, gatehouse-shared.")
  private List<String> contenders = Arrays.stream(Kind.values()).map(Kind::text).toList();

  @Option(names = "--bodies", split = ",", paramLabel = "SIZE", description = "Sizes of answers.")
  private List<String> bodies = List.of("1k", "64k", "1m");

  @Option(names = "--connections", split = ",", paramLabel = "N", description = "How many clients at once.")
  private List<Integer> connections = List.of(32, 128, 1000);

  @Option(names = "--jdk", split = ",", paramLabel = "HOME",
      description = "JDKs to run proxies in; the one that runs this unless said.")
  private List<Path> jdks = List.of();

  @Option(names = "--jvm-flags", split = " ", paramLabel = "FLAGS", description = "What each JVM is given.")
  private List<String> flags = List.of("-Xmx256m");

  @Option(names = "--seconds", paramLabel = "N", description = "How long a round is.")
  private int seconds = 5;

  @Option(names = "--rounds", paramLabel = "N", description = "How many rounds each contender has in each scenario.")
  private int rounds = 3;

  @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Load before the first scenario.")
  private int warmUp = 10;

  @Option(names = "--starts", paramLabel = "N", description = "How often each contender is started to time that.")
  private int starts = 3;

  @Option(names = "--paced", negatable = true, defaultValue = "true", fallbackValue = "true",
      description = "Whether latencies are measured at a pace, too: half of what the slowest can.")
  private boolean paced;

  @Option(names = "--growth", description = "Instead of other proxies: Gatehouse with ever more tenants and backends.")
  private boolean growth;

  @Option(names = "--tenants", split = ",", paramLabel = "N",
      description = "With --growth: how many tenants, besides 1.")
  private List<Integer> tenants = List.of(100, 10_000, 100_000);

  @Option(names = "--backends", split = ",", paramLabel = "N",
      description = "With --growth: how many backends, besides 2.")
  private List<Integer> backends = List.of(20, 200);

  @Option(names = "--profile", paramLabel = "NAME",
      description = "Records a profile (JFR) of this contender under the first load, and measures nothing.")
  private @Nullable String profile;

  @Option(names = "--quick",
      description = "1 KiB and 32 connections, whatever else is said, in one round of 2 s; only to see it work.")
  private boolean quick;

  @Option(names = "--docs", description = "Puts tables and plots into docs/benchmarks.md.")
  private boolean docs;

  private Main() {}

  public static void main(String[] arguments) {
    Main main = new Main();
    CommandLine line = new CommandLine(main).setExecutionExceptionHandler((e, command, result) -> {
      System.err.println("error: " + e.getMessage());
      return 1;
    });
    main.asked = String.join(" ", arguments);
    System.exit(line.execute(arguments));
  }

  private String asked = "";

  @Override
  public Integer call() {
    if (seconds < 1 || rounds < 1 || starts < 1 || warmUp < 1) {
      throw new IllegalArgumentException("seconds, rounds, starts, warm-up: (expected: 1 or more)");
    }
    Plan plan = quick
        ? new Plan(kinds(), jdks(), flags, List.of(new Body("1k")), List.of(32), 2, 1, 2, 1, paced)
        : new Plan(kinds(), jdks(), flags, bodies.stream().map(Body::of).toList(), connections, seconds, rounds, warmUp,
            starts, paced);
    Workplace workplace = Workplace.open();
    Thread atExit = new Thread(workplace::close, "stop what was started");
    Runtime.getRuntime().addShutdownHook(atExit);
    System.setProperty("java.io.tmpdir", workplace.temporary("tmp/own").getParent().toString());
    try {
      Benchmark benchmark = new Benchmark(workplace, plan, asked);
      if (profile != null) {
        benchmark.profile(Kind.of(profile));
      } else {
        benchmark.compare(growth ? Optional.of(new Growth(tenants, backends)) : Optional.empty(), docs);
      }
      return 0;
    } catch (RuntimeException e) {
      if (workplace.isClosed()) {
        return 130; // Ctrl-C has stopped what failed now
      }
      throw e;
    } finally {
      workplace.close();
    }
  }

  private List<Kind> kinds() {
    return contenders.stream().map(Kind::of).toList();
  }

  private List<Jdk> jdks() {
    return jdks.isEmpty() ? List.of(Jdk.running()) : jdks.stream().map(Jdk::of).toList();
  }
}
