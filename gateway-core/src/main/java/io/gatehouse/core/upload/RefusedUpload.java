package io.gatehouse.core.upload;

import io.gatehouse.Refusal;
import java.util.Optional;

/** An upload is not taken. The message is a sentence for the client. */
public final class RefusedUpload extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why an upload is not taken. */
  public enum Why {
    /** There is no content. */
    EMPTY,
    /** The content has more bytes than one upload may have. */
    TOO_LARGE,
    /** The content is of no type that is taken. */
    TYPE,
    /** The type is taken, but the content does not say how large the image is, or ends before it does. */
    BROKEN,
    /** The image is larger, or has more frames, than one may be. */
    DIMENSIONS,
    /** There is no room for it beside what the user holds. */
    STORAGE,
    /** So many uploads are under way that no other is taken now, or the same content is just being stored or deleted. */
    BUSY
  }

  private final Why why;
  private final transient Optional<Refusal> refusal;

  public RefusedUpload(Why why, String message) {
    // Without a stack: it is an answer to a client, and no fault.
    super(message, null, false, false);
    this.why = why;
    this.refusal = Optional.empty();
  }

  /** For want of room. */
  RefusedUpload(Refusal refusal) {
    super(refusal.detail(), null, false, false);
    this.why = Why.STORAGE;
    this.refusal = Optional.of(refusal);
  }

  static RefusedUpload broken(String message) {
    return new RefusedUpload(Why.BROKEN, message);
  }

  public Why why() {
    return why;
  }

  /** What has refused for want of room; empty when it was something else. */
  public Optional<Refusal> refusal() {
    return refusal;
  }
}
