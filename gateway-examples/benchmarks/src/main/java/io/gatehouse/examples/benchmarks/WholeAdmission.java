package io.gatehouse.examples.benchmarks;

import io.gatehouse.Admission;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.setup.KeyedGateway;
import io.gatehouse.key.User;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * All that the gateway does for a request whose key it remembers, all in memory: the form and digest of the key, a list
 * of two networks, four limits on three levels, two quotas, the fields of the answer; {@code UntilComplete} settles and
 * meters as well, and {@code BehindAddressLimits} asks the two gates before it about the client's address too.
 */
@State(Scope.Benchmark)
public class WholeAdmission extends Timed {

  private static final long PLENTY = 1_000_000_000;

  private static final Outcome ANSWERED =
      new Outcome(200, 0, 14_000, Duration.ofMillis(3), Outcome.Ending.ANSWERED);

  private TemporaryMeter meter;
  private KeyedGateway gateway;
  private KeyedGateway guarded;
  private Inbound request;

  @Setup
  public void open() throws IOException {
    meter = TemporaryMeter.open();
    MemoryDirectory directory = new MemoryDirectory();
    Pepper pepper = new Pepper(1, new byte[32]);
    KeyIssuer issuer = new KeyIssuer(directory, new KeyFormat("gk", "live"), pepper, InstantSource.system());
    directory.addUser(new User("u1", "someone", true, Instant.EPOCH));
    directory.replaceNetworks("u1", List.of(Cidr.parse("192.0.2.0/24"), Cidr.parse("198.51.100.0/24")));
    String key = issuer.issue("u1", "bench", Set.of(), Optional.empty()).secret();
    List<Limit> perSecond = List.of(Limit.of(PLENTY, Duration.ofSeconds(1)));
    KeyedGateway.Builder builder =
        KeyedGateway.builder(directory, pepper)
            .networks(directory)
            .userLimits(
                List.of(Limit.of(PLENTY, Duration.ofSeconds(1)), Limit.of(PLENTY * 60, Duration.ofMinutes(1))))
            .keyLimits(perSecond)
            .apiLimits(perSecond)
            .userQuotas(
                List.of(
                    new Quota(Meter.REQUESTS, Window.DAY, 1L << 50), new Quota(Meter.BYTES, Window.MONTH, 1L << 60)))
            .observer(meter.observer());
    gateway = builder.build();
    guarded = builder.addressLimits(perSecond, 64).refusalsPerMinute(300).build();
    request = new KeyedRequest(key);
    if (!(gateway.admit(request) instanceof Admission.Admitted)
        || !(guarded.admit(request) instanceof Admission.Admitted)) {
      throw new IllegalStateException("The request is not admitted.");
    }
  }

  @TearDown
  public void close() throws IOException {
    gateway.close();
    guarded.close();
    meter.close();
  }

  @Benchmark
  public Admission gatehouse() {
    return gateway.admit(request);
  }

  @Benchmark
  public Admission gatehouseBehindAddressLimits() {
    return guarded.admit(request);
  }

  @Benchmark
  public Admission gatehouseUntilComplete() {
    Admission admission = gateway.admit(request);
    ((Admission.Admitted) admission).complete(ANSWERED);
    return admission;
  }
}
