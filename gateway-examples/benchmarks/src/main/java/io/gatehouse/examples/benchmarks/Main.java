package io.gatehouse.examples.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks with JMH's own options, measures processor time and allocation as well, and compares within each
 * group.
 */
public final class Main {

  private static final String BASE = "bucket4j";

  private Main() {}

  public static void main(String[] arguments) throws CommandLineOptionException, IOException, RunnerException {
    CommandLineOptions asked = new CommandLineOptions(arguments);
    if (asked.shouldHelp() || asked.shouldList()) {
      org.openjdk.jmh.Main.main(arguments);
      return;
    }
    OptionsBuilder options = new OptionsBuilder();
    options.parent(asked).addProfiler(GCProfiler.class).addProfiler(CpuTime.class);
    System.out.print(table(new Runner(options.build()).run()));
  }

  /** One row for each benchmark; times are medians of iterations, ratios are to Bucket4j in the same group. */
  private static String table(Collection<RunResult> results) {
    Map<String, List<RunResult>> groups = new TreeMap<>();
    for (RunResult result : results) {
      groups.computeIfAbsent(group(result), name -> new ArrayList<>()).add(result);
    }
    StringBuilder table = new StringBuilder("\n| what | who | ns of processor | error | ns on the wall | B | ratio |\n");
    table.append("|---|---|---:|---:|---:|---:|---:|\n");
    groups.forEach((group, members) -> members.forEach(member -> table.append(row(group, member, members))));
    return table.toString();
  }

  private static String row(String group, RunResult result, List<RunResult> members) {
    String ratio = "";
    for (RunResult other : members) {
      if (name(other).equals(BASE)) {
        ratio = String.format(Locale.ROOT, "%.2f", median(time(result)) / median(time(other)));
      }
    }
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.1f | ± %.1f | %.1f | %.0f | %s |%n",
        group,
        name(result),
        median(time(result)),
        time(result).getScoreError(),
        median(result.getPrimaryResult()),
        secondary(result, "gc.alloc.rate.norm").getScore(),
        ratio);
  }

  private static String group(RunResult result) {
    String[] words = result.getParams().getBenchmark().split("\\.");
    return words[words.length - 2];
  }

  private static String name(RunResult result) {
    return result.getPrimaryResult().getLabel();
  }

  /** What is compared: processor time, but of threads that wait for a server the time on the wall. */
  private static Result<?> time(RunResult result) {
    return result.getParams().getThreads() > 1 ? result.getPrimaryResult() : secondary(result, CpuTime.NAME);
  }

  private static Result<?> secondary(RunResult result, String name) {
    return result.getSecondaryResults().entrySet().stream()
        .filter(entry -> entry.getKey().endsWith(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static double median(Result<?> result) {
    return result.getStatistics().getPercentile(50);
  }
}
