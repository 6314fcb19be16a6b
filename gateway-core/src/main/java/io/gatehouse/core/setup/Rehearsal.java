package io.gatehouse.core.setup;

import io.gatehouse.Admission;
import io.gatehouse.Enforcement;
import io.gatehouse.Inbound;
import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.settings.DatabaseSettings;
import io.gatehouse.core.route.Routes;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.sql.SqlDatabase;
import io.gatehouse.core.sql.SqlKeyStore;
import io.gatehouse.core.sql.SqlLimitPolicy;
import io.gatehouse.core.sql.SqlPlanStore;
import io.gatehouse.core.sql.SqlQuotaPolicy;
import io.gatehouse.core.sql.SqlUserStore;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.User;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitPolicy;
import io.gatehouse.plan.Plan;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Decides requests of the past by the limits and quotas of some settings, in memory and at the time of those requests.
 * Nothing real is spent, and nothing is written into any store. Who calls is taken from whoever knows it; keys, scopes and
 * address lists have no say.
 *
 * <p>For one thread. Blocks as the database does, once for each user that it has not asked for lately.
 */
public final class Rehearsal implements AutoCloseable {

  /** What becomes of rules in the shadow. */
  public enum Shadows {
    /** They refuse nothing. */
    IN_THE_SHADOW,
    /** They refuse. One takes the place of an enforced rule with the same period and algorithm, or meter and window. */
    ENFORCED
  }

  /** How many users are remembered with their limits and quotas. */
  private static final int USERS_REMEMBERED = 10_000;

  /** What the users begin with that stand for addresses; no id does. */
  private static final String ADDRESS = "address:";

  private final Time time = new Time();
  private final @Nullable SqlDatabase database;
  private final KeyedGateway gateway;

  /** The lineage of a key by its id. */
  private final Function<String, Optional<String>> lineages;

  private Rehearsal(Settings settings, Shadows shadows, @Nullable SqlDatabase database) {
    this.database = database;
    this.lineages =
        database == null
            ? id -> Optional.empty()
            : remembering(id -> new SqlKeyStore(database).key(id).map(ApiKey::lineage));
    UnaryOperator<List<Limit>> limitsAs =
        shadows == Shadows.ENFORCED ? Rehearsal::limitsEnforced : UnaryOperator.identity();
    UnaryOperator<List<Quota>> quotasAs =
        shadows == Shadows.ENFORCED ? Rehearsal::quotasEnforced : UnaryOperator.identity();
    RateLimitSettings rates = settings.rateLimits();
    KeyedGateway.Builder builder =
        KeyedGateway.builder(digest -> Optional.empty(), new Pepper(1, new byte[32]))
            .anonymous(IdentityGate.Anonymous.ADMITTED)
            .addressLimits(limitsAs.apply(rates.ipLevel()), rates.ipv6Prefix())
            .addressLimiter(limiter())
            .refusalsPerMinute(rates.refusalsPerMinute())
            .userLimits(limitsAs.apply(rates.userLevel()))
            .keyLimits(limitsAs.apply(rates.keyLevel()))
            .tenantLimits(limitsAs.apply(rates.tenantLevel()))
            .endpointLimits(rates.endpoints().stream().map(each -> as(each, limitsAs)).toList())
            .apiLimits(limitsAs.apply(rates.apiLevel()))
            .routes(routes(settings))
            .limiter(limiter())
            .userQuotas(quotasAs.apply(settings.quotas().quotas()))
            .quotaStore(new BoundedQuotaStore(new MemoryQuotaStore(time)))
            .calendar(settings.quotas().calendar())
            .clock(time);
    if (database != null) {
      builder.limits(limits(new SqlLimitPolicy(database), limitsAs));
      builder.quotas(new Quotas(new SqlQuotaPolicy(database), quotasAs));
      builder.tenants(remembering(new SqlUserStore(database)::tenantOf)::apply);
      builder.plans(
          remembering(user -> new SqlPlanStore(database).planOf(user).map(plan -> as(plan, limitsAs, quotasAs)))::apply);
    }
    this.gateway = builder.build();
  }

  private static EndpointLimits as(EndpointLimits each, UnaryOperator<List<Limit>> limitsAs) {
    return new EndpointLimits(each.endpoint(), each.cost(), each.per(), limitsAs.apply(each.limits()));
  }

  private static Plan as(Plan plan, UnaryOperator<List<Limit>> limitsAs, UnaryOperator<List<Quota>> quotasAs) {
    Map<Level, List<Limit>> limits = new EnumMap<>(Level.class);
    plan.limits().forEach((level, list) -> limits.put(level, limitsAs.apply(list)));
    return new Plan(plan.name(), plan.title(), limits, plan.quotas().map(quotasAs), Set.of(), Map.of());
  }

  /** The routes, unless one goes by a host, which logs do not tell. */
  private static Routes routes(Settings settings) {
    Routes routes = Upstreams.routes(settings);
    boolean byHost = routes.all().stream().anyMatch(route -> route.host().isPresent());
    return byHost ? new Routes(List.of()) : routes;
  }

  private static LimitPolicy limits(LimitPolicy stored, UnaryOperator<List<Limit>> limitsAs) {
    Map<Level, Function<String, Optional<List<Limit>>>> known = new EnumMap<>(Level.class);
    for (Level level : Level.values()) {
      known.put(level, remembering(owner -> stored.limitsOf(level, owner).map(limitsAs)));
    }
    return (level, owner) -> known.get(level).apply(owner);
  }

  /** Quotas and calendars of users, and quotas of keys, as they are stored; counts begin at zero, so none was begun anew. */
  private static final class Quotas implements QuotaPolicy {

