package io.gatehouse.jetty.api;

import io.gatehouse.image.SignedUrl;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The URL of a picture that somebody wants to have signed.
 *
 * @param source where the picture is, up to half of what a URL may have in characters
 * @param options of imgproxy, as they stand in a path; may be empty
 * @param end the first moment at which it is to be worth nothing, in whole seconds
 */
public record UrlToSign(String source, String options, Instant end) {

  private static final Duration USUAL_LIFE = Duration.ofHours(24);
  private static final FieldType<Duration> LIFE = FieldTypes.duration(Duration.ofSeconds(1), Duration.ofDays(3660));
  private static final int LONGEST_SOURCE = SignedUrl.LONGEST / 2;
  private static final FieldType<String> SOURCE = FieldTypes.text(
      "1 to " + LONGEST_SOURCE + " characters without control characters",
      text -> !text.isEmpty() && text.length() <= LONGEST_SOURCE && text.chars().noneMatch(Character::isISOControl));

  /** What they mean is not read here. */
  private static final FieldType<String> OPTIONS = FieldTypes.text(
      "options of imgproxy with slashes between them, such as rs:fit:300:200/q:80",
      text -> text.matches("(?:[!-~&&[^/?#\\\\]]{1,512}(?:/(?!$)|$)){0,64}"));

  /** Reads the body of a call, which ends here when something is wrong with it. */
  public static UrlToSign read(Call call, InstantSource clock) {
    Fields body = call.body("source", "options", "expires_in");
    Optional<String> source = body.require("source", SOURCE);
    String options = body.get("options", OPTIONS).orElse("");
    Duration life = body.get("expires_in", LIFE).orElse(USUAL_LIFE);
    call.check();
    return new UrlToSign(source.get(), options, clock.instant().plus(life).truncatedTo(ChronoUnit.SECONDS));
  }

  /** Tells it, once it is signed. */
  public Answer signed(String url) {
    return Answer.ok(Json.object().put("url", url).put("expires_at", end.toString()));
  }
}
