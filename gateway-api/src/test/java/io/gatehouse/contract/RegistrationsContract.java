package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registration;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Registrations.Answer;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link Registrations} keeps. There are no other registrations while it is tested. */
public abstract class RegistrationsContract extends StoreContract {

  private static final Duration TTL = Duration.ofMinutes(10);
  private static final Duration HALF = Duration.ofMinutes(5);

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract Registrations registrations();

  /** The store of the same backends. */
  protected abstract BackendAdmin backendAdmin();

  /** Has so much time pass for the store. */
  protected abstract void pass(Duration time) throws Exception;

  @AfterEach
  void forget() {
    registrations().registrations().forEach(each -> registrations().deregister(each.upstream().uri()));
  }

  @Test
  void a_registered_backend_is_kept_exactly_with_its_whole_time_and_is_not_one_for_good() {
    Upstream second = backend("b", 30, Upstream.State.DRAINING);
    Upstream first = backend("a", 70, Upstream.State.ENABLED);

    assertThat(registrations().register(second, TTL)).isEqualTo(Answer.KEPT);
    assertThat(registrations().register(first, HALF)).isEqualTo(Answer.KEPT);

    List<Registration> all = registrations().registrations();
    assertThat(all).extracting(Registration::upstream).containsExactly(first, second);
    assertThat(all).extracting(Registration::ttl).containsExactly(HALF, TTL);
    assertThat(all.get(0).left()).isBetween(HALF.minusMinutes(1), HALF);
    assertThat(all.get(1).left()).isBetween(TTL.minusMinutes(1), TTL);
    assertThat(backendAdmin().backends()).doesNotContain(first, second);
  }

  @Test
  void a_registered_backend_keeps_its_pool_and_may_change_it() {
    Upstream backend = backend("a", 70, Upstream.State.ENABLED).in("images");
    registrations().register(backend, TTL);
    assertThat(one(backend).upstream()).isEqualTo(backend);

    registrations().register(backend.in("api"), TTL);
    registrations().beat(backend.uri(), TTL);

    assertThat(one(backend).upstream()).isEqualTo(backend.in("api"));
  }

  @Test
  void whoever_is_not_heard_of_has_nothing_left_and_comes_back_with_a_beat_as_it_was() throws Exception {
    Upstream backend = backend("a", 70, Upstream.State.DRAINING);
    registrations().register(backend, TTL);

    pass(HALF);
    assertThat(one(backend).left()).isBetween(HALF.minusMinutes(1), HALF);
    assertThat(registrations().beat(backend.uri(), TTL)).isTrue();
    pass(HALF);
    assertThat(one(backend).live()).isTrue();

    pass(TTL);
    assertThat(one(backend).live()).isFalse();

    assertThat(registrations().beat(backend.uri(), HALF)).isTrue();
    assertThat(one(backend).upstream()).isEqualTo(backend);
    assertThat(one(backend).ttl()).isEqualTo(HALF);
    assertThat(one(backend).left()).isBetween(HALF.minusMinutes(1), HALF);
  }

  @Test
  void a_beat_registers_nobody() {
    assertThat(registrations().beat(backend("a", 1, Upstream.State.ENABLED).uri(), TTL)).isFalse();

    assertThat(registrations().registrations()).isEmpty();
  }

  @Test
  void registering_again_replaces_and_begins_the_time_anew() throws Exception {
    Upstream old = backend("a", 70, Upstream.State.ENABLED);
    registrations().register(old, TTL);
    Upstream changed = new Upstream(old.uri(), 1, Upstream.State.DRAINING, Duration.ofMillis(2500));

    pass(HALF);
    registrations().register(changed, TTL);

    assertThat(registrations().registrations()).hasSize(1);
    assertThat(one(old).upstream()).isEqualTo(changed);
    assertThat(one(old).left()).isGreaterThan(HALF);

    pass(HALF);
    registrations().register(changed, TTL);
    assertThat(one(old).left()).as("the same again is a beat").isGreaterThan(HALF);
  }

  @Test
  void what_is_kept_for_good_can_neither_be_registered_nor_deregistered_nor_beat() {
    Upstream backend = backend("a", 70, Upstream.State.ENABLED);
    backendAdmin().putBackend(backend);

    assertThat(registrations().register(backend, TTL)).isEqualTo(Answer.LASTING);
    assertThat(registrations().beat(backend.uri(), TTL)).isFalse();
    assertThat(registrations().deregister(backend.uri())).isFalse();

    assertThat(registrations().registrations()).isEmpty();
    assertThat(backendAdmin().backends()).contains(backend);
    backendAdmin().deleteBackend(backend.uri());
  }

  @Test
  void a_registered_backend_that_is_put_is_kept_for_good() throws Exception {
    Upstream backend = backend("a", 70, Upstream.State.ENABLED);
    registrations().register(backend, TTL);

    backendAdmin().putBackend(backend);
    pass(TTL);

    assertThat(registrations().registrations()).isEmpty();
    assertThat(backendAdmin().backends()).contains(backend);
    backendAdmin().deleteBackend(backend.uri());
  }

  @Test
  void a_registered_backend_leaves_by_either_door() {
    Upstream one = backend("a", 1, Upstream.State.ENABLED);
    Upstream other = backend("b", 1, Upstream.State.ENABLED);
    registrations().register(one, TTL);
    registrations().register(other, TTL);

    assertThat(registrations().deregister(one.uri())).isTrue();
    assertThat(registrations().deregister(one.uri())).isFalse();
    assertThat(backendAdmin().deleteBackend(other.uri())).isTrue();
    assertThat(backendAdmin().deleteBackend(other.uri())).isFalse();

    assertThat(registrations().registrations()).isEmpty();
  }

  @Test
  void places_are_bounded_and_those_of_the_silent_are_given_away() throws Exception {
    for (int i = 1; i < Registrations.MOST; i++) {
      registrations().register(backend("x" + i, 1, Upstream.State.ENABLED), TTL.plus(TTL));
    }
    Upstream silent = backend("silent", 1, Upstream.State.ENABLED);
    registrations().register(silent, TTL);
    Upstream next = backend("next", 1, Upstream.State.ENABLED);

    assertThat(registrations().register(next, TTL)).isEqualTo(Answer.FULL);
    assertThat(registrations().beat(silent.uri(), TTL)).isTrue();

    pass(TTL);
    assertThat(registrations().register(next, TTL)).isEqualTo(Answer.KEPT);
    assertThat(registrations().registrations()).hasSize(Registrations.MOST);
    assertThat(registrations().beat(silent.uri(), TTL)).isFalse();
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_nobody_is_registered() throws Exception {
    Upstream backend = backend("a", 1, Upstream.State.ENABLED);
    registrations().register(backend, TTL);

    whileBroken(
        () -> registrations().registrations(),
        () -> registrations().register(backend, TTL),
        () -> registrations().beat(backend.uri(), TTL),
        () -> registrations().deregister(backend.uri()));

    assertThat(one(backend).live()).isTrue();
  }

  private Registration one(Upstream backend) {
    Optional<Registration> found = registrations().registrations().stream()
        .filter(each -> each.upstream().uri().equals(backend.uri())).findFirst();
    return found.orElseThrow();
  }

  /** The domain differs in each call; the hosts sort by their first letters. */
  private static Upstream backend(String host, int weight, Upstream.State state) {
    String domain = "d" + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE) + ".test";
    return new Upstream(URI.create("http://" + host + "." + domain + ":8080"), weight, state, Duration.ofSeconds(30));
  }
}
