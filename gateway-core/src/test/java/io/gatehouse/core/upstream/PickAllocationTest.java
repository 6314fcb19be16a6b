package io.gatehouse.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.gatehouse.Inbound;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Balancer.Pick;
import io.gatehouse.upstream.Upstream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pick allocates does not grow with the pool. */
class PickAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Inbound REQUEST = Requests.get("/a");
  private static final int PICKS = 2_000;

  /** More than what a pick is made of, and far less than a few numbers for each of 200 backends. */
  private static final long MOST_BYTES = 250;

  static Stream<Named<Function<Pool, Balancer>>> balancers() {
    return Stream.of(
        Named.of("weighted round robin", PoolBalancer::weightedRoundRobin),
        Named.of("least request", PoolBalancer::leastRequest),
        Named.of("power of two", PoolBalancer::powerOfTwo),
        Named.of("peak EWMA", PoolBalancer::peakEwma),
        Named.of("rendezvous", pool -> PoolBalancer.rendezvous(pool, HashKey.PATH)));
  }

  @ParameterizedTest
  @MethodSource("balancers")
  void it_is_the_same_for_200_backends_as_for_2(Function<Pool, Balancer> balancer) {
    long few = bytesOfAPick(balancer.apply(pool(2)));
    long many = bytesOfAPick(balancer.apply(pool(200)));

    assertThat(few).isBetween(1L, MOST_BYTES);
    assertThat(many).isBetween(1L, MOST_BYTES);
  }

  private static long bytesOfAPick(Balancer balancer) {
    pick(balancer); // makes what is used again and again
    long before = THREADS.getCurrentThreadAllocatedBytes();
    pick(balancer);
    return (THREADS.getCurrentThreadAllocatedBytes() - before) / PICKS;
  }

  private static void pick(Balancer balancer) {
    for (int i = 0; i < PICKS; i++) {
      Pick pick = balancer.pick(REQUEST, Set.of()).orElseThrow();
      pick.abandoned();
    }
  }

  private static Pool pool(int backends) {
    Pool pool = new Pool(PoolRules.DEFAULT);
    pool.replace(IntStream.range(0, backends)
        .mapToObj(i -> new Upstream(
            URI.create("http://10.0.0.1:" + (1000 + i)), 1 + i % 3, Upstream.State.ENABLED, Duration.ofSeconds(30)))
        .toList());
    return pool;
  }
}
