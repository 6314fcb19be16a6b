package io.gatehouse.core.image;

/**
 * What a status of imgproxy means for the tenant: what is charged, and what the client is told. What it says
 * of the backend is another question, which core.upstream's AnswerRule answers.
 */
public enum ImageAnswer {
  /** A picture, or that the client's is still the right one. */
  DONE(Charge.WHOLE, 0),
  /**
   * {@code Forbidden}: imgproxy does not take our signature or our secret. Somebody must act; the client
   * cannot.
   */
  MISCONFIGURED(Charge.NOTHING, 502),
  /** The source, or imgproxy's own list of sources, says no: 401, 403, 404, 410 and the like. */
  UNAVAILABLE(Charge.LITTLE, 404),
  /** No picture, or one that is too large: it was fetched and looked at. */
  UNUSABLE(Charge.WHOLE, 422),
  /** Its queue is full; nothing was done. */
  FULL(Charge.NOTHING, 503),
  /** The client, or the gateway for it, went away. */
  CANCELLED(Charge.NOTHING, 499),
  /** Its own failure. */
  BROKEN(Charge.NOTHING, 502),
  /** The source failed. */
  SOURCE_FAILED(Charge.LITTLE, 502),
  /** It gave up on the picture. */
  TOO_SLOW(Charge.NOTHING, 504),
  /** The source did not answer in time. */
  SOURCE_TOO_SLOW(Charge.LITTLE, 504);

  /** How much of the estimate is charged. */
  public enum Charge {
    NOTHING,
    /** A request, and no pixels. */
    LITTLE,
    WHOLE
  }

  /** What imgproxy answers when it does not take a signature or a secret: {@value}. */
  public static final String FORBIDDEN = "Forbidden";

  private final Charge charge;
  private final int status;

  ImageAnswer(Charge charge, int status) {
    this.charge = charge;
    this.status = status;
  }

  /**
   * Reads an answer.
   *
   * @param status 100 to 599
   * @param body its beginning, at least as long as {@link #FORBIDDEN}; only of a 403 does it matter
   */
  public static ImageAnswer of(int status, String body) {
    return switch (status) {
      case 403 -> body.startsWith(FORBIDDEN) ? MISCONFIGURED : UNAVAILABLE;
      case 422 -> UNUSABLE;
      case 429 -> FULL;
      case 499 -> CANCELLED;
      case 502 -> SOURCE_FAILED;
      case 503 -> TOO_SLOW;
      case 504 -> SOURCE_TOO_SLOW;
      default -> status < 400 ? DONE : status < 500 ? UNAVAILABLE : BROKEN;
    };
  }

  public Charge charge() {
    return charge;
  }

  /**
   * What the client is told where imgproxy was asked with this status. {@link #DONE} is passed on as it is.
   */
  public int statusForClient(int status) {
    return this == DONE ? status : this.status;
  }
}