    private final Function<String, Optional<List<Quota>>> quotas;
    private final Function<String, Optional<List<Quota>>> ofKeys;
    private final Function<String, Optional<BillingCalendar>> calendars;

    Quotas(QuotaPolicy stored, UnaryOperator<List<Quota>> quotasAs) {
      this.quotas = remembering(user -> stored.quotasOf(user).map(quotasAs));
      this.ofKeys = remembering(lineage -> Optional.of(quotasAs.apply(stored.keyQuotasOf(lineage))));
      this.calendars = remembering(stored::calendarOf);
    }

    @Override
    public Optional<List<Quota>> quotasOf(String user) {
      return quotas.apply(user);
    }

    @Override
    public List<Quota> keyQuotasOf(String lineage) {
      return ofKeys.apply(lineage).orElse(List.of());
    }

    @Override
    public Optional<BillingCalendar> calendarOf(String user) {
      return calendars.apply(user);
    }
  }

  /** By the settings alone: every user has the limits and quotas that users without their own have. */
  public static Rehearsal ofDefaults(Settings settings, Shadows shadows) {
    return new Rehearsal(settings, shadows, null);
  }

  /**
   * By the settings, and the limits and quotas that single users and their plans have in the database of these settings.
   *
   * @throws StoreException when there is no such database or it cannot be read
   */
  public static Rehearsal ofStores(Settings settings, Shadows shadows) {
    if (settings.database().driver() == DatabaseSettings.Driver.SQLITE) {
      Path file = Stores.databaseFile(settings);
      if (!Files.exists(file)) {
        throw new StoreException("open: there is no SQLite file " + file);
      }
    }
    SqlDatabase database = Stores.database(settings);
    try {
      database.ping();
      return new Rehearsal(settings, shadows, database);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private MemoryRateLimiter limiter() {
    return new MemoryRateLimiter(MemoryRateLimiter.DEFAULT_SLOTS, time::nanos, time);
  }

  private static <T> Function<String, Optional<T>> remembering(Function<String, Optional<T>> ask) {
    RecentlyUsed<String, Optional<T>> known = new RecentlyUsed<>(USERS_REMEMBERED);
    return user -> user.startsWith(ADDRESS) ? Optional.empty() : known.get(user, ask);
  }

  /** Moves the time on. It never goes back: an earlier moment changes nothing. */
  public void moveTo(Instant moment) {
    time.moveTo(moment);
  }

  /** The time. */
  public Instant now() {
    return time.instant();
  }

  /**
   * Decides of a request of a user. What is admitted is to be completed.
   *
   * @throws StoreException when the database cannot say what the user may
   */
  public Admission admit(Inbound request, Subject caller) {
    Admission admission = gateway.admit(request, key(caller));
    if (admission instanceof Admission.Refused refused
        && refused.refusal().reason() == Refusal.Reason.STORE_UNAVAILABLE) {
      throw new StoreException("the limits of a user cannot be read from " + database);
    }
    return admission;
  }

  /** Decides of a request whose caller nobody recognises, and who is not asked: only the address is limited. */
  public Admission admitNobody(Inbound request) {
    return gateway.admit(request);
  }

  /** Decides of a request whose caller is not known, as if each address were a user. */
  public Admission admitAddress(Inbound request) {
    String name = ADDRESS + request.clientAddress().getHostAddress();
    return gateway.admit(request, key(new Subject(name, name)));
  }

  private ApiKey key(Subject caller) {
    String lineage = lineages.apply(caller.key()).orElse(caller.key());
    return new ApiKey(
        caller.key(), caller.user(), "", "", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty(), lineage);
  }

  /** How people call a user; empty when that is not known. */
  public Optional<String> nameOf(String user) {
    return database == null || user.startsWith(ADDRESS)
        ? Optional.empty()
        : new SqlUserStore(database).user(user).map(User::name);
  }

  @Override
  public void close() {
    gateway.close();
    if (database != null) {
      database.close();
    }
  }

  private static List<Limit> limitsEnforced(List<Limit> limits) {
    List<Limit> enforced = new ArrayList<>();
    for (Limit limit : limits) {
      boolean replaced =
          !limit.isShadow()
              && limits.stream().anyMatch(
                  other ->
                      other.isShadow()
                          && other.algorithm() == limit.algorithm()
                          && other.period().equals(limit.period()));
      if (!replaced) {
        enforced.add(
            new Limit(
                limit.permits(), limit.period(), limit.burst(), limit.algorithm(), Enforcement.ENFORCED));
      }
    }
    return enforced;
  }

  private static List<Quota> quotasEnforced(List<Quota> quotas) {
    List<Quota> enforced = new ArrayList<>();
    for (Quota quota : quotas) {
      boolean replaced =
          !quota.isShadow()
              && quotas.stream().anyMatch(
                  other -> other.isShadow() && other.meter() == quota.meter() && other.window() == quota.window());
      if (!replaced) {
        enforced.add(
            new Quota(
                quota.meter(), quota.window(), quota.most(), quota.beyond(), quota.cap(), Enforcement.ENFORCED));
      }
    }
    return enforced;
  }

  /** A clock that is told the time. */
  private static final class Time implements InstantSource {

    /** The first moment, from which intervals are measured. */
    private Instant begin = Instant.MIN;

    private Instant now = Instant.EPOCH;

    void moveTo(Instant moment) {
      if (begin.equals(Instant.MIN)) {
        begin = moment;
        now = moment;
      } else if (moment.isAfter(now)) {
        now = moment;
      }
    }

    @Override
    public Instant instant() {
      return now;
    }

    long nanos() {
      return begin.equals(Instant.MIN) ? 0 : Duration.between(begin, now).toNanos();
    }
  }
}
