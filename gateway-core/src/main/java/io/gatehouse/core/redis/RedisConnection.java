package io.gatehouse.core.redis;

import io.gatehouse.StoreException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * A bounded pool of connections to one Redis, or to each node of a Redis Cluster.
 *
 * <p>Opening does not connect: a gateway starts while Redis is away, and finds it when it comes. A call waits for at most
 * the timeout for each of a free connection, a new connection and the answer, and in practice for one of them. Nothing is
 * sent twice, but to a cluster, where a call whose connection broke off is sent once more. Any number of threads may call at once.
 */
public final class RedisConnection implements AutoCloseable {

  /** How long to wait for a connection or an answer unless it is set: {@value} milliseconds. */
  public static final long DEFAULT_TIMEOUT_MILLIS = 200;

  /** How many connections unless it is set: {@value}. */
  public static final int DEFAULT_CONNECTIONS = 32;

  /** How often a call to a cluster is sent: once more when a slot has moved, or a node has gone. */
  private static final int CLUSTER_ATTEMPTS = 2;

  private static final int CLUSTER_PARTS = 64;

  /** Of a cluster. */
  static final int ALL_SLOTS = 16_384;

  private final Supplier<UnifiedJedis> opener;

  /** Written under the lock of this; null until the first call, since a cluster is asked for its nodes when it is opened. */
  private volatile @Nullable UnifiedJedis client;

  /** Guarded by this. */
  private boolean closed;

  /** Why it could last not be opened. Guarded by this. */
  private @Nullable JedisException failure;

  /** By {@link System#nanoTime}. Guarded by this. */
  private long failedAt;

  private final boolean clustered;
  private final String name;
  private final Duration timeout;

  private RedisConnection(Builder builder) {
    int timeoutMillis = (int) builder.timeout.toMillis();
    DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
        .serverDefaultProtocol() // no greeting: a new connection costs no round trip of its own
        .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
        .connectionTimeoutMillis(timeoutMillis)
        .socketTimeoutMillis(timeoutMillis)
        .database(builder.database)
        .ssl(builder.tls);
    if (builder.password != null) {
      config.password(builder.password);
      if (builder.user != null) {
        config.user(builder.user);
      }
    }
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(builder.connections);
    pool.setMaxIdle(builder.connections);
    pool.setMaxWait(builder.timeout);
    pool.setJmxEnabled(false);
    this.timeout = builder.timeout;
    this.name = builder.host + ":" + builder.port + "/" + builder.database;
    this.clustered = builder.clustered;
    HostAndPort address = new HostAndPort(builder.host, builder.port);
    this.opener = clustered
        ? () -> RedisClusterClient.builder()
            .nodes(Set.of(address))
            .clientConfig(config.build())
            .poolConfig(pool)
            .maxAttempts(CLUSTER_ATTEMPTS)
            .maxTotalRetriesDuration(builder.timeout)
            .build()
        : () -> RedisClient.builder()
            .hostAndPort(address)
            .clientConfig(config.build())
            .poolConfig(pool)
            .build();
  }

  /** Begins a connection to Redis at this host and port, without password, to database 0. */
  public static Builder to(String host, int port) {
    return new Builder(host, port);
  }

  /**
   * Begins connections to a Redis Cluster, whose nodes are found by way of this one, without password. There only one
   * database is, and {@link ClusterRateLimiter} is to be used for limits.
   */
  public static Builder toCluster(String host, int port) {
    Builder builder = new Builder(host, port);
    builder.clustered = true;
    return builder;
  }

  /**
   * Asks Redis for a sign of life.
   *
   * @throws StoreException when there is none
   */
  public void ping() {
    call("answer a ping", UnifiedJedis::ping);
  }

  /** Closes all connections; calls fail from now on. */
  @Override
  public synchronized void close() {
    closed = true;
    UnifiedJedis open = client;
    if (open != null) {
      open.close();
    }
  }

  private UnifiedJedis client() {
    UnifiedJedis open = client;
    return open != null ? open : open();
  }

