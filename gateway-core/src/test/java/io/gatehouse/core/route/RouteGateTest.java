package io.gatehouse.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Finding;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteGateTest {

  private final RouteGate gate = new RouteGate(new Routes(List.of(
      new Route("uploads", Optional.empty(), "/up", Set.of("POST"), "store", Optional.of("heavy")),
      new Route("images", Optional.empty(), "/img", Set.of(), "images", Optional.empty()))));

  @Test
  void the_route_and_its_class_are_stated_and_told_of_admitted_and_refused_requests() {
    List<String> seen = new ArrayList<>();
    Observer observer = new Observer() {
      @Override
      public void completed(Passage passage, Outcome outcome) {
        seen.add(passage.route() + " " + passage.endpoint());
      }

      @Override
      public void refused(Passage passage, Refusal refusal) {
        seen.add(passage.route() + " refused");
      }
    };

    Admission posted = new Gates(List.of(gate), List.of(observer)).admit(Requests.get("/up").method("POST"));
    ((Admission.Admitted) posted).complete(new Outcome(200, 0, 0, Duration.ZERO, Outcome.Ending.ANSWERED));
    Admission refused = new Gates(
        List.of(gate, passage -> Optional.of(Refusal.of(Refusal.Reason.FORBIDDEN, "no"))), List.of(observer))
        .admit(Requests.get("/img/a"));

    assertThat(posted.route()).isEqualTo("uploads");
    assertThat(refused.route()).isEqualTo("images");
    assertThat(seen).containsExactly("uploads heavy", "images refused");
  }

  @Test
  void what_no_route_covers_is_refused() {
    Admission admission = new Gates(List.of(gate), List.of()).admit(Requests.get("/up"));

    assertThat(admission).isInstanceOfSatisfying(Admission.Refused.class, refused -> {
      assertThat(refused.refusal().reason()).isEqualTo(Refusal.Reason.NO_ROUTE);
      assertThat(refused.route()).isEmpty();
    });
  }

  @Test
  void a_preview_tells_the_route_and_its_pool() {
    Gates gates = new Gates(List.of(gate), List.of());

    assertThat(gates.preview(Requests.get("/img/a")).steps()).singleElement().satisfies(step -> {
      assertThat(step.gate()).isEqualTo("route");
      assertThat(step.finding()).isEqualTo(new Finding.Passes("images", "goes to pool images", List.of()));
    });
    assertThat(gates.preview(Requests.get("/")).refusal()).map(Refusal::reason).contains(Refusal.Reason.NO_ROUTE);
  }
}
