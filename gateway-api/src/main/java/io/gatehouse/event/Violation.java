package io.gatehouse.event;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.time.Instant;
import java.util.Objects;

/**
 * A kind of refusal in one minute.
 *
 * @param minute its beginning
 * @param caller whose requests were refused
 * @param reason why
 * @param rule the limit, quota or list that bound; empty when none did
 */
public record Violation(Instant minute, Subject caller, Refusal.Reason reason, String rule) {
  public Violation {
    Objects.requireNonNull(minute, "minute");
    Objects.requireNonNull(caller, "caller");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(rule, "rule");
  }
}
