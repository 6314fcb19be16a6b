package io.gatehouse.core.settings;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One route: which requests take it, and how they are forwarded.
 *
 * @param name of its own
 * @param host {@code img.example.com} or {@code *.example.com}; default any
 * @param path this and all below it; default {@code /}
 * @param methods GET covers HEAD as well; default all
 * @param pool the name of one of the pools; default {@code default}
 * @param limits the name of an endpoint of the limits; default none: requests are charged by their path
 * @param timeouts each by default that of the proxy
 * @param request what becomes of the fields of requests
 * @param response what becomes of the fields of backends' answers
 * @param stripPrefix what is cut off the beginning of the path, empty or whole segments of {@code path}; default empty
 * @param addPrefix what is put before the path then; default empty
 * @param variantEtags whether clients get entity tags that differ where what was asked for does; default where
 *     the pool is imgproxy's
 * @param cache how answers are kept; default not at all
 */
public record RouteSettings(
    String name,
    Optional<String> host,
    String path,
    Set<String> methods,
    String pool,
    Optional<String> limits,
    Timeouts timeouts,
    FieldChanges request,
    FieldChanges response,
    String stripPrefix,
    String addPrefix,
    Optional<Boolean> variantEtags,
    Cache cache) {

  /** Who is given an answer that was made for somebody. */
  public enum Partition { TENANT, USER, SHARED }

  /**
   * How answers are kept.
   *
   * @param enabled whether they are
   * @param partition who is given an answer that was made for somebody
   * @param defaultTtl how long an answer is fresh that says nothing of it, 0 to 365 d; 0: not at all
   * @param staleWhileRevalidate how long a stale one is given out while it is asked for anew, 0 to 365 d
   * @param staleIfError how long a stale one is given out when no backend has a good one, 0 to 365 d
   * @param maxEntryBytes the largest body that is kept, 1 KiB to 1 GiB
   * @param clientControl whether {@code Cache-Control} of clients counts
   * @param chargeHits whether quotas are charged for answers that no backend was asked for
   */
  public record Cache(
      boolean enabled,
      Partition partition,
      Duration defaultTtl,
      Duration staleWhileRevalidate,
      Duration staleIfError,
      long maxEntryBytes,
      boolean clientControl,
      boolean chargeHits) {

    /** Answers are not kept. */
    public static final Cache NONE = new Cache(
        false, Partition.TENANT, Duration.ZERO, Duration.ZERO, Duration.ZERO, 8L << 20, true, true);

    public Cache {
      Objects.requireNonNull(partition, "partition");
      Objects.requireNonNull(defaultTtl, "defaultTtl");
      Objects.requireNonNull(staleWhileRevalidate, "staleWhileRevalidate");
      Objects.requireNonNull(staleIfError, "staleIfError");
    }
  }

  /**
   * How long things may take.
   *
   * @param connect until a connection to a backend is there, 1 ms to 1 h
   * @param response until an answer begins, 1 ms to 1 d
   * @param idle how long a body may stand still, 1 ms to 1 d
   * @param total of a request in all, 0 to 1 d; 0: any time
   */
  public record Timeouts(Duration connect, Duration response, Duration idle, Duration total) {
    public Timeouts {
      Objects.requireNonNull(connect, "connect");
      Objects.requireNonNull(response, "response");
      Objects.requireNonNull(idle, "idle");
      Objects.requireNonNull(total, "total");
    }
  }

  /**
   * What becomes of fields. No field is in both.
   *
   * @param set fields with their values, in place of any that are there, in the order written
   * @param remove names of fields that do not pass
   */
  public record FieldChanges(Map<String, String> set, List<String> remove) {
    public FieldChanges {
      set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
      remove = List.copyOf(remove);
    }
  }

  public RouteSettings {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(path, "path");
    methods = Set.copyOf(methods);
    Objects.requireNonNull(pool, "pool");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(timeouts, "timeouts");
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(response, "response");
    Objects.requireNonNull(stripPrefix, "stripPrefix");
    Objects.requireNonNull(addPrefix, "addPrefix");
    Objects.requireNonNull(variantEtags, "variantEtags");
    Objects.requireNonNull(cache, "cache");
  }
}
