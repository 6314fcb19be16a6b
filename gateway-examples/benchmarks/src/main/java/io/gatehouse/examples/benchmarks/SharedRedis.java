package io.gatehouse.examples.benchmarks;

import io.gatehouse.core.redis.RedisConnection;
import io.gatehouse.core.redis.RedisRateLimiter;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.redis.jedis.Bucket4jJedis;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;
import redis.embedded.RedisServer;

/**
 * One permit of one bucket that all nodes share, exactly, taken by 32 threads at once over one local Redis that this
 * class starts. The time is that of one call as its thread sees it.
 */
@State(Scope.Benchmark)
@Threads(SharedRedis.THREADS)
public class SharedRedis extends Timed {

  static final int THREADS = 32;
  private static final long PERMITS = 1_000_000_000;
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final List<Charge> charges = List.of(new Charge("user-second", "user:hot", Limit.of(PERMITS, PERIOD), 1));
  private RedisServer server;
  private RedisConnection connection;
  private RedisRateLimiter gatehouse;
  private RedisClient client;
  private BucketProxy bucket4j;

  @Setup
  public void open() throws IOException {
    int port = freePort();
    server = RedisServer.builder().port(port).setting("save \"\"").setting("bind 127.0.0.1").build();
    server.start();
    connection = RedisConnection.to("127.0.0.1", port).connections(THREADS).timeout(Duration.ofSeconds(5)).open();
    gatehouse = new RedisRateLimiter(connection);
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(THREADS);
    pool.setMaxIdle(THREADS);
    client = RedisClient.builder().hostAndPort("127.0.0.1", port).poolConfig(pool).build();
    bucket4j =
        Bucket4jJedis.casBasedBuilder(client)
            .expirationAfterWrite(ExpirationAfterWriteStrategy.fixedTimeToLive(Duration.ofMinutes(10)))
            .build()
            .builder()
            .build("bucket4j".getBytes(StandardCharsets.US_ASCII), () -> BucketConfiguration.builder()
                .addLimit(Bandwidth.builder().capacity(PERMITS).refillGreedy(PERMITS, PERIOD).build())
                .build());
  }

  @TearDown
  public void close() throws IOException {
    client.close();
    connection.close();
    server.stop();
  }

  @Benchmark
  public Decision gatehouse() {
    return gatehouse.tryAcquire(charges);
  }

  @Benchmark
  public boolean bucket4j() {
    return bucket4j.tryConsume(1);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
