package io.gatehouse;

import java.util.List;
import java.util.Objects;

/** What one gate would say of a request, having taken nothing for it. */
public sealed interface Finding {

  /** A sentence or less for people: what the gate saw. */
  String detail();

  /** Where the rules of the gate stand for this caller; empty when it counts nothing. */
  List<Standing> standings();

  /**
   * It would let the request go on.
   *
   * @param rule the rule that came closest to refusing, or that allowed it, by its name; empty when there is none
   */
  record Passes(String rule, String detail, List<Standing> standings) implements Finding {
    public Passes {
      Objects.requireNonNull(rule, "rule");
      Objects.requireNonNull(detail, "detail");
      standings = List.copyOf(standings);
    }
  }

  /** It would refuse. */
  record Refuses(Refusal refusal, List<Standing> standings) implements Finding {
    public Refuses {
      Objects.requireNonNull(refusal, "refusal");
      standings = List.copyOf(standings);
    }

    @Override
    public String detail() {
      return refusal.detail();
    }
  }

  /** It was not asked, or has no question for such a request; {@code detail} says why. */
  record NotAsked(String detail) implements Finding {
    public NotAsked {
      Objects.requireNonNull(detail, "detail");
    }

    @Override
    public List<Standing> standings() {
      return List.of();
    }
  }
}
