package io.gatehouse.examples.benchmarks;

import io.gatehouse.Entitlement;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What counting one answered request costs: requests and bytes of its caller, endpoint and minute, in a mapped file. */
@State(Scope.Benchmark)
public class Metering extends Timed {

  private static final Outcome ANSWERED =
      new Outcome(200, 0, 14_000, Duration.ofMillis(3), Outcome.Ending.ANSWERED);

  private final Passage passage = new Known("");
  private final Passage covered = new Known("upload");
  private TemporaryMeter meter;

  @Setup
  public void open() throws IOException {
    meter = TemporaryMeter.open();
  }

  @TearDown
  public void close() throws IOException {
    meter.close();
  }

  @Benchmark
  public void gatehouse() {
    meter.observer().completed(passage, ANSWERED);
  }

  /** The same, of a request that an endpoint covers. */
  @Benchmark
  public void gatehouseByEndpoint() {
    meter.observer().completed(covered, ANSWERED);
  }

  /** A passage that is over, of a caller who is known. */
  private static final class Known implements Passage {

    private final String endpoint;

    private final Optional<Entitlement> entitlement =
        Optional.of(new Entitlement(new Subject("u1", "k1"), List.of(), List.of(), List.of(), Set.of()));

    private Known(String endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public String endpoint() {
      return endpoint;
    }

    @Override
    public Inbound inbound() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Entitlement> entitlement() {
      return entitlement;
    }

    @Override
    public void entitle(Entitlement stated) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void tell(Fields fields) {}

    @Override
    public void wouldRefuse(Refusal refusal) {}

    @Override
    public void leave(Duty duty) {}
  }
}
