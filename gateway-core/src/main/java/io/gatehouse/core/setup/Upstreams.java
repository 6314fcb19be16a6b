package io.gatehouse.core.setup;

import io.gatehouse.core.route.Route;
import io.gatehouse.core.route.Routes;
import io.gatehouse.core.settings.BalancerSettings;
import io.gatehouse.core.settings.DiscoverySettings;
import io.gatehouse.core.settings.HealthCheckSettings;
import io.gatehouse.core.settings.PoolSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.upstream.AnswerRule;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.Discovery;
import io.gatehouse.core.upstream.DnsDiscovery;
import io.gatehouse.core.upstream.FileDiscovery;
import io.gatehouse.core.upstream.HashKey;
import io.gatehouse.core.upstream.HealthCheck;
import io.gatehouse.core.upstream.OutlierDetection;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.PoolBalancer;
import io.gatehouse.core.upstream.PoolRules;
import io.gatehouse.core.upstream.SrvDiscovery;
import io.gatehouse.upstream.Balancer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the settings say of backends and of the ways to them, in the words of the pools and the routes. */
final class Upstreams {

  /** How often discovered backends are probed while all is well. */
  private static final Duration PROBED_EVERY = Duration.ofSeconds(30);

  private Upstreams() {}

  static PoolRules rules(PoolSettings settings) {
    BalancerSettings balancer = settings.balancer();
    return new PoolRules(
        check(settings.healthCheck()),
        outliers(balancer.outliers()),
        breaker(balancer.breaker()),
        balancer.slowStart(),
        balancer.panicThreshold());
  }

  static Balancer balancer(BalancerSettings settings, Pool pool) {
    return switch (settings.algorithm()) {
      case WEIGHTED_ROUND_ROBIN -> PoolBalancer.weightedRoundRobin(pool);
      case LEAST_REQUEST -> PoolBalancer.leastRequest(pool);
      case POWER_OF_TWO -> PoolBalancer.powerOfTwo(pool);
      case PEAK_EWMA -> PoolBalancer.peakEwma(pool);
      case RENDEZVOUS -> PoolBalancer.rendezvous(pool, key(settings.hashKey()));
    };
  }

  static List<Discovery> discoveries(Settings settings) {
    DiscoverySettings discovery = settings.discovery();
    Duration every = probedEvery(settings);
    List<Discovery> discoveries = new ArrayList<>();
    discovery.dns().ifPresent(name -> {
      int colon = name.lastIndexOf(':');
      int port = Integer.parseInt(name.substring(colon + 1));
      discoveries.add(new DnsDiscovery(name.substring(0, colon), port, every));
    });
    discovery.srv().ifPresent(name -> discoveries.add(new SrvDiscovery(name, every)));
    discovery.file().ifPresent(file -> discoveries.add(new FileDiscovery(file, every)));
    return discoveries;
  }

  /** Whether discovery looks for the same at the same pace, and finds what is probed at the same. */
  static boolean discoveredAlike(Settings one, Settings other) {
    return one.discovery().equals(other.discovery()) && probedEvery(one).equals(probedEvery(other));
  }

  private static Duration probedEvery(Settings settings) {
    Duration timeout = settings.healthCheck().timeout();
    return timeout.compareTo(PROBED_EVERY) > 0 ? timeout : PROBED_EVERY;
  }

  static Routes routes(Settings settings) {
    return new Routes(settings.routes().stream().map(route -> new Route(
        route.name(), route.host(), route.path(), route.methods(), route.pool(), route.limits())).toList());
  }

  private static HashKey key(String name) {
    return switch (name) {
      case "path" -> HashKey.PATH;
      case "source" -> HashKey.SOURCE;
      case "address" -> HashKey.ADDRESS;
      default -> HashKey.header(name.substring("header:".length()));
    };
  }

  private static HealthCheck check(HealthCheckSettings settings) {
    return new HealthCheck(
        settings.path(),
        settings.renderPath(),
        settings.timeout(),
        settings.fastInterval(),
        settings.unhealthyAfter(),
        settings.healthyAfter());
  }

  private static OutlierDetection outliers(BalancerSettings.Outliers settings) {
    AnswerRule answers = switch (settings.answers()) {
      case IMGPROXY -> AnswerRule.IMGPROXY;
      case HTTP -> AnswerRule.HTTP;
    };
    return new OutlierDetection(
        settings.consecutiveFailures(),
        settings.baseEjection(),
        settings.maxEjection(),
        settings.maxEjectedShare(),
        answers);
  }

  private static CircuitBreaker breaker(BalancerSettings.Breaker settings) {
    return new CircuitBreaker(
        settings.maxRequests(),
        settings.trialRequests(),
        settings.failureShare(),
        settings.minRequests(),
        settings.openFor());
  }
}
