package io.gatehouse.examples.embedded;

import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A gate of the application's own: so many requests of one user may run at once. */
final class ConcurrencyGate implements Gate {

  private final int most;
  private final Map<String, Integer> running = new ConcurrentHashMap<>();

  ConcurrencyGate(int most) {
    this.most = most;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    String user = passage.subject().map(Subject::user).orElse("");
    if (running.merge(user, 1, Integer::sum) > most) {
      leave(user);
      return Optional.of(
          new Refusal(
              Refusal.Reason.RATE_LIMITED, "Too many requests at once.", Duration.ofSeconds(1), "at-once"));
    }
    passage.whenRefused(() -> leave(user));
    passage.whenComplete(outcome -> leave(user));
    return Optional.empty();
  }

  private void leave(String user) {
    running.computeIfPresent(user, (key, count) -> count == 1 ? null : count - 1);
  }
}
