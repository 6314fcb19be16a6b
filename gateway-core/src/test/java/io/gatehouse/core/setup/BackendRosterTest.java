package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.StoreException;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.upstream.HealthCheck;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.upstream.Registration;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Registered backends in one node's pool, while time passes and the store comes and goes. */
class BackendRosterTest {

  private static final Duration TTL = Duration.ofSeconds(30);
  private static final Upstream FILE = backend("http://10.0.0.9:8080");
  private static final Upstream ONE = backend("http://10.0.0.1:8080");
  private static final Upstream OTHER = backend("http://10.0.0.2:8080");

  /** Of the store and, from elsewhere, of the node. */
  private final AtomicLong storeNanos = new AtomicLong(-5_000_000_000L);
  private final AtomicLong nodeNanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
  private final MemoryDirectory directory = new MemoryDirectory(change -> {}, storeNanos::get);
  private final Store store = new Store();
  private final Pool pool = new Pool(HealthCheck.DEFAULT);
  private final BackendRoster roster = new BackendRoster(List.of(FILE), directory, store, pool::replace, nodeNanos::get);

  @Test
  void one_that_beats_stays_and_one_that_does_not_goes_with_its_time() {
    directory.register(ONE, TTL);
    directory.register(OTHER, TTL);
    roster.refresh();
    assertThat(pooled()).containsExactly(FILE.uri(), ONE.uri(), OTHER.uri());

    pass(Duration.ofSeconds(20));
    directory.beat(ONE.uri(), TTL);
    pass(Duration.ofSeconds(10));

    assertThat(pooled()).containsExactly(FILE.uri(), ONE.uri());
    assertThat(roster.registered(ONE.uri())).isTrue();
    assertThat(roster.registered(OTHER.uri())).isFalse();

    directory.beat(OTHER.uri(), TTL);
    roster.refresh();
    assertThat(pooled()).contains(OTHER.uri());
  }

  @Test
  void the_store_is_asked_when_somebodys_time_is_up_and_seldom_otherwise() {
    roster.refresh();
    pass(Duration.ofMinutes(5));
    assertThat(store.asked).as("nobody is registered").isEqualTo(1);

    directory.register(ONE, TTL);
    roster.refresh();
    for (int i = 0; i < 29; i++) {
      directory.beat(ONE.uri(), TTL);
      pass(Duration.ofSeconds(1));
    }

    assertThat(store.asked).isEqualTo(4);
    assertThat(pooled()).contains(ONE.uri());
  }

  @Test
  void a_store_that_was_away_takes_nobody_along() {
    directory.register(ONE, TTL);
    roster.refresh();

    store.away = true;
    pass(Duration.ofMinutes(5));
    assertThat(pooled()).contains(ONE.uri());

    store.away = false;
    pass(Duration.ZERO);
    assertThat(pooled()).as("it could not beat").contains(ONE.uri());
    assertThat(roster.registered(ONE.uri())).isTrue();

    pass(TTL.minusMillis(1));
    assertThat(pooled()).contains(ONE.uri());
    pass(Duration.ofMillis(1));
    assertThat(pooled()).as("it could have beaten since").doesNotContain(ONE.uri());
  }

  @Test
  void a_silence_that_only_the_feed_of_changes_has_seen_counts_as_well() {
    directory.register(ONE, TTL);
    roster.refresh();

    nodeNanos.addAndGet(TTL.toNanos());
    storeNanos.addAndGet(TTL.toNanos());
    roster.refreshAfterSilence();

    assertThat(pooled()).contains(ONE.uri());
  }

  @Test
  void whoever_leaves_or_was_gone_before_the_silence_is_not_excused() {
    directory.register(ONE, TTL);
    directory.register(OTHER, TTL);
    roster.refresh();
    pass(Duration.ofSeconds(20));
    directory.beat(ONE.uri(), TTL);
    pass(Duration.ofSeconds(10));

    store.away = true;
    pass(Duration.ofSeconds(30));
    store.away = false;
    pass(Duration.ZERO);
    assertThat(pooled()).containsExactly(FILE.uri(), ONE.uri());

    directory.deregister(ONE.uri());
    roster.refresh();
    assertThat(pooled()).containsExactly(FILE.uri());
  }

  @Test
  void one_kept_for_good_goes_before_a_registered_one_and_that_before_the_file() {
    directory.register(new Upstream(FILE.uri(), 7, Upstream.State.ENABLED, TTL), TTL);
    roster.refresh();
    assertThat(pool.standings().get(0).upstream().weight()).isEqualTo(7);

    directory.putBackend(new Upstream(FILE.uri(), 9, Upstream.State.ENABLED, TTL));
    roster.refresh();
    assertThat(pool.standings().get(0).upstream().weight()).isEqualTo(9);
  }

  private void pass(Duration time) {
    nodeNanos.addAndGet(time.toNanos());
    storeNanos.addAndGet(time.toNanos());
    roster.look();
  }

  private List<URI> pooled() {
    return pool.standings().stream().map(standing -> standing.upstream().uri()).toList();
  }

  private static Upstream backend(String uri) {
    return new Upstream(URI.create(uri), 1, Upstream.State.ENABLED, Duration.ofSeconds(30));
  }

  /** The directory, as far as a roster sees it, when it can be asked. */
  private final class Store implements Registrations {

    private boolean away;
    private int asked;

    @Override
    public List<Registration> registrations() {
      asked++;
      if (away) {
        throw new StoreException("away", null);
      }
      return directory.registrations();
    }

    @Override
    public Answer register(Upstream backend, Duration ttl) {
      return directory.register(backend, ttl);
    }

    @Override
    public boolean beat(URI uri, Duration ttl) {
      return directory.beat(uri, ttl);
    }

    @Override
    public boolean deregister(URI uri) {
      return directory.deregister(uri);
    }
  }
}