  private synchronized UnifiedJedis open() {
    UnifiedJedis open = client;
    if (open == null) {
      if (closed) {
        throw new JedisException("the connection is closed");
      }
      if (failure != null && System.nanoTime() - failedAt < timeout.toNanos()) {
        throw failure; // or all who wait for the lock would try, one after the other
      }
      try {
        open = opener.get();
      } catch (JedisException e) {
        failure = e;
        failedAt = System.nanoTime();
        throw e;
      }
      client = open;
    }
    return open;
  }

  /** Whether it is to a cluster, where the keys of one call must be in one slot. */
  boolean clustered() {
    return clustered;
  }

  /**
   * How many parts of the data may be away each by itself: 1, or of a cluster {@value #CLUSTER_PARTS} ranges of slots, of
   * which each of its nodes has some.
   */
  public int parts() {
    return clustered ? CLUSTER_PARTS : 1;
  }

  /** In which part the counts of a bucket are, 0 to {@link #parts()} - 1. */
  public int partOfBucket(String bucket) {
    return part(Account.clusterTag(bucket));
  }

  /** In which part the quota counts of an owner are, 0 to {@link #parts()} - 1. */
  public int partOfOwner(String owner) {
    return part(RedisQuotaStore.tag(owner));
  }

  private int part(String key) {
    return clustered ? JedisClusterCRC16.getSlot(key) * CLUSTER_PARTS / ALL_SLOTS : 0;
  }

  /** Host, port and database. */
  @Override
  public String toString() {
    return name;
  }

  /** How long a call waits for a connection or an answer. */
  Duration timeout() {
    return timeout;
  }

  /** Runs a command; {@code deed} completes "Redis at host could not". */
  <T> T call(String deed, Function<UnifiedJedis, T> command) {
    try {
      return command.apply(client());
    } catch (JedisException e) {
      if (client instanceof RedisClient single
          && e instanceof JedisConnectionException && !(rootOf(e) instanceof SocketTimeoutException)) {
        // The server has gone, and with it the other ends of all idle connections: do not fail once for each of them.
        single.getPool().clear();
      }
      throw new StoreException("Redis at " + name + " could not " + deed, e);
    }
  }

  private static Throwable rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** What is needed to connect. */
  public static final class Builder {
    private final String host;
    private final int port;
    private @Nullable String user;
    private @Nullable String password;
    private int database;
    private boolean clustered;
    private boolean tls;
    private Duration timeout = Duration.ofMillis(DEFAULT_TIMEOUT_MILLIS);
    private int connections = DEFAULT_CONNECTIONS;

    private Builder(String host, int port) {
      if (host.isBlank()) {
        throw new IllegalArgumentException("host: empty (expected: a name or an address)");
      }
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
      }
      this.host = host;
      this.port = port;
    }

    /** The password of the default user. */
    public Builder password(String value) {
      this.password = value;
      return this;
    }

    /** A user of the access control list, and the password. */
    public Builder credentials(String userName, String itsPassword) {
      this.user = userName;
      this.password = itsPassword;
      return this;
    }

    /** The number of the database, 0 or more; 0 unless set. */
    public Builder database(int value) {
      if (value < 0) {
        throw new IllegalArgumentException("database: " + value + " (expected: 0 or more)");
      }
      this.database = value;
      return this;
    }

    /** Encrypts, and checks the server's certificate against the trust store of the machine. */
    public Builder tls() {
      this.tls = true;
      return this;
    }

    /**
     * How long to wait for a connection or an answer.
     *
     * @param value 1 ms to 10 s
     */
    public Builder timeout(Duration value) {
      if (value.toMillis() < 1 || value.toMillis() > 10_000) {
        throw new IllegalArgumentException("timeout: " + value + " (expected: 1 ms to 10 s)");
      }
      this.timeout = value;
      return this;
    }

    /**
     * How many connections at the most, and so how many calls at once.
     *
     * @param value 1 to 10,000
     */
    public Builder connections(int value) {
      if (value < 1 || value > 10_000) {
        throw new IllegalArgumentException("connections: " + value + " (expected: 1 to 10000)");
      }
      this.connections = value;
      return this;
    }

    /** The pool; it does not connect yet. */
    public RedisConnection open() {
      if (clustered && database != 0) {
        throw new IllegalArgumentException("database: " + database + " (expected: 0, a cluster has no other)");
      }
      return new RedisConnection(this);
    }
  }
}
