package io.gatehouse.core.redis;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.LeaseSource.Grant;
import io.gatehouse.limit.LeaseSource.Grants;
import io.gatehouse.limit.LeaseSource.Lease;
import io.gatehouse.limit.Limit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.RedisClient;

/**
 * Requests in the words of the scripts: written as keys and arguments, read from the reply. One request that is not for a
 * lease speaks to limit_take.lua, any others to limit_take_many.lua. Not for two threads.
 */
final class Takes {

  private static final String PREFIX = "gatehouse:limit:";

  /**
   * What one request asks for.
   *
   * @param verb {@code take}, {@code peek} or {@code lease}
   * @param keys of the leases, in order
   */
  record Request(String verb, List<Lease> leases, List<String> keys) {

    static Request of(String verb, List<Lease> leases) {
      if (leases.isEmpty()) {
        throw new IllegalArgumentException("charges: none (expected: at least one)");
      }
      List<String> keys = new ArrayList<>(leases.size());
      for (Lease lease : leases) {
        String key = key(lease.charge());
        if (keys.contains(key)) {
          // The script decides over all before it takes any: of two charges on one key it would forget the first.
          throw new IllegalArgumentException("charges: two on one bucket and period (expected: one)");
        }
        keys.add(key);
      }
      return new Request(verb, leases, keys);
    }

    boolean forLease() {
      return verb.equals("lease");
    }
  }

  private static final Script ONE = Script.named("limit_take");
  private static final Script MANY = Script.named("limit_take_many");

  private final List<Request> requests;
  private final Script script;
  private final List<String> keys;
  private final List<String> arguments = new ArrayList<>();

  Takes(List<Request> requests, String now, String skew) {
    this.requests = requests;
    Request first = requests.get(0);
    if (requests.size() == 1 && !first.forLease()) {
      this.script = ONE;
      this.keys = first.keys();
      arguments.add(first.verb());
      arguments.add(now);
      arguments.add(skew);
      first.leases().forEach(this::write);
    } else {
      this.script = MANY;
      this.keys = new ArrayList<>();
      arguments.add(now);
      arguments.add(skew);
      Map<String, Integer> indexes = new HashMap<>();
      requests.forEach(request -> write(request, indexes));
    }
  }

  /** Asks Redis. */
  List<Grants> run(RedisClient client) {
    return read(script.numbers(client, keys, arguments));
  }

  static String key(Charge charge) {
    return PREFIX + charge.limit().period().toNanos() + ":" + charge.bucket();
  }

  private void write(Request request, Map<String, Integer> indexes) {
    arguments.add(request.verb());
    arguments.add(Integer.toString(request.keys().size()));
    for (int i = 0; i < request.keys().size(); i++) {
      Integer known = indexes.putIfAbsent(request.keys().get(i), keys.size() + 1);
      if (known == null) {
        keys.add(request.keys().get(i));
      }
      arguments.add(Integer.toString(known == null ? keys.size() : known));
      write(request.leases().get(i));
      if (request.forLease()) {
        arguments.add(Long.toString(request.leases().get(i).most()));
      }
    }
  }

  private void write(Lease lease) {
    Limit limit = lease.charge().limit();
    Emission emission = Emission.of(limit);
    arguments.add(Long.toString(emission.interval()));
    arguments.add(Long.toString(emission.scale()));
    arguments.add(Long.toString(limit.burst()));
    arguments.add(Long.toString(lease.least()));
  }

  /** The answers to the requests, in order. */
  private List<Grants> read(List<Long> reply) {
    List<Grants> answers = new ArrayList<>(requests.size());
    int at = 0;
    for (Request request : requests) {
      int end = at + 5 + (request.forLease() ? 2 * request.leases().size() : 0);
      answers.add(read(request, reply.subList(at, end)));
      at = end;
    }
    return answers;
  }

  private static Grants read(Request request, List<Long> reply) {
    Charge tightest = request.leases().get((int) (reply.get(1) - 1)).charge();
    long remaining = reply.get(2);
    long resetAfterNanos = reply.get(4) * 1000;
    Decision decision;
    if (reply.get(0) == 1) {
      decision = new Allowed(tightest, remaining, resetAfterNanos, Mode.EXACT);
    } else {
      long retryAfterNanos = reply.get(3) < 0 ? Long.MAX_VALUE : reply.get(3) * 1000;
      decision = new Denied(tightest, remaining, retryAfterNanos, resetAfterNanos, Mode.EXACT);
    }
    List<Grant> grants = new ArrayList<>();
    for (int i = 5; i < reply.size(); i += 2) {
      grants.add(new Grant(reply.get(i), reply.get(i + 1)));
    }
    return new Grants(decision, grants);
  }
}
