package io.gatehouse.core.redis;

import io.gatehouse.StoreException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Notices that Redis has lost its data, also when no call has failed: there are keys with random values, set by whoever
 * finds none, and when a value is not what it was, all that was in Redis is gone. A cluster has one in every {@value
 * #SLOTS} slots, so that no node of it with twice as many in a row is without one.
 *
 * <p>For one thread at a time.
 */
public final class RedisMemory {

  private static final int SLOTS = 512;
  private static final String KEY = "gatehouse:memory";

  private final RedisConnection redis;
  private final List<String> keys;
  private final @Nullable String[] values;

  public RedisMemory(RedisConnection redis) {
    this.redis = redis;
    this.keys = redis.clustered() ? spread() : List.of(KEY);
    this.values = new String[keys.size()];
  }

  /**
   * Whether anything was lost since this was last asked; not the first time. Asks all nodes that answer.
   *
   * @throws StoreException when none does
   */
  public boolean lost() {
    boolean lost = false;
    StoreException failure = null;
    int failures = 0;
    for (int i = 0; i < values.length; i++) {
      String key = keys.get(i);
      try {
        String value = redis.call("remember", client -> valueOf(key, client));
        lost |= values[i] != null && !values[i].equals(value);
        values[i] = value;
      } catch (StoreException e) {
        failure = e;
        failures++;
      }
    }
    if (failure != null && failures == values.length) {
      throw failure;
    }
    return lost;
  }

  private static String valueOf(String key, UnifiedJedis client) {
    String value = client.get(key);
    if (value != null) {
      return value;
    }
    String mine = UUID.randomUUID().toString();
    return client.set(key, mine, SetParams.setParams().nx()) != null ? mine : String.valueOf(client.get(key));
  }

  private static List<String> spread() {
    List<String> keys = new ArrayList<>();
    BitSet covered = new BitSet();
    for (int i = 0; covered.cardinality() < RedisConnection.ALL_SLOTS / SLOTS; i++) {
      String key = KEY + ":" + i;
      int part = JedisClusterCRC16.getSlot(key) / SLOTS;
      if (!covered.get(part)) {
        covered.set(part);
        keys.add(key);
      }
    }
    return keys;
  }
}
