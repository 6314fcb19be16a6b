package io.gatehouse;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What the gateway decided of one request. */
public sealed interface Admission {

  /**
   * Fields that belong into the answer, in the order they were set; unmodifiable. Worked out at each call, so best asked
   * for once, when the answer is about to be sent.
   */
  Map<String, String> responseHeaders();

  /** Who calls; empty when nobody was recognised, or when the gateway asks for no identity. */
  Optional<Subject> subject();

  /** The name of the route that the request takes; empty when none was stated before it was decided. */
  default String route() {
    return "";
  }

  /** The request may pass. Implemented by Gatehouse. */
  non-sealed interface Admitted extends Admission {

    /** How the request goes on to its backend; empty when no gate has made something else of it. */
    default Optional<Dispatch> dispatch() {
      return Optional.empty();
    }

    /** What the caller may do, for those who forward the request by it; empty as of {@link #subject}, or when it is not told. */
    default Optional<Entitlement> entitlement() {
      return Optional.empty();
    }

    /** What rules in the shadow would have told the caller; empty when none would have refused. */
    List<Refusal> shadowRefusals();

    /**
     * Says what was transferred so far, while the request is under way: others of the same owner see it at once, and the
     * end settles what is not accounted for yet. To be called every so many bytes, not for each of them; any thread may
     * call, also after the end, which changes nothing. Does not throw; does not wait for I/O.
     *
     * @param requestBytes of the body, in all, 0 or more
     * @param responseBytes of the body, in all, 0 or more
     * @return false when the answer should be broken off, since a quota is used up and the gateway is set to cut
     */
    boolean transferred(long requestBytes, long responseBytes);

    /**
     * Ends the request: settles quotas, counts usage, tells observers. The first call counts and later ones do nothing,
     * so it may be called from every path that can end a request. Does not throw; does not wait for I/O.
     */
    void complete(Outcome outcome);
  }

  /** The request may not pass; all that had been taken for it was given back. */
  record Refused(Refusal refusal, Map<String, String> responseHeaders, Optional<Subject> subject, String route)
      implements Admission {
    public Refused {
      Objects.requireNonNull(refusal, "refusal");
      responseHeaders = Map.copyOf(responseHeaders);
      Objects.requireNonNull(subject, "subject");
      Objects.requireNonNull(route, "route");
    }

    /** Before it was stated which route the request takes. */
    public Refused(Refusal refusal, Map<String, String> responseHeaders, Optional<Subject> subject) {
      this(refusal, responseHeaders, subject, "");
    }

    /** Of a caller whom nobody has recognised. */
    public Refused(Refusal refusal, Map<String, String> responseHeaders) {
      this(refusal, responseHeaders, Optional.empty());
    }
  }
}
