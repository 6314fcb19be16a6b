package io.gatehouse.core.redis;

import io.gatehouse.StoreException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A bounded pool of connections to one Redis.
 *
 * <p>Opening does not connect: a gateway starts while Redis is away, and finds it when it comes. A call waits for at most
 * the timeout for each of a free connection, a new connection and the answer, and in practice for one of them. Nothing is
 * sent twice. Any number of threads may call at once.
 */
public final class RedisConnection implements AutoCloseable {

  /** How long to wait for a connection or an answer unless it is set: {@value} milliseconds. */
  public static final long DEFAULT_TIMEOUT_MILLIS = 200;

  /** How many connections unless it is set: {@value}. */
  public static final int DEFAULT_CONNECTIONS = 32;

  private final RedisClient client;
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
    this.client = RedisClient.builder()
        .hostAndPort(new HostAndPort(builder.host, builder.port))
        .clientConfig(config.build())
        .poolConfig(pool)
        .build();
  }

  /** Begins a connection to Redis at this host and port, without password, to database 0. */
  public static Builder to(String host, int port) {
    return new Builder(host, port);
  }

  /**
   * Asks Redis for a sign of life.
   *
   * @throws StoreException when there is none
   */
  public void ping() {
    call("answer a ping", RedisClient::ping);
  }

  /** Closes all connections; calls fail from now on. */
  @Override
  public void close() {
    client.close();
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
  <T> T call(String deed, Function<RedisClient, T> command) {
    try {
      return command.apply(client);
    } catch (JedisException e) {
      if (e instanceof JedisConnectionException && !(rootOf(e) instanceof SocketTimeoutException)) {
        // The server has gone, and with it the other ends of all idle connections: do not fail once for each of them.
        client.getPool().clear();
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
      return new RedisConnection(this);
    }
  }
}
