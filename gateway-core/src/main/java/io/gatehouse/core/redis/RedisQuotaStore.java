package io.gatehouse.core.redis;

import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaDecision.Exhausted;
import io.gatehouse.quota.QuotaDecision.Granted;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Counts use of all nodes together in Redis, each call in one script.
 *
 * <p>Redis is where counts are compared, not where they are kept for good. For each count it has what every source has
 * counted, and with each call a node tells it the whole of its own. Of two numbers of one source the larger is the true
 * one, so that a call that came twice or late, or whose answer was lost, does no harm; and a Redis that has lost its data is
 * made good by the next call of each node. A count that Redis does not have at all begins with what is known of all
 * sources, asked for once; when that cannot be had, it is a {@link io.gatehouse.StoreException} of where it is known, and
 * nothing was added.
 *
 * <p>Counts are exact up to 2^53 and stop there. Keys, {@code gatehouse:quota:} with the owner, meter, window and
 * period, are in one slot of a cluster for one user with all keys, and one call may only be of one user there. They
 * expire 2 to 4 days after their period, counted from their first use; those of stored bytes after ten years.
 */
public final class RedisQuotaStore implements QuotaStore {

  /** Keys in one call, so that others do not wait long for the script. */
  private static final int CHUNK = 100;

  private static final Script ADD = Script.named("quota_add");
  private static final String WITHOUT_ASKING = "";

  private final RedisConnection redis;
  private final Function<QuotaKey, UsageRecord> own;
  private final Function<Collection<QuotaKey>, List<UsageRecord>> known;

  /**
   * Counts.
   *
   * @param own what this node has counted itself since it started, always under the same source; must not block
   * @param known what each source has counted, as far as is known elsewhere; may block and throw a StoreException
   */
  public RedisQuotaStore(
      RedisConnection redis,
      Function<QuotaKey, UsageRecord> own,
      Function<Collection<QuotaKey>, List<UsageRecord>> known) {
    this.redis = redis;
    this.own = own;
    this.known = known;
  }

  @Override
  public long used(QuotaKey key) {
    return add(key, 0);
  }

  /** Adds to what Redis has of this node; who gives {@code own} is to have counted it by the next call. */
  @Override
  public long add(QuotaKey key, long amount) {
    return run(List.of(key), List.of(new Wish(amount, WITHOUT_ASKING))).get(2);
  }

