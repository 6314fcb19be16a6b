package io.gatehouse.examples.embedded;

import io.gatehouse.Observer;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.setup.KeyedGateway;
import io.gatehouse.event.Change;
import io.gatehouse.jetty.filter.CorrelationFilter;
import io.gatehouse.jetty.filter.GatewayFilter;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.key.User;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A gateway that lives inside an application: users, keys, limits and counts in this process, and two filters before
 * whatever servlets the application has. Nothing here knows which container that is.
 */
final class EmbeddedGateway implements AutoCloseable {

  private static final InstantSource CLOCK = InstantSource.system();

  /** Every change made here is told to the gateway, which forgets what it knew of the user. */
  final MemoryDirectory directory = new MemoryDirectory(this::changed);

  final MemoryQuotaStore use = new MemoryQuotaStore(CLOCK);

  private final KeyIssuer issuer;
  private final KeyedGateway gateway;

  /**
   * Five requests a minute, two at once and a megabyte a day for each user, 300 requests a minute from each address.
   *
   * @param observer hears how each request fared
   */
  EmbeddedGateway(Observer observer) {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret); // keys that are to outlive the process need one that does
    Pepper pepper = new Pepper(1, secret);
    KeyFormat format = new KeyFormat("gk", "demo");
    issuer = new KeyIssuer(directory, format, pepper, CLOCK);
    gateway =
        KeyedGateway.builder(directory, pepper)
            .keyForm(format)
            .addressLimits(List.of(Limit.of(300, Duration.ofMinutes(1))), 64)
            .networks(directory)
            .limits(directory)
            .userLimits(List.of(Limit.of(5, Duration.ofMinutes(1))))
            .quotas(directory)
            .userQuotas(List.of(new Quota(Meter.BYTES, Window.DAY, 1_000_000)))
            .quotaStore(use)
            .gate(new ConcurrencyGate(2))
            .observer(observer)
            .build();
  }

  /** Puts the filters before everything that the application serves. */
  void guard(ServletContext application) {
    add(application, "correlation", new CorrelationFilter());
    add(application, "gateway", new GatewayFilter(gateway, new TrustedProxies(List.of())));
  }

  private static void add(ServletContext application, String name, Filter filter) {
    FilterRegistration.Dynamic registration = application.addFilter(name, filter);
    registration.setAsyncSupported(true);
    registration.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
  }

  /** Makes a user with one key, and says the key, which nobody can do a second time. */
  String newKey(String user) {
    directory.addUser(new User(user, user, true, CLOCK.instant()));
    return issuer.issue(user, "", Set.of(), Optional.empty()).secret();
  }

  private void changed(Change change) {
    gateway.changed(change);
  }

  @Override
  public void close() {
    gateway.close();
  }
}
