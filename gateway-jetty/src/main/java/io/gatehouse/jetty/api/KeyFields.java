package io.gatehouse.jetty.api;

import io.gatehouse.access.Cidr;
import io.gatehouse.jetty.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What can be said of keys, and what is answered when there is none or it is of no use. */
public final class KeyFields {

  private static final int MOST_SCOPES = 100;

  /** Every one of them is compared with the address of every request. */
  private static final int MOST_NETWORKS = 100;

  public static final FieldType<Set<String>> SCOPES = FieldTypes.list(FieldTypes.SCOPE, MOST_SCOPES).map(Set::copyOf);

  public static final FieldType<List<Cidr>> NETWORKS = FieldTypes.list(FieldTypes.NETWORK, MOST_NETWORKS);

  private static final Duration USUAL_GRACE = Duration.ofHours(24);
  private static final FieldType<Duration> GRACE = FieldTypes.duration(Duration.ZERO, Duration.ofDays(366));

  private KeyFields() {}

  /** How long a key is to live beside its successor. */
  public static Duration grace(Call call) {
    return call.bodyIfAny("grace").get("grace", GRACE).orElse(USUAL_GRACE);
  }

  public static ProblemException missing() {
    return ProblemException.notFound("There is no key with this id.");
  }

  /** For a rotation that comes too late. */
  public static ProblemException notUsable() {
    return new ProblemException(
        Problem.of(409, "key-not-usable", "Key not usable", "The key is disabled or expired; make a new one."));
  }
}
