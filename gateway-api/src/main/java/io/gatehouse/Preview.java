package io.gatehouse;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a gateway would decide of a request, gate by gate. Nothing was taken for it, and nothing is promised: others may
 * take what is left before the request comes.
 *
 * @param steps what every gate found, in the order in which they are asked; those behind the first refusal too, so that
 *     everything that stands in the way is seen at once
 * @param subject who calls; empty when nobody was recognised
 */
public record Preview(List<Step> steps, Optional<Subject> subject) {

  /**
   * What one gate found.
   *
   * @param gate its {@link Gate#name()}
   */
  public record Step(String gate, Finding finding) {
    public Step {
      Objects.requireNonNull(gate, "gate");
      Objects.requireNonNull(finding, "finding");
    }
  }

  public Preview {
    steps = List.copyOf(steps);
    Objects.requireNonNull(subject, "subject");
  }

  /** What the caller would be told: the first refusal; empty when the request would pass. */
  public Optional<Refusal> refusal() {
    for (Step step : steps) {
      if (step.finding() instanceof Finding.Refuses refuses) {
        return Optional.of(refuses.refusal());
      }
    }
    return Optional.empty();
  }
}
