package io.gatehouse.examples.benchmarks.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class AccountTest {

  private static final long TICKS_MICROS = 100_000;

  @Test
  void the_kernel_counts_what_a_process_works() {
    long pid = ProcessHandle.current().pid();
    Account before = Account.of(LongStream.of(pid));

    Account after = before;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (after.cpuMicros() - before.cpuMicros() < TICKS_MICROS && System.nanoTime() < deadline) {
      after = Account.of(LongStream.of(pid));
    }

    assertThat(after.cpuMicros() - before.cpuMicros()).isGreaterThanOrEqualTo(TICKS_MICROS);
    assertThat(after.switches()).isPositive();
    assertThat(after.residentBytes()).isGreaterThan(1_000_000).isLessThanOrEqualTo(after.peakBytes());
  }

  @Test
  void several_processes_are_added_up() {
    long pid = ProcessHandle.current().pid();

    Account one = Account.of(LongStream.of(pid));
    Account two = Account.of(LongStream.of(pid, pid));

    assertThat(two.cpuMicros()).isGreaterThanOrEqualTo(2 * one.cpuMicros());
    assertThat(Account.of(LongStream.empty())).isEqualTo(new Account(0, 0, 0, 0));
  }
}
