package io.gatehouse.quota;

import java.time.LocalDate;
import java.util.Objects;

/**
 * The name of one count. A new period is a new key, so nothing ever has to be reset.
 *
 * @param owner the id of a user
 * @param meter what is counted
 * @param window the kind of period
 * @param start its first day
 */
public record QuotaKey(String owner, Meter meter, Window window, LocalDate start) {
  public QuotaKey {
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(window, "window");
    Objects.requireNonNull(start, "start");
  }
}
