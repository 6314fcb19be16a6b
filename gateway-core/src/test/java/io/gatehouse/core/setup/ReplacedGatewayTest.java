package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Admission;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.StoreException;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryCrossingLog;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.event.Change;
import io.gatehouse.event.Crossing;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A gateway that takes the place of another: other rules over the same counts. */
class ReplacedGatewayTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Outcome OVER = new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED);

  private final SettableClock clock = new SettableClock();
  private final Pepper pepper = new Pepper(1, new byte[32]);
  private final MemoryDirectory directory = new MemoryDirectory(change -> {});
  private final KeyIssuer issuer = new KeyIssuer(directory, new KeyFormat("gk", "live"), pepper, clock);
  private final Queue<Integer> crossed = new ConcurrentLinkedQueue<>();
  private boolean away;
  private KeyedGateway running;

  @AfterEach
  void close() {
    running.close();
  }

  @Test
  void counts_go_on_under_the_new_limits() {
    Requests alice = requestOf("alice");
    open(builder().userLimits(List.of(Limit.of(3, HOUR))));
    admitted(alice);
    admitted(alice);

    replace(builder().userLimits(List.of(Limit.of(2, HOUR))));
    assertThat(refusal(alice)).isEqualTo(Reason.RATE_LIMITED);

    replace(builder().userLimits(List.of(Limit.of(5, HOUR))));
    admitted(alice);
  }

  @Test
  void quotas_counts_and_the_limits_of_addresses_go_on_too() {
    Requests alice = requestOf("alice");
    open(builder().userQuotas(requestsADay(3)).addressLimits(List.of(Limit.of(3, HOUR)), 64));
    admitted(alice).complete(OVER);
    admitted(alice).complete(OVER);

    replace(builder().userQuotas(requestsADay(2)).addressLimits(List.of(Limit.of(3, HOUR)), 64));
    assertThat(refusal(alice)).isEqualTo(Reason.QUOTA_EXHAUSTED);

    assertThat(refusal(alice)).as("the third of three").isEqualTo(Reason.RATE_LIMITED);
  }

  @Test
  void a_request_that_was_admitted_goes_by_the_rules_of_its_admission_and_gives_back_what_it_held() {
    Requests alice = requestOf("alice");
    open(builder().userLimits(List.of(Limit.of(1, HOUR, Algorithm.CONCURRENCY))));
    Admission.Admitted underWay = admitted(alice);

    replace(builder().userLimits(List.of(Limit.of(2, HOUR, Algorithm.CONCURRENCY))));
    Admission.Admitted second = admitted(alice);
    assertThat(refusal(alice)).isEqualTo(Reason.RATE_LIMITED);

    underWay.complete(OVER);
    admitted(alice).complete(OVER);
    second.complete(OVER);
  }

  @Test
  void known_keys_get_the_new_rules_while_the_store_is_away() {
    Requests alice = requestOf("alice");
    directory.replaceLimits(Level.USER, "bob", Optional.of(List.of(Limit.of(7, HOUR))));
    Requests bob = requestOf("bob");
    open(builder().userLimits(List.of(Limit.of(3, HOUR))));
    admitted(alice);
    admitted(bob);
    away = true;

    replace(builder().userLimits(List.of(Limit.of(1, HOUR))));

    assertThat(refusal(alice)).isEqualTo(Reason.RATE_LIMITED);
    admitted(bob);
  }

  @Test
  void a_change_that_the_store_tells_reaches_what_both_remember() {
    Requests alice = requestOf("alice");
    KeyedGateway first = open(builder().userLimits(List.of(Limit.of(3, HOUR))));
    admitted(alice);
    replace(builder().userLimits(List.of(Limit.of(3, HOUR))));

    directory.replaceLimits(Level.USER, "alice", Optional.of(List.of(Limit.of(1, HOUR))));
    first.changed(new Change(Change.Topic.USER, "alice"));

    assertThat(refusal(alice)).isEqualTo(Reason.RATE_LIMITED);
  }

  @Test
  void thresholds_are_those_of_the_new_rules_also_for_what_is_used_already() {
    Requests alice = requestOf("alice");
    MemoryCrossingLog log = new MemoryCrossingLog();
    open(builder().userQuotas(requestsADay(10)).thresholds(log, List.of(90)));
    for (int i = 0; i < 4; i++) {
      admitted(alice).complete(OVER);
    }

    replace(builder().userQuotas(requestsADay(5)).thresholds(log, List.of(80)));
    admitted(alice).complete(OVER);

    await().atMost(Duration.ofSeconds(20)).until(() -> crossed.contains(80));
    assertThat(crossed).containsExactly(80);
  }

  @Test
  void closing_the_earlier_one_does_nothing() {
    Requests alice = requestOf("alice");
    KeyedGateway first = open(builder());
    replace(builder());
    first.close();

    admitted(alice);
    assertThat(threads()).isPositive();
    running.close();

    await().atMost(Duration.ofSeconds(20)).until(() -> threads() == 0);
  }

  @Test
  void a_thousand_replacements_leave_no_thread_and_no_gateway_behind() {
    Requests alice = requestOf("alice");
    WeakReference<KeyedGateway> first = new WeakReference<>(open(builder().userLimits(List.of(Limit.of(3, HOUR)))));
    admitted(alice);
    admitted(requestOf("bob")); // remembered by the first rules, and not asked for again

    long before = threads();
    for (int i = 0; i < 1_000; i++) {
      replace(builder().userLimits(List.of(Limit.of(100_000 + i, HOUR))));
      admitted(alice);
    }

    assertThat(threads()).isLessThanOrEqualTo(before);
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      System.gc();
      return first.get() == null;
    });
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("gatehouse-crossings")
            || thread.getName().equals("gatehouse-key-refresh"))
        .filter(Thread::isAlive)
        .count();
  }

  private static List<Quota> requestsADay(long most) {
    return List.of(new Quota(Meter.REQUESTS, Window.DAY, most));
  }

  private KeyedGateway.Builder builder() {
    return KeyedGateway.builder(this::find, pepper).limits(directory).clock(clock).observer(new Observer() {
      @Override
      public void crossed(Crossing crossing) {
        crossed.add(crossing.percent());
      }
    });
  }

  private Optional<ApiKey> find(KeyDigest digest) {
    if (away) {
      throw new StoreException("away", null);
    }
    return directory.find(digest);
  }

  private KeyedGateway open(KeyedGateway.Builder builder) {
    running = builder.build();
    return running;
  }

  private void replace(KeyedGateway.Builder builder) {
    running = builder.inPlaceOf(running).build();
  }

  private Requests requestOf(String user) {
    directory.addUser(new User(user, user, true, clock.instant()));
    return Requests.get("/").with("X-API-Key", issuer.issue(user, "", Set.of(), Optional.empty()).secret());
  }

  private Admission.Admitted admitted(Requests request) {
    Admission admission = running.admit(request);
    assertThat(admission).isInstanceOf(Admission.Admitted.class);
    return (Admission.Admitted) admission;
  }

  private Reason refusal(Requests request) {
    return ((Admission.Refused) running.admit(request)).refusal().reason();
  }
}
