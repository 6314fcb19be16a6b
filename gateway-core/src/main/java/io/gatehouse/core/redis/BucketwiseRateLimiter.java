package io.gatehouse.core.redis;

import io.gatehouse.StoreException;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.LeaseSource.Grant;
import io.gatehouse.limit.LeaseSource.Grants;
import io.gatehouse.limit.LeaseSource.Lease;
import io.gatehouse.limit.RateLimiter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for each bucket of a request by itself, one after the other: for limiters that cannot decide over several at once,
 * such as those of a Redis Cluster, where one call reaches one slot only.
 *
 * <p>When a later bucket refuses, what the earlier ones gave is given back. In between another request may find permits gone
 * that are about to come back, and be denied; it is never the other way around. If they cannot be given back, they stay
 * taken. A denial looks at the other buckets too, so that the wait that is told is the longest.
 *
 * <p>Any number of threads. A call blocks for as many calls of the limiters as the charges have buckets; a denial for up to
 * three times as many.
 */
public final class BucketwiseRateLimiter implements RateLimiter {

  private static final Logger log = LoggerFactory.getLogger(BucketwiseRateLimiter.class);

  private final Function<String, RateLimiter> limiters;

  /**
   * A limiter over others.
   *
   * @param limiters answers for a bucket; always the same for the same
   */
  public BucketwiseRateLimiter(Function<String, RateLimiter> limiters) {
    this.limiters = limiters;
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    return grouped(charges, Function.identity()).size() == 1
        ? of(charges).tryAcquire(charges)
        : lease(charges.stream().map(Lease::exactly).toList(), this::exactly).decision();
  }

  private RateLimiter of(List<Charge> charges) {
    return limiters.apply(charges.get(0).bucket());
  }

  /** What was taken exactly, as grants. What is left is only known of the tightest, and nobody asks for it. */
  private Grants exactly(List<Lease> leases) {
    List<Charge> charges = leases.stream().map(Lease::charge).toList();
    return new Grants(
        of(charges).tryAcquire(charges), leases.stream().map(lease -> new Grant(lease.least(), 0)).toList());
  }

  /** Asks a question for each bucket. */
  Grants lease(List<Lease> leases, Function<List<Lease>, Grants> question) {
    Collection<List<Lease>> groups = grouped(leases, Lease::charge);
    List<Charge> taken = new ArrayList<>(leases.size());
    Grant[] grants = new Grant[leases.size()];
    Decision tightest = null;
    boolean answered = false;
    try {
      for (List<Lease> group : groups) {
        Grants some = question.apply(group);
        if (some.decision() instanceof Denied denied) {
          return new Grants(longest(denied, groups, group), leases.stream().map(lease -> new Grant(0, 0)).toList());
        }
        for (int i = 0; i < group.size(); i++) {
          Grant grant = some.grants().get(i);
          grants[leases.indexOf(group.get(i))] = grant;
          taken.add(costing(group.get(i).charge(), grant.permits()));
        }
        tightest = tighter(tightest, some.decision());
      }
      answered = true;
      return new Grants(some(tightest), Arrays.asList(grants));
    } finally {
      if (!answered) {
        undo(taken);
      }
    }
  }

  private Denied longest(Denied first, Collection<List<Lease>> groups, List<Lease> denied) {
    Denied longest = first;
    for (List<Lease> group : groups) {
      if (group != denied
          && peekOne(group.stream().map(lease -> costing(lease.charge(), lease.least())).toList())
              instanceof Denied other
          && other.retryAfterNanos() > longest.retryAfterNanos()) {
        longest = other;
      }
    }
    return longest;
  }

  private void undo(List<Charge> taken) {
    if (!taken.isEmpty()) {
      try {
        giveBack(taken);
      } catch (StoreException e) {
        log.debug("What a denied request had taken stays taken: {}", e.getMessage());
      }
    }
  }

  @Override
  public Decision peek(List<Charge> charges) {
    Decision told = null;
    for (List<Charge> group : grouped(charges, Function.identity())) {
      Decision decision = peekOne(group);
      told = told instanceof Denied && decision instanceof Allowed ? told : tighter(told, decision);
    }
    return some(told);
  }

  @Override
  public void giveBack(List<Charge> charges) {
    each(charges, RateLimiter::giveBack);
  }

  @Override
  public void debit(List<Charge> charges) {
    for (Charge charge : charges) {
      if (charge.limit().algorithm().isHeld()) {
        throw new IllegalArgumentException(
            "charge: " + charge + " (expected: none of CONCURRENCY, of which nothing can be owed)");
      }
    }
    each(charges, RateLimiter::debit);
  }

  private Decision peekOne(List<Charge> group) {
    return of(group).peek(group);
  }

  /** All, also when one fails. */
  private void each(List<Charge> charges, BiConsumer<RateLimiter, List<Charge>> deed) {
    StoreException failure = null;
    for (List<Charge> group : grouped(charges, Function.identity())) {
      try {
        deed.accept(of(group), group);
      } catch (StoreException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** A denial before an allowance; of two denials that with the longer wait, of two allowances that which leaves less. */
  private static Decision tighter(@Nullable Decision one, Decision other) {
    if (one == null) {
      return other;
    }
    if (other instanceof Denied denied) {
      return one instanceof Denied known && known.retryAfterNanos() >= denied.retryAfterNanos() ? one : other;
    }
    return one.remaining() <= other.remaining() ? one : other;
  }

  private static <T> Collection<List<T>> grouped(List<T> all, Function<T, Charge> charge) {
    Map<String, List<T>> groups = new LinkedHashMap<>();
    for (T one : all) {
      groups.computeIfAbsent(charge.apply(one).bucket(), bucket -> new ArrayList<>()).add(one);
    }
    return groups.values();
  }

  private static Decision some(@Nullable Decision decision) {
    if (decision == null) {
      throw new IllegalArgumentException("charges: none (expected: at least one)");
    }
    return decision;
  }

  private static Charge costing(Charge charge, long cost) {
    return cost == charge.cost() ? charge : new Charge(charge.policy(), charge.bucket(), charge.limit(), cost);
  }
}
