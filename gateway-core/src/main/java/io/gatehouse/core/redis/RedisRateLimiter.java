package io.gatehouse.core.redis;

import io.gatehouse.StoreException;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.LeaseSource;
import io.gatehouse.limit.Limit;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Limits all nodes together, exactly: one script in Redis decides over all charges of a request in one round trip, by
 * the clock of Redis, so that clocks of nodes that differ do no harm. Requests that come at the same time share a round
 * trip, one that comes alone has its own; for tens of thousands of requests a second lease permits instead of asking for
 * each.
 *
 * <p>A bucket is one key, {@code gatehouse:limit:} with the period in nanoseconds, a letter for all algorithms but tokens,
 * and the name of the bucket, that expires when the bucket is full. Redis must not evict keys under memory pressure ({@code
 * maxmemory-policy noeviction}): an evicted key is a bucket filled too early. After a failover, what the old primary had not
 * replicated yet is forgotten.
 *
 * <p>Of CONCURRENCY every node knows for itself what it holds ({@link Holdings}) and tells Redis the whole of it with each
 * call; a charge passes when what all nodes hold leaves it room. So a release that Redis did not hear of, a call that came
 * twice or late, or a Redis that has lost its memory is made good by the next call of each node. A node that is heard of no
 * more is forgotten after the period. One whose requests take longer than that must be heard of meanwhile: {@link
 * #tellAgain} is to be called now and then.
 *
 * <p>In a cluster all charges of a call must be of one bucket; for any others there is {@link ClusterRateLimiter}.
 *
 * <p>Every method blocks for one round trip, within the timeout of the connection; under load it may wait as long again for
 * its turn.
 */
public final class RedisRateLimiter implements LeaseSource {

  private static final Script SETTLE = Script.named("limit_counts", "limit_settle");

  /** How many buckets are told of in one call. */
  private static final int MOST_TOLD = 64;

  /** How long Redis is not told of releases after it was away: {@value} ms. */
  private static final long PAUSE_MILLIS = 500;

  /** So that microseconds since then are small enough for the doubles of Lua; the scripts know it too. */
  private static final long EPOCH_SECONDS = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();

  /** By how much the clocks of callers may differ: {@value} milliseconds. */
  private static final String MOST_SKEW_MILLIS = "60000";

  private final RedisConnection redis;
  private final Optional<InstantSource> clock;
  private final Combiner<Takes.Request, Grants> combiner;

  /** Tells this limiter from those of other nodes, and from itself before a restart. */
  private final String node = UUID.randomUUID().toString();

  private final LongSupplier nanoTime;
  private final Holdings holdings;

  /** When Redis last failed to hear of a release, by the clock of intervals; empty while it does. */
  private volatile OptionalLong deafSince = OptionalLong.empty();

  /** A limiter by the clock of Redis. */
  public RedisRateLimiter(RedisConnection redis) {
    this(redis, Optional.empty());
  }

  /**
   * A limiter by a clock of the caller, for tests and for a managed Redis that refuses {@code TIME} in scripts. The clocks
   * of nodes may differ by up to a minute: the one ahead sets the pace, and what comes back in the time by which they
   * differ may be admitted once too often.
   */
  public RedisRateLimiter(RedisConnection redis, InstantSource clock) {
    this(redis, Optional.of(clock));
  }

  private RedisRateLimiter(RedisConnection redis, Optional<InstantSource> clock) {
    this.redis = redis;
    this.clock = clock;
    this.nanoTime = clock.isEmpty() ? System::nanoTime : () -> nanosSinceEpoch(clock.get().instant());
    this.holdings = new Holdings(nanoTime);
    this.combiner = new Combiner<>(this::take, redis.timeout());
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    return take("take", exactly(charges)).decision();
  }

  @Override
  public Decision peek(List<Charge> charges) {
    return ask(request("peek", exactly(charges))).decision();
  }

  @Override
  public Grants lease(List<Lease> leases) {
    return take("lease", leases);
  }

  /** What the request holds is counted here first, so that it is told with the question; and no longer if it is denied. */
  private Grants take(String verb, List<Lease> leases) {
    Takes.Request request = request(verb, leases);
    boolean answered = false;
    boolean allowed = false;
    try {
      Grants grants = ask(request);
      answered = true;
      allowed = grants.decision() instanceof Decision.Allowed;
      return grants;
    } finally {
      for (int i = 0; i < leases.size() && !allowed; i++) {
        if (isHeld(leases.get(i).charge())) {
          Account account = request.accounts().get(i);
          holdings.denied(account.key(), leases.get(i).charge(), answered ? account.version() : 0);
        }
      }
    }
  }

  private Takes.Request request(String verb, List<Lease> leases) {
    List<String> keys = new ArrayList<>(leases.size());
    leases.forEach(lease -> keys.add(key(lease.charge())));
    Takes.Request.check(keys);
    List<Account> accounts = new ArrayList<>(leases.size());
    for (int i = 0; i < keys.size(); i++) {
      String key = keys.get(i);
      Charge charge = leases.get(i).charge();
      if (isHeld(charge)) {
        Holdings.Told told = verb.equals("peek") ? holdings.with(key, charge) : holdings.take(key, charge);
        accounts.add(Account.of(key, charge.limit(), told));
      } else {
        accounts.add(Account.of(key, charge.limit()));
      }
    }
    return new Takes.Request(verb, leases, accounts);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Of CONCURRENCY a permit is free on this node at once and whatever becomes of the call. While Redis is away, most such
   * releases do not even try it.
   */
  @Override
  public void giveBack(List<Charge> charges) {
    if (charges.isEmpty()) {
      return;
    }
    Settlement settlement = new Settlement("return");
    boolean onlyHeld = true;
    for (Charge charge : charges) {
      String key = key(charge);
      if (isHeld(charge)) {
        settlement.add(Account.of(key, charge.limit(), holdings.release(key, charge)), charge.limit(), charge.cost());
      } else {
        settlement.add(Account.of(key, charge.limit()), charge.limit(), Math.min(charge.cost(), charge.limit().burst()));
        onlyHeld = false;
      }
    }
    if (onlyHeld && deaf()) {
      return; // what is held will be told with the next call
    }
    try {
      settlement.carryOut("give back charges");
      deafSince = OptionalLong.empty();
    } catch (StoreException e) {
      deafSince = OptionalLong.of(nanoTime.getAsLong());
      throw e;
    }
  }

  private boolean deaf() {
    OptionalLong since = deafSince;
    return since.isPresent() && nanoTime.getAsLong() - since.getAsLong() < PAUSE_MILLIS * 1_000_000;
  }

  @Override
  public void debit(List<Charge> charges) {
    Settlement settlement = new Settlement("debit");
    for (Charge charge : charges) {
      if (isHeld(charge)) {
        throw new IllegalArgumentException(
            "charge: " + charge + " (expected: none of CONCURRENCY, of which nothing can be owed)");
      }
      settlement.add(
          Account.of(key(charge), charge.limit()), charge.limit(), Math.min(charge.cost(), 2 * charge.limit().burst()));
    }
    if (!charges.isEmpty()) {
      settlement.carryOut("debit charges");
    }
  }

  /**
   * Tells Redis again what this node holds of the buckets of CONCURRENCY of which it has not told anything for a third of
   * their period, or has told too much. To be called every second or so, so that a request that takes longer than the
   * period stays counted, and one that was denied does not. Does nothing, and asks nobody, while there is no such bucket.
   *
   * @throws StoreException when Redis, or a node of a cluster, cannot answer
   */
  public void tellAgain() {
    List<Holdings.Due> due = holdings.due();
    int together = redis.clustered() ? 1 : MOST_TOLD;
    StoreException failure = null;
    for (int from = 0; from < due.size(); from += together) {
      Settlement settlement = new Settlement("return");
      for (Holdings.Due one : due.subList(from, Math.min(due.size(), from + together))) {
        settlement.add(Account.of(one.key(), one.limit(), one.told()), one.limit(), 1);
      }
      try {
        settlement.carryOut("be told what is under way");
      } catch (StoreException e) {
        failure = e;
        if (!redis.clustered()) {
          break;
        }
        // Other nodes of the cluster may answer.
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** A call of limit_settle.lua. */
  private final class Settlement {
    private final List<String> keys = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private final String verb;
    private int tokens;

    Settlement(String verb) {
      this.verb = verb;
    }

    void add(Account account, Limit limit, long cost) {
      // Those of tokens come first.
      int place = account.tokens() ? tokens++ : keys.size();
      keys.add(place, account.key());
      arguments.addAll(
          4 * place,
          List.of(account.first(), account.second(), Long.toString(limit.burst()), Long.toString(cost)));
    }

    void carryOut(String deed) {
      arguments.addAll(0, List.of(now(), skew(), Integer.toString(tokens), node, verb));
      redis.call(deed, client -> SETTLE.run(client, keys, arguments));
    }
  }

  private List<Grants> take(List<Takes.Request> requests) {
    Takes takes = new Takes(requests, now(), skew(), node);
    return redis.call("take charges", takes::run);
  }

  private String key(Charge charge) {
    return redis.clustered() ? Account.clusterKey(charge) : Account.key(charge);
  }

  /** Together with others that come at the same time; in a cluster those have other slots, and each has its own call. */
  private Grants ask(Takes.Request request) {
    return redis.clustered() ? take(List.of(request)).get(0) : combiner.ask(request);
  }

  private static boolean isHeld(Charge charge) {
    return charge.limit().algorithm().isHeld();
  }

  private static List<Lease> exactly(List<Charge> charges) {
    List<Lease> leases = new ArrayList<>(charges.size());
    for (Charge charge : charges) {
      leases.add(Lease.exactly(charge));
    }
    return leases;
  }

  private String now() {
    if (clock.isEmpty()) {
      return "redis";
    }
    return Long.toString(Math.floorDiv(nanosSinceEpoch(clock.get().instant()), 1000));
  }

  private static long nanosSinceEpoch(Instant now) {
    return (now.getEpochSecond() - EPOCH_SECONDS) * 1_000_000_000 + now.getNano();
  }

  private String skew() {
    return clock.isEmpty() ? "0" : MOST_SKEW_MILLIS;
  }
}
