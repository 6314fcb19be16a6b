package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** What every {@link BackendAdmin} keeps. Backends that were there before are left alone. */
public abstract class BackendAdminContract extends StoreContract {

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract BackendAdmin backendAdmin();

  @Test
  void backends_are_kept_exactly_and_ordered_by_uri() {
    String domain = domain();
    Upstream first = backend("a." + domain, 70, Upstream.State.ENABLED);
    Upstream second = backend("b." + domain, 30, Upstream.State.DRAINING);

    backendAdmin().putBackend(second);
    backendAdmin().putBackend(first);

    assertThat(backendsIn(domain)).containsExactly(first, second);
    assertThat(backendAdmin().backends()).isSortedAccordingTo((a, b) -> a.uri().compareTo(b.uri()));
  }

  @Test
  void putting_a_backend_again_replaces_it() {
    String domain = domain();
    Upstream old = backend(domain, 70, Upstream.State.ENABLED);
    Upstream changed = new Upstream(old.uri(), 1, Upstream.State.DRAINING, Duration.ofMillis(2500));
    backendAdmin().putBackend(old);

    backendAdmin().putBackend(changed);

    assertThat(backendsIn(domain)).containsExactly(changed);
  }

  @Test
  void a_backend_keeps_the_pool_that_it_is_put_into_and_may_change_it() {
    String domain = domain();
    Upstream backend = backend(domain, 7, Upstream.State.ENABLED);
    backendAdmin().putBackend(backend);
    assertThat(backendsIn(domain)).containsExactly(backend).first().extracting(Upstream::pool).isEqualTo("default");

    backendAdmin().putBackend(backend.in("images-2"));

    assertThat(backendsIn(domain)).containsExactly(backend.in("images-2"));
  }

  @Test
  void a_deleted_backend_is_gone() {
    String domain = domain();
    Upstream backend = backend(domain, 1, Upstream.State.ENABLED);
    backendAdmin().putBackend(backend);

    assertThat(backendAdmin().deleteBackend(backend.uri())).isTrue();

    assertThat(backendsIn(domain)).isEmpty();
    assertThat(backendAdmin().deleteBackend(backend.uri())).isFalse();
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_there_is_no_backend() throws Exception {
    Upstream backend = backend(domain(), 1, Upstream.State.ENABLED);
    backendAdmin().putBackend(backend);

    whileBroken(
        () -> backendAdmin().backends(),
        () -> backendAdmin().putBackend(backend),
        () -> backendAdmin().deleteBackend(backend.uri()));

    assertThat(backendAdmin().backends()).contains(backend);
  }

  private List<Upstream> backendsIn(String domain) {
    return backendAdmin().backends().stream().filter(backend -> backend.uri().getHost().endsWith(domain)).toList();
  }

  private static Upstream backend(String host, int weight, Upstream.State state) {
    return new Upstream(URI.create("http://" + host + ":8080"), weight, state, Duration.ofSeconds(30));
  }

  private static String domain() {
    return "d" + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE) + ".test";
  }
}
