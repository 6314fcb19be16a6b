package io.gatehouse.core.redis;

import io.gatehouse.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many nodes there are: each says about once a second that it is alive, on a thread of its own, and learns how many
 * others did so in the last {@value #PATIENCE_SECONDS} seconds, by the clock of Redis.
 */
public final class RedisNodes implements AutoCloseable {

  /** After how long a silent node no longer counts: {@value} seconds. */
  public static final int PATIENCE_SECONDS = 5;

  private static final Logger log = LoggerFactory.getLogger(RedisNodes.class);
  private static final String KEY = "gatehouse:nodes";
  private static final Script BEAT = Script.named("nodes_beat");

  private final RedisConnection redis;
  private final Duration patience;
  private final String id = UUID.randomUUID().toString();
  private final ScheduledExecutorService thread;

  /** Written by the heartbeat thread only. */
  private volatile int count = 1;

  /** Used by the heartbeat thread only. */
  private boolean away;

  /** Joins. Does not wait for Redis; the first count is 1. */
  public RedisNodes(RedisConnection redis) {
    this(redis, Duration.ofSeconds(1), Duration.ofSeconds(PATIENCE_SECONDS));
  }

  RedisNodes(RedisConnection redis, Duration interval, Duration patience) {
    this.redis = redis;
    this.patience = patience;
    this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread heart = new Thread(task, "gatehouse-heartbeat");
      heart.setDaemon(true);
      return heart;
    });
    thread.scheduleWithFixedDelay(this::beat, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** How many nodes were alive when Redis last answered, this one among them; 1 or more. Does not block. */
  public int count() {
    return count;
  }

  /** Leaves, if Redis can be told; otherwise the others notice by themselves. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      // A beat under way must not put back what is removed below.
      thread.awaitTermination(5, TimeUnit.SECONDS);
      redis.call("remove a node", client -> client.zrem(KEY, id));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StoreException e) {
      log.debug("{} was not told that this node leaves", redis);
    }
  }

  private void beat() {
    try {
      Object reply = redis.call("count nodes", client ->
          BEAT.run(client, List.of(KEY), List.of(id, Long.toString(patience.toMillis()))));
      count = Math.max(1, ((Long) reply).intValue());
      if (away) {
        log.info("{} answers again; {} nodes", redis, count);
      }
      away = false;
    } catch (RuntimeException e) {
      // Whatever it was, the heart must go on; the last count stands.
      if (away) {
        log.debug("{} still does not answer heartbeats: {}", redis, e.toString());
      } else {
        log.warn("{} does not answer heartbeats, {} nodes are taken for alive", redis, count, e);
      }
      away = true;
    }
  }
}
