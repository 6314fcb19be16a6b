package io.gatehouse.core.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.core.fixture.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GatesTest {

  private static final Outcome DONE = new Outcome(200, 0, 5, Duration.ofMillis(1), Outcome.Ending.ANSWERED);
  private static final Gate OPEN = passage -> Optional.empty();
  private static final Gate SHUT = passage -> Optional.of(Refusal.of(Refusal.Reason.FORBIDDEN, "no"));

  private final List<String> story = new ArrayList<>();

  @Test
  void the_first_refusal_ends_the_questions() {
    Gate never = passage -> {
      story.add("asked");
      return Optional.empty();
    };

    Admission admission = new Gates(List.of(OPEN, SHUT, never), List.of()).admit(Requests.get("/"));

    assertThat(admission).isInstanceOf(Admission.Refused.class);
    assertThat(story).isEmpty();
  }

  @Test
  void a_refusal_gives_back_what_was_taken_the_last_first() {
    Gate first = passage -> taking(passage, "first");
    Gate second = passage -> taking(passage, "second");

    new Gates(List.of(first, second, SHUT), List.of()).admit(Requests.get("/"));

    assertThat(story).containsExactly("second given back", "first given back");
  }

  @Test
  void an_admitted_request_is_completed_exactly_once_however_many_threads_try() throws Exception {
    AtomicInteger settled = new AtomicInteger();
    Gate gate = passage -> {
      passage.whenComplete(outcome -> settled.incrementAndGet());
      return Optional.empty();
    };
    Admission.Admitted admitted =
        (Admission.Admitted) new Gates(List.of(gate), List.of()).admit(Requests.get("/"));

    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread = new Thread(() -> {
        try {
          start.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        admitted.complete(DONE);
      });
      thread.start();
      threads.add(thread);
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(settled).hasValue(1);
  }

  @Test
  void a_settlement_that_throws_keeps_none_of_the_others_from_running() {
    Gate gate = passage -> {
      passage.whenComplete(outcome -> story.add("settled"));
      passage.whenComplete(outcome -> {
        throw new IllegalStateException("broken on purpose");
      });
      return Optional.empty();
    };
    Observer observer = new Observer() {
      @Override
      public void completed(Passage passage, Outcome outcome) {
        story.add("observed " + outcome.status());
      }
    };

    Admission admission = new Gates(List.of(gate), List.of(observer)).admit(Requests.get("/"));
    ((Admission.Admitted) admission).complete(DONE);

    assertThat(story).containsExactly("settled", "observed 200");
  }

  @Test
  void a_store_that_fails_is_a_refusal_and_what_was_taken_is_given_back() {
    Gate taking = passage -> taking(passage, "permit");
    Gate broken = passage -> {
      throw new StoreException("away", null);
    };

    Admission admission = new Gates(List.of(taking, broken), List.of()).admit(Requests.get("/"));

    Refusal refusal = ((Admission.Refused) admission).refusal();
    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.STORE_UNAVAILABLE);
    assertThat(refusal.retryAfter()).isPositive();
    assertThat(story).containsExactly("permit given back");
  }

  @Test
  void a_gate_with_a_fault_of_its_own_gives_back_too_and_the_fault_is_not_hidden() {
    Gate taking = passage -> taking(passage, "permit");
    Gate faulty = passage -> {
      throw new IllegalStateException("fault");
    };

    Gates gates = new Gates(List.of(taking, faulty), List.of());

    assertThatThrownBy(() -> gates.admit(Requests.get("/"))).hasMessage("fault");
    assertThat(story).containsExactly("permit given back");
  }

  @Test
  void observers_hear_of_refusals_and_headers_go_into_the_answer_either_way() {
    Gate marking = passage -> {
      passage.responseHeader("X-A", "1");
      passage.responseHeader("X-A", "2");
      return Optional.empty();
    };
    Observer observer = new Observer() {
      @Override
      public void refused(Passage passage, Refusal refusal) {
        story.add("refused " + refusal.reason());
      }
    };

    Admission refused = new Gates(List.of(marking, SHUT), List.of(observer)).admit(Requests.get("/"));
    Admission admitted = new Gates(List.of(marking), List.of(observer)).admit(Requests.get("/"));

    assertThat(refused.responseHeaders()).containsEntry("X-A", "2").hasSize(1);
    assertThat(admitted.responseHeaders()).containsEntry("X-A", "2").hasSize(1);
    assertThat(story).containsExactly("refused FORBIDDEN");
  }

  @Test
  void a_preview_asks_every_gate_what_it_would_say_and_runs_nothing_that_was_left() {
    Gate looking = new Gate() {
      @Override
      public Optional<Refusal> check(Passage passage) {
        story.add("checked");
        return Optional.empty();
      }

      @Override
      public Finding preview(Passage passage) {
        passage.whenRefused(() -> story.add("given back"));
        return new Finding.Passes("", "looks well", List.of());
      }

      @Override
      public String name() {
        return "looking";
      }
    };
    Refusal no = Refusal.of(Refusal.Reason.FORBIDDEN, "no");
    Observer observer = new Observer() {
      @Override
      public void refused(Passage passage, Refusal refusal) {
        story.add("observed");
      }
    };

    Preview preview =
        new Gates(List.of(looking, shut(no), shut(Refusal.of(Refusal.Reason.BAD_REQUEST, "later")), looking),
            List.of(observer)).preview(Requests.get("/"));

    assertThat(preview.steps()).extracting(Preview.Step::gate).containsExactly("looking", "gate", "gate", "looking");
    assertThat(preview.steps().get(3).finding().detail()).isEqualTo("looks well");
    assertThat(preview.refusal()).as("the first one").contains(no);
    assertThat(preview.subject()).isEmpty();
    assertThat(story).isEmpty();
  }

  @Test
  void a_gate_that_can_only_check_is_not_asked_in_a_preview() {
    Gate spending = passage -> {
      story.add("spent");
      return Optional.empty();
    };

    Preview preview = new Gates(List.of(spending, new Custom()), List.of()).preview(Requests.get("/"));

    assertThat(preview.steps()).extracting(Preview.Step::gate).containsExactly("gate", "Custom");
    assertThat(preview.steps()).allSatisfy(step -> assertThat(step.finding()).isInstanceOf(Finding.NotAsked.class));
    assertThat(preview.refusal()).isEmpty();
    assertThat(story).isEmpty();
  }

  @Test
  void a_store_that_fails_in_a_preview_is_a_refusal_of_its_gate() {
    Gate broken = new Gate() {
      @Override
      public Optional<Refusal> check(Passage passage) {
        throw new AssertionError("checked in a preview");
      }

      @Override
      public Finding preview(Passage passage) {
        throw new StoreException("away");
      }
    };

    Preview preview = new Gates(List.of(broken, OPEN), List.of()).preview(Requests.get("/"));

    assertThat(preview.refusal().orElseThrow().reason()).isEqualTo(Refusal.Reason.STORE_UNAVAILABLE);
    assertThat(preview.steps()).hasSize(2);
  }

  private static final class Custom implements Gate {
    @Override
    public Optional<Refusal> check(Passage passage) {
      throw new AssertionError("checked in a preview");
    }
  }

  private static Gate shut(Refusal refusal) {
    return new Gate() {
      @Override
      public Optional<Refusal> check(Passage passage) {
        return Optional.of(refusal);
      }

      @Override
      public Finding preview(Passage passage) {
        return new Finding.Refuses(refusal, List.of());
      }
    };
  }

  @Test
  void who_calls_is_stated_once() {
    Entitlement entitlement = new Entitlement(new Subject("u", "k"), List.of(), List.of(), List.of(), Set.of());
    Gate twice = passage -> {
      passage.entitle(entitlement);
      assertThat(passage.subject()).contains(new Subject("u", "k"));
      passage.entitle(entitlement);
      return Optional.empty();
    };

    assertThatThrownBy(() -> new Gates(List.of(twice), List.of()).admit(Requests.get("/")))
        .isInstanceOf(IllegalStateException.class);
  }

  private Optional<Refusal> taking(Passage passage, String what) {
    passage.whenRefused(() -> story.add(what + " given back"));
    return Optional.empty();
  }
}
