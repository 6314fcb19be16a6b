package io.gatehouse.jetty.proxy;

import io.gatehouse.core.tls.Trust;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How requests are forwarded. Made by {@link #builder()}; immutable.
 *
 * @param connectTimeout how long a connection to a backend may take to come about, its name's look-up
 * included
 * @param responseTimeout how long a backend that has the whole request may take until it begins to answer
 * @param idleTimeout how long a body may stand still, in either direction and whoever is to blame
 * @param totalTimeout how long a request may take in all, to the last byte of its answer; zero: any time. A WebSocket
 * that was accepted is past it
 * @param hedgeAfter how long a backend may take to begin to answer a GET or HEAD until another one is asked besides; zero:
 * never
 * @param pooledIdleTime how long an unused connection to a backend is kept; shorter than the backend keeps it
 * @param mostConnections connections per backend, 1 or more; what goes beyond waits for one
 * @param bufferBytes the size of the pieces in which bodies travel, 1,024 or more
 * @param mostRequestBytes the largest request body; 0: any
 * @param leastBodyRate bytes a second that a request body must bring once it was waited for 10 s in all; 0: any
 * @param mostAttempts backends asked for one request, the first included, 1 or more
 * @param host which Host the backend sees
 * @param bearer what becomes of {@code Authorization: Bearer}
 * @param strippedHeaders further fields that backends do not see, in lower case; {@code x-api-key} is never
 * seen
 * @param strippedParameters query parameters that backends do not see, case kept
 * @param trust which backends that speak TLS are believed to be who they say
 * @param imgproxyDebug whether clients see the debug fields of imgproxy
 * @param speaker who answers
 */
public record ProxySettings(
    Duration connectTimeout,
    Duration responseTimeout,
    Duration idleTimeout,
    Duration totalTimeout,
    Duration hedgeAfter,
    Duration pooledIdleTime,
    int mostConnections,
    int bufferBytes,
    long mostRequestBytes,
    long leastBodyRate,
    int mostAttempts,
    Host host,
    Bearer bearer,
    Set<String> strippedHeaders,
    Set<String> strippedParameters,
    Trust trust,
    ImgproxyDebug imgproxyDebug,
    Speaker speaker) {

  /** Who answers. */
  public enum Speaker {
    /** Anybody: requests and answers pass as they are. */
    ANYBODY,
    /**
     * imgproxy, with its habits: HEAD is asked as GET, since it does not know what a HEAD is; what it says of
     * itself becomes an answer of ours; its other errors, which say nothing of how long they hold, are not
     * kept; and what it made is counted as it was estimated where it does not tell.
     */
    IMGPROXY
  }

  /** What becomes of {@code X-Origin-*} and {@code X-Result-*} in answers. Pixels are counted from them in any case. */
  public enum ImgproxyDebug {
    /** They are for us, and clients do not see them. */
    CONSUMED,
    /** Clients see them. */
    PASSED
  }

  /** Which {@code Host} the backend sees; the client's is in {@code X-Forwarded-Host} in any case. */
  public enum Host {
    OF_BACKEND,
    OF_CLIENT
  }

  /** What becomes of {@code Authorization} when its scheme is Bearer. Other schemes are always forwarded. */
  public enum Bearer {
    /** It is the gateway's credential, and the backend does not see it. */
    STRIPPED,
    /** It is the backend's, or both's. */
    FORWARDED
  }

  public ProxySettings {
    positive(connectTimeout, "connectTimeout");
    positive(responseTimeout, "responseTimeout");
    positive(idleTimeout, "idleTimeout");
    notNegative(totalTimeout, "totalTimeout");
    notNegative(hedgeAfter, "hedgeAfter");
    positive(pooledIdleTime, "pooledIdleTime");
    atLeast(mostConnections, 1, "mostConnections");
    atLeast(bufferBytes, 1024, "bufferBytes");
    atLeast(mostRequestBytes, 0, "mostRequestBytes");
    atLeast(leastBodyRate, 0, "leastBodyRate");
    atLeast(mostAttempts, 1, "mostAttempts");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(bearer, "bearer");
    Objects.requireNonNull(imgproxyDebug, "imgproxyDebug");
    Objects.requireNonNull(speaker, "speaker");
    strippedHeaders = strippedHeaders.stream()
        .map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    strippedParameters = Set.copyOf(strippedParameters);
    Objects.requireNonNull(trust, "trust");
  }

  /** All defaults. */
  public static Builder builder() {
    return new Builder();
  }

  private static void positive(Duration value, String name) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: more than zero)");
    }
  }

  private static void notNegative(Duration value, String name) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: zero or more)");
    }
  }

  private static void atLeast(long value, long least, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " or more)");
    }
  }

  /** Collects settings; what is not set has its default. Not for several threads. */
  public static final class Builder {

    private Duration connectTimeout = Duration.ofSeconds(2);
    private Duration responseTimeout = Duration.ofSeconds(30);
    private Duration idleTimeout = Duration.ofSeconds(30);
    private Duration totalTimeout = Duration.ZERO;
    private Duration hedgeAfter = Duration.ZERO;
    private Duration pooledIdleTime = Duration.ofSeconds(8);
    private int mostConnections = 256;
    private int bufferBytes = 16 * 1024;
    private long mostRequestBytes;
    private long leastBodyRate;
    private int mostAttempts = 3;
    private Host host = Host.OF_BACKEND;
    private Bearer bearer = Bearer.STRIPPED;
    private Set<String> strippedHeaders = Set.of();
    private Set<String> strippedParameters = Set.of();
    private Trust trust = Trust.ofJava();
    private ImgproxyDebug imgproxyDebug = ImgproxyDebug.PASSED;
    private Speaker speaker = Speaker.ANYBODY;

    private Builder() {}

    /** Default: 2 s. */
    public Builder connectTimeout(Duration value) {
      connectTimeout = value;
      return this;
    }

    /** Default: 30 s. */
    public Builder responseTimeout(Duration value) {
      responseTimeout = value;
      return this;
    }

    /** Default: 30 s. */
    public Builder idleTimeout(Duration value) {
      idleTimeout = value;
      return this;
    }

    /** Default: zero, any time. */
    public Builder totalTimeout(Duration value) {
      totalTimeout = value;
      return this;
    }

    /** Default: zero, never. */
    public Builder hedgeAfter(Duration value) {
      hedgeAfter = value;
      return this;
    }

    /** Default: 8 s, because imgproxy closes after 10. */
    public Builder pooledIdleTime(Duration value) {
      pooledIdleTime = value;
      return this;
    }

    /** Default: 256. */
    public Builder mostConnections(int value) {
      mostConnections = value;
      return this;
    }

    /** Default: 16 KiB. */
    public Builder bufferBytes(int value) {
      bufferBytes = value;
      return this;
    }

    /** Default: 0, any. */
    public Builder mostRequestBytes(long value) {
      mostRequestBytes = value;
      return this;
    }

    /** Default: 0, any. */
    public Builder leastBodyRate(long value) {
      leastBodyRate = value;
      return this;
    }

    /** Default: 3. */
    public Builder mostAttempts(int value) {
      mostAttempts = value;
      return this;
    }

    /** Default: {@link Host#OF_BACKEND}. */
    public Builder host(Host value) {
      host = value;
      return this;
    }

    /** Default: {@link Bearer#STRIPPED}. */
    public Builder bearer(Bearer value) {
      bearer = value;
      return this;
    }

    /** Default: none but {@code X-API-Key}. */
    public Builder strippedHeaders(Set<String> names) {
      strippedHeaders = names;
      return this;
    }

    /** Default: none. */
    public Builder strippedParameters(Set<String> names) {
      strippedParameters = names;
      return this;
    }

    /** Default: {@link Trust#ofJava}. */
    public Builder trust(Trust value) {
      trust = value;
      return this;
    }

    /** Default: {@link ImgproxyDebug#PASSED}. */
    public Builder imgproxyDebug(ImgproxyDebug value) {
      imgproxyDebug = value;
      return this;
    }

    /** Default: {@link Speaker#ANYBODY}. */
    public Builder speaker(Speaker value) {
      speaker = value;
      return this;
    }

    /**
     * The settings.
     *
     * @throws IllegalArgumentException when a value is out of its range
     */
    public ProxySettings build() {
      return new ProxySettings(connectTimeout, responseTimeout, idleTimeout, totalTimeout, hedgeAfter,
          pooledIdleTime, mostConnections, bufferBytes, mostRequestBytes, leastBodyRate, mostAttempts, host, bearer, strippedHeaders,
          strippedParameters, trust, imgproxyDebug, speaker);
    }
  }
}
