package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Endpoint;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.EndpointLimits.Per;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LimitGatesTest {

  private static final Limit MINUTE = Limit.of(100, Duration.ofMinutes(1));

  private final List<List<Charge>> taken = new ArrayList<>();
  private final List<List<Charge>> givenBack = new ArrayList<>();
  private boolean full = true;
  private Decision.Mode mode = Decision.Mode.EXACT;

  private final RateLimiter limiter =
      new RateLimiter() {
        @Override
        public Decision tryAcquire(List<Charge> charges) {
          if (!full) {
            return new Decision.Denied(charges.get(0), 0, 1_000_000_001L, 60_000_000_000L, mode);
          }
          taken.add(charges);
          return new Decision.Allowed(charges.get(0), 41, 1_500_000_000L, Decision.Mode.EXACT);
        }

        @Override
        public Decision peek(List<Charge> charges) {
          return tryAcquire(charges);
        }

        @Override
        public void giveBack(List<Charge> charges) {
          givenBack.add(charges);
        }

        @Override
        public void debit(List<Charge> charges) {
          throw new AssertionError("gates do not debit");
        }
      };

  @Test
  void rules_are_named_by_level_and_period_and_users_have_their_own_or_the_defaults() {
    LimitPlan plan =
        new LimitPlan(
            new LimitPlan.Rules(
                List.of(MINUTE, Limit.of(5, Duration.ofHours(1))),
                List.of(),
                List.of(),
                List.of(Limit.of(7, Duration.ofSeconds(90))),
                List.of()),
            (level, owner) ->
                owner.equals("own") ? Optional.of(List.of(Limit.of(1, Duration.ofMillis(250)))) : Optional.empty());

    assertThat(chargesOf(plan, "a")).extracting(Charge::policy).containsExactly("user-minute", "user-hour", "api-90s");
    assertThat(chargesOf(plan, "a")).extracting(Charge::bucket).containsExactly("user:a", "user:a", "api");
    assertThat(chargesOf(plan, "own")).extracting(Charge::policy).containsExactly("user-250ms", "api-90s");
  }

  @Test
  void a_rule_says_how_it_counts_and_a_request_under_way_is_one_whatever_it_costs() {
    List<Limit> limits =
        Arrays.stream(Algorithm.values()).map(each -> Limit.of(50, Duration.ofMinutes(1), each)).toList();
    Endpoint upload = new Endpoint("upload", "/upload", Set.of());
    LimitPlan plan =
        new LimitPlan(
            new LimitPlan.Rules(
                List.of(), limits, List.of(), List.of(), List.of(new EndpointLimits(upload, 5, Per.ALL, List.of()))),
            (level, owner) -> Optional.empty());

    Tariff tariff = plan.tariffOf("a", "k", Optional.empty(), Optional.empty(), charges -> Map.of());

    assertThat(tariff.charges()).extracting(Charge::policy).containsExactly(
        "key-minute", "key-minute-sliding", "key-minute-log", "key-minute-fixed", "key-concurrency");
    assertThat(tariff.charges()).extracting(Charge::cost).containsOnly(1L);
    assertThat(tariff.endpoints().get(0).charges()).extracting(Charge::cost).containsExactly(5L, 5L, 5L, 5L, 1L);
  }

  @Test
  void an_answer_says_where_the_tightest_limit_stands() {
    Admission admission = admit(Requests.get("/"), identity(), new LimitGate(limiter));

    assertThat(admission.responseHeaders())
        .containsEntry("X-RateLimit-Limit", "100")
        .containsEntry("X-RateLimit-Remaining", "41")
        .containsEntry("X-RateLimit-Reset", "2")
        .containsEntry("RateLimit-Policy", "\"user-minute\";q=100;w=60")
        .containsEntry("RateLimit", "\"user-minute\";r=41;t=2");
  }

  @Test
  void a_refusal_names_the_rule_and_rounds_the_wait_up() {
    full = false;

    Admission admission = admit(Requests.get("/"), identity(), new LimitGate(limiter));

    Refusal refusal = ((Admission.Refused) admission).refusal();
    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.RATE_LIMITED);
    assertThat(refusal.rule()).isEqualTo("user-minute");
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(admission.responseHeaders()).containsEntry("RateLimit", "\"user-minute\";r=0;t=2");
  }

  @Test
  void a_refusal_by_the_share_of_one_node_says_that_the_caller_may_be_within_the_limit() {
    full = false;
    mode = Decision.Mode.LOCAL;

    Admission admission = admit(Requests.get("/"), identity(), new LimitGate(limiter));

    Refusal refusal = ((Admission.Refused) admission).refusal();
    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.REDUCED_CAPACITY);
    assertThat(refusal.rule()).isEqualTo("user-minute");
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(refusal.detail())
        .isEqualTo("The limit user-minute of 100 is used up for now, by the share of this node alone.");
  }

  @Test
  void observers_learn_which_endpoint_covers_a_request_whether_it_is_admitted_or_refused() {
    List<String> seen = new ArrayList<>();
    Observer observer = new Observer() {
      @Override
      public void completed(Passage passage, Outcome outcome) {
        seen.add("completed " + passage.endpoint());
      }

      @Override
      public void refused(Passage passage, Refusal refusal) {
        seen.add("refused " + passage.endpoint());
      }
    };
    EndpointLimits upload =
        new EndpointLimits(new Endpoint("upload", "/upload", Set.of()), 1, Per.ALL, List.of(MINUTE));
    LimitPlan plan = new LimitPlan(
        new LimitPlan.Rules(List.of(), List.of(), List.of(), List.of(), List.of(upload)),
        (level, owner) -> Optional.empty());
    Gates gates =
        new Gates(List.of(new LimitGate(limiter, plan.anonymous(charges -> Map.of()))), List.of(observer));
    Outcome done = new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED);

    ((Admission.Admitted) gates.admit(Requests.get("/upload/a"))).complete(done);
    ((Admission.Admitted) gates.admit(Requests.get("/img"))).complete(done);
    full = false;
    assertThat(gates.admit(Requests.get("/upload"))).isInstanceOf(Admission.Refused.class);

    assertThat(seen).containsExactly("completed upload", "completed ", "refused upload");
  }

  @Test
  void what_was_taken_is_given_back_when_a_later_gate_refuses() {
    Gate shut = passage -> Optional.of(Refusal.of(Refusal.Reason.QUOTA_EXHAUSTED, "no"));

    admit(Requests.get("/"), identity(), new LimitGate(limiter), shut);

    assertThat(givenBack).isEqualTo(taken).hasSize(1);
  }

  @Test
  void an_ipv6_network_is_one_client_and_what_it_took_is_not_given_back() {
    Gate gate = new AddressGate(limiter, List.of(MINUTE), 64);
    Gate shut = passage -> Optional.of(Refusal.of(Refusal.Reason.KEY_UNKNOWN, "no"));

    admit(Requests.get("/").from("2001:db8:0:1::1"), gate, shut);
    admit(Requests.get("/").from("2001:db8:0:1:ffff::9"), gate, shut);
    admit(Requests.get("/").from("::ffff:192.0.2.7"), gate, shut);
    admit(Requests.get("/").from("64:ff9b::192.0.2.7"), gate, shut);
    admit(Requests.get("/").from("64:ff9b::127.0.0.1"), gate, shut);

    assertThat(taken).extracting(charges -> charges.get(0).bucket())
        .containsExactly(
            "ip:2001:db8:0:1:0:0:0:0/64",
            "ip:2001:db8:0:1:0:0:0:0/64",
            "ip:192.0.2.7",
            "ip:192.0.2.7",
            "ip:64:ff9b:0:0:0:0:0:0/64");
    assertThat(givenBack).isEmpty();
  }

  @Test
  void an_address_over_its_limit_is_refused_before_it_is_asked_who_it_is() {
    full = false;

    Admission admission = admit(Requests.get("/"), new AddressGate(limiter, List.of(MINUTE), 64));

    assertThat(((Admission.Refused) admission).refusal().rule()).isEqualTo("ip-minute");
    assertThat(admission.responseHeaders())
        .containsEntry("RateLimit-Policy", "\"ip-minute\";q=100;w=60")
        .containsEntry("RateLimit", "\"ip-minute\";r=0;t=2");
  }

  @Test
  void a_caller_without_limits_is_not_charged() {
    admit(Requests.get("/"), new LimitGate(limiter));

    assertThat(taken).isEmpty();
  }

  private static List<Charge> chargesOf(LimitPlan plan, String user) {
    return plan.tariffOf(user, "k", Optional.empty(), Optional.empty(), charges -> Map.of()).charges();
  }

  private static Gate identity() {
    List<Charge> charges = List.of(new Charge("user-minute", "user:a", MINUTE, 1));
    return passage -> {
      passage.entitle(new Entitlement(new Subject("a", "k"), charges, List.of(), List.of(), Set.of()));
      return Optional.empty();
    };
  }

  private static Admission admit(Requests request, Gate... gates) {
    return new Gates(List.of(gates), List.of()).admit(request);
  }
}
