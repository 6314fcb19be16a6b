package io.gatehouse;

import java.time.Duration;
import java.util.Objects;

/**
 * Why a request may not pass.
 *
 * @param reason the kind, from which status and problem type follow
 * @param detail a sentence for the caller; never says more than the caller may know
 * @param retryAfter how long waiting helps, zero when it does not help or is unknown; never negative
 * @param rule the limit, quota or list that bound, by its name; empty when none did
 */
public record Refusal(Reason reason, String detail, Duration retryAfter, String rule) {

  /** The kinds of refusal. */
  public enum Reason {
    /** The request can be read in more than one way, or not at all. */
    BAD_REQUEST,
    /** No credential was sent. */
    KEY_MISSING,
    /** The credential cannot be one of ours: its form or checksum is wrong, or it was sent twice. */
    KEY_MALFORMED,
    /** The credential has the right form and is not known. A foreign tenant's key looks the same. */
    KEY_UNKNOWN,
    /** The key, or its user, was switched off. */
    KEY_DISABLED,
    /** The key's life is over. */
    KEY_EXPIRED,
    /** A URL does not bear the signature that it should. One that names an unknown key looks the same. */
    SIGNATURE_INVALID,
    /** The life of a signed URL is over. */
    URL_EXPIRED,
    /** The client's address is not on the caller's list. */
    ADDRESS_FORBIDDEN,
    /** The key's scopes do not cover this request. */
    SCOPE_MISSING,
    /** No route covers the request, so no backend is there for it. */
    NO_ROUTE,
    /** The address, or the country that it is in, is kept out. A blocked key or user is {@link #KEY_DISABLED}. */
    BLOCKED,
    /** A rule of the house forbids it. For gates of your own. */
    FORBIDDEN,
    /** The policy of images forbids an option or source of it. */
    IMAGE_FORBIDDEN,
    /** A rate limit is used up for now. */
    RATE_LIMITED,
    /**
     * A rate limit is used up for the share of one node, which decides alone because the shared count is away. The
     * caller may be within the limit.
     */
    REDUCED_CAPACITY,
    /** The client was refused so often that it is no longer listened to. */
    ABNORMAL_USAGE,
    /** A quota is used up until its period ends. */
    QUOTA_EXHAUSTED,
    /** What would be stored does not fit beside what is. Waiting does not help, deleting does. */
    STORAGE_EXHAUSTED,
    /** A store that had to be asked did not answer, and its gate may not let pass without. */
    STORE_UNAVAILABLE
  }

  public Refusal {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(detail, "detail");
    Objects.requireNonNull(rule, "rule");
    if (retryAfter.isNegative()) {
      throw new IllegalArgumentException("retryAfter: " + retryAfter + " (expected: zero or more)");
    }
  }

  /** A refusal that no rule bound and that waiting does not mend. */
  public static Refusal of(Reason reason, String detail) {
    return new Refusal(reason, detail, Duration.ZERO, "");
  }
}
