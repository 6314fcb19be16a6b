package io.gatehouse.core.redis;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.LeaseSource.Grant;
import io.gatehouse.limit.LeaseSource.Grants;
import io.gatehouse.limit.LeaseSource.Lease;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.UnifiedJedis;

/**
 * Requests in the words of the scripts: written as keys and arguments, read from the reply. One request for tokens that
 * is not for a lease speaks to limit_take.lua, any others to limit_take_many.lua. Not for two threads.
 */
final class Takes {

  /**
   * What one request asks for.
   *
   * @param verb {@code take}, {@code peek} or {@code lease}
   * @param accounts of the leases, in order
   */
  record Request(String verb, List<Lease> leases, List<Account> accounts) {

    /** @throws IllegalArgumentException when there is no key, or one twice */
    static void check(List<String> keys) {
      if (keys.isEmpty()) {
        throw new IllegalArgumentException("charges: none (expected: at least one)");
      }
      for (int i = 1; i < keys.size(); i++) {
        if (keys.subList(0, i).contains(keys.get(i))) {
          // The script decides over all before it takes any: of two charges on one key it would forget the first.
          throw new IllegalArgumentException("charges: two on one bucket, period and algorithm (expected: one)");
        }
      }
    }

    boolean forLease() {
      return verb.equals("lease");
    }

    boolean ofTokens() {
      for (Account account : accounts) {
        if (!account.tokens()) {
          return false;
        }
      }
      return true;
    }
  }

  private static final Script ONE = Script.named("limit_take");
  private static final Script MANY = Script.named("limit_counts", "limit_take_many");

  private final List<Request> requests;
  private final Script script;
  private final List<String> keys;
  private final List<String> arguments = new ArrayList<>();

  /** @param node the id of the limiter that asks */
  Takes(List<Request> requests, String now, String skew, String node) {
    this.requests = requests;
    Request first = requests.get(0);
    if (requests.size() == 1 && !first.forLease() && first.ofTokens()) {
      this.script = ONE;
      this.keys = first.accounts().stream().map(Account::key).toList();
      arguments.add(first.verb());
      arguments.add(now);
      arguments.add(skew);
      for (int i = 0; i < first.leases().size(); i++) {
        write(first.accounts().get(i), first.leases().get(i));
      }
    } else {
      this.script = MANY;
      this.keys = new ArrayList<>();
      Map<String, Integer> indexes = new HashMap<>();
      requests.forEach(request -> number(request, true, indexes));
      String tokens = Integer.toString(keys.size());
      requests.forEach(request -> number(request, false, indexes));
      arguments.add(now);
      arguments.add(skew);
      arguments.add(tokens);
      arguments.add(node);
      requests.forEach(request -> write(request, indexes));
    }
  }

  /** Asks Redis. */
  List<Grants> run(UnifiedJedis client) {
    return read(script.numbers(client, keys, arguments));
  }

  /** Gives a number, from 1, to each key that has none yet, of tokens or of the others. */
  private void number(Request request, boolean tokens, Map<String, Integer> indexes) {
    for (Account account : request.accounts()) {
      if (account.tokens() == tokens && indexes.putIfAbsent(account.key(), keys.size() + 1) == null) {
        keys.add(account.key());
      }
    }
  }

  private void write(Request request, Map<String, Integer> indexes) {
    arguments.add(request.verb());
    arguments.add(Integer.toString(request.leases().size()));
    for (int i = 0; i < request.leases().size(); i++) {
      Account account = request.accounts().get(i);
      arguments.add(Integer.toString(indexes.get(account.key())));
      write(account, request.leases().get(i));
      if (request.forLease()) {
        arguments.add(Long.toString(request.leases().get(i).most()));
      }
    }
  }

  private void write(Account account, Lease lease) {
    arguments.add(account.first());
    arguments.add(account.second());
    arguments.add(Long.toString(lease.charge().limit().burst()));
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
