package io.gatehouse.core.access;

import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.access.Authenticator;
import java.util.List;
import java.util.Optional;

/**
 * Finds out who calls. The first authenticator that finds a credential of its kind has the last word.
 *
 * <p>A store that cannot answer is never taken for a bad credential: its {@link io.gatehouse.StoreException} passes
 * through and becomes 503.
 */
public final class IdentityGate implements Gate {

  /** What happens to a request without a credential. */
  public enum Anonymous {
    REFUSED,
    /** It passes, within the limits of addresses, endpoints and the whole API. */
    ADMITTED
  }

  private final List<Authenticator> authenticators;
  private final Anonymous anonymous;

  public IdentityGate(List<Authenticator> authenticators, Anonymous anonymous) {
    this.authenticators = List.copyOf(authenticators);
    this.anonymous = anonymous;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    for (Authenticator authenticator : authenticators) {
      Authenticator.Result result = authenticator.authenticate(passage.inbound());
      if (result instanceof Authenticator.Result.Known known) {
        passage.entitle(known.entitlement());
        return Optional.empty();
      }
      if (result instanceof Authenticator.Result.Rejected rejected) {
        return Optional.of(rejected.refusal());
      }
    }
    return anonymous == Anonymous.ADMITTED
        ? Optional.empty()
        : Optional.of(Refusal.of(Refusal.Reason.KEY_MISSING, "The request carries no API key."));
  }

  @Override
  public Finding preview(Passage passage) {
    Optional<Refusal> refusal = check(passage);
    if (refusal.isPresent()) {
      return new Finding.Refuses(refusal.get(), List.of());
    }
    String who = passage.subject().map(subject -> "user " + subject.user() + ", key " + subject.key()).orElse("anonymous");
    return new Finding.Passes("", who, List.of());
  }

  @Override
  public String name() {
    return "identity";
  }
}