  /** Adds to what Redis has of this node; who gives {@code own} is to have counted it by the next call. */
  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    List<Long> reply = run(
        claims.stream().map(Claim::key).toList(),
        claims.stream().map(claim -> new Wish(claim.amount(), Long.toString(claim.most()))).toList());
    return reply.get(0) == 1
        ? new Granted()
        : new Exhausted(claims.get((int) (reply.get(1) - 1)), reply.get(2));
  }

  /**
   * Has the counts hold at least what these say.
   *
   * @return the keys that Redis does not have; it has learnt nothing of them
   * @throws io.gatehouse.StoreException when Redis cannot answer; it may have learnt some of it
   */
  public Set<QuotaKey> tell(Collection<UsageRecord> records) {
    Map<QuotaKey, List<UsageRecord>> told = new LinkedHashMap<>();
    records.forEach(record -> told.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record));
    Set<QuotaKey> unknown = new HashSet<>();
    for (List<QuotaKey> keys : calls(told.keySet())) {
      Set<QuotaKey> absent = teach(keys, told, Set.of());
      if (!absent.isEmpty()) {
        unknown.addAll(absent);
        teach(keys.stream().filter(key -> !absent.contains(key)).toList(), told, Set.of());
      }
    }
    return unknown;
  }

  /**
   * The same for counts that Redis may not have.
   *
   * @param all every record that is known of these keys
   * @throws io.gatehouse.StoreException when Redis cannot answer; it may have learnt some of it
   */
  public void tellAll(Collection<UsageRecord> all) {
    Map<QuotaKey, List<UsageRecord>> told = new LinkedHashMap<>();
    all.forEach(record -> told.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record));
    calls(told.keySet()).forEach(keys -> teach(keys, told, told.keySet()));
  }

  private Set<QuotaKey> teach(List<QuotaKey> keys, Map<QuotaKey, List<UsageRecord>> told, Set<QuotaKey> whole) {
    return keys.isEmpty() ? Set.of() : absent(keys, call(keys, List.of(), told, whole));
  }

  /** Runs the script, and again with all that is known for as long as it asks for it. */
  private List<Long> run(List<QuotaKey> keys, List<Wish> wishes) {
    Map<QuotaKey, List<UsageRecord>> told = new LinkedHashMap<>();
    keys.forEach(key -> told.put(key, List.of(own.apply(key))));
    Set<QuotaKey> whole = new HashSet<>();
    while (true) {
      List<Long> reply = call(keys, wishes, told, whole);
      Set<QuotaKey> absent = absent(keys, reply);
      if (absent.isEmpty()) {
        return reply;
      }
      absent.forEach(key -> told.put(key, new ArrayList<>(told.get(key))));
      known.apply(absent).forEach(record -> told.get(record.key()).add(record));
      whole.addAll(absent);
    }
  }

  private static Set<QuotaKey> absent(List<QuotaKey> keys, List<Long> reply) {
    Set<QuotaKey> absent = new HashSet<>();
    for (int i = 1; reply.get(0) == -1 && i < reply.size(); i++) {
      absent.add(keys.get((int) (reply.get(i) - 1)));
    }
    return absent;
  }

  private List<Long> call(
      List<QuotaKey> keys, List<Wish> wishes, Map<QuotaKey, List<UsageRecord>> told, Set<QuotaKey> whole) {
    List<String> arguments = new ArrayList<>(1 + 5 * keys.size());
    arguments.add(own.apply(keys.get(0)).source());
    for (int i = 0; i < keys.size(); i++) {
      QuotaKey key = keys.get(i);
      Wish wish = wishes.isEmpty() ? Wish.NONE : wishes.get(i);
      arguments.add(Long.toString(wish.amount));
      arguments.add(wish.most);
      arguments.add(lines(told.get(key)));
      arguments.add(whole.contains(key) ? "1" : "0");
      arguments.add(Long.toString(secondsToKeep(key)));
    }
    List<String> names = keys.stream().map(RedisQuotaStore::name).toList();
    return redis.call("add to counts", client -> ADD.numbers(client, names, arguments));
  }

  private static String lines(List<UsageRecord> records) {
    StringBuilder lines = new StringBuilder();
    for (UsageRecord record : records) {
      if (record.added() > 0 || record.returned() > 0) {
        lines.append(record.added()).append(' ').append(record.returned()).append(' ')
            .append(record.source()).append('\n');
      }
    }
    return lines.toString();
  }

  /** Keys that may be told of in one call. */
  private List<List<QuotaKey>> calls(Collection<QuotaKey> keys) {
    Map<String, List<QuotaKey>> groups = new LinkedHashMap<>();
    for (QuotaKey key : keys) {
      String group = redis.clustered() ? QuotaOwner.of(key.owner()).user() : "";
      groups.computeIfAbsent(group, user -> new ArrayList<>()).add(key);
    }
    List<List<QuotaKey>> calls = new ArrayList<>();
    for (List<QuotaKey> group : groups.values()) {
      for (int from = 0; from < group.size(); from += CHUNK) {
        calls.add(group.subList(from, Math.min(from + CHUNK, group.size())));
      }
    }
    return calls;
  }

  static String name(QuotaKey key) {
    QuotaOwner owner = QuotaOwner.of(key.owner());
    String lineage = owner.lineage().map(name -> ":key:" + name).orElse("");
    return tag(key.owner()) + lineage + ":" + key.meter() + ":" + key.window() + ":" + key.period();
  }

  /** What a name begins with, and what decides on its slot: the same for a user and all keys, who are decided in one. */
  static String tag(String owner) {
    // Something before the user, since an empty tag would be none.
    return "gatehouse:quota:{of:" + QuotaOwner.of(owner).user() + "}";
  }

  private static long secondsToKeep(QuotaKey key) {
    return switch (key.window()) {
      case DAY -> Duration.ofDays(4).toSeconds();
      case MONTH -> Duration.ofDays(34).toSeconds();
      // For good, but for owners who are gone.
      case LIFETIME -> Duration.ofDays(3650).toSeconds();
    };
  }

  /**
   * What is wanted of one count.
   *
   * @param most empty: whatever it holds
   */
  private record Wish(long amount, String most) {
    static final Wish NONE = new Wish(0, WITHOUT_ASKING);
  }
}
