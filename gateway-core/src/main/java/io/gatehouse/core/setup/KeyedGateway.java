package io.gatehouse.core.setup;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Passage;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.access.Authenticator;
import io.gatehouse.access.Countries;
import io.gatehouse.access.WhitelistStore;
import io.gatehouse.core.abuse.BlockGate;
import io.gatehouse.core.abuse.Blocklist;
import io.gatehouse.core.abuse.CallerBlockGate;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.access.ScopeGate;
import io.gatehouse.core.access.Scopes;
import io.gatehouse.core.access.WhitelistGate;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.key.Dossier;
import io.gatehouse.core.key.Dossiers;
import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.key.EntitlementRules;
import io.gatehouse.core.key.KeyAuthenticator;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.key.Peppers;
import io.gatehouse.core.key.SignedUrlAuthenticator;
import io.gatehouse.core.key.SigningSecrets;
import io.gatehouse.core.limit.AbnormalUsageGate;
import io.gatehouse.core.limit.AddressGate;
import io.gatehouse.core.limit.LimitGate;
import io.gatehouse.core.limit.LimitPlan;
import io.gatehouse.core.limit.PolicyFields;
import io.gatehouse.core.limit.Tariff;
import io.gatehouse.core.memory.MemoryCrossingLog;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.quota.QuotaGate;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.quota.StoredBytes;
import io.gatehouse.core.quota.WhenExhausted;
import io.gatehouse.core.route.RouteGate;
import io.gatehouse.core.route.Routes;
import io.gatehouse.event.Change;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.image.SignedUrl;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import io.gatehouse.key.KeyUpgrades;
import io.gatehouse.key.Tenants;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitPolicy;
import io.gatehouse.limit.RateLimiter;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.Plans;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.KeyQuotas;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaPolicy;
import io.gatehouse.quota.QuotaStore;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The gates in their order, over stores of anybody's making: the whole decision without settings, servers or databases.
 * Callers are known by their API keys, which come from a {@link KeyStore}; all else has a default.
 *
 * <pre>{@code
 * MemoryDirectory directory = new MemoryDirectory();
 * Pepper pepper = new Pepper(1, secret);
 * try (KeyedGateway gateway =
 *     KeyedGateway.builder(directory, pepper)
 *         .networks(directory)
 *         .limits(directory)
 *         .userLimits(List.of(Limit.of(600, Duration.ofMinutes(1))))
 *         .quotas(directory)
 *         .build()) {
 *   Admission admission = gateway.admit(request);
 * }
 * }</pre>
 *
 * <p>What a key may do is looked up once and remembered. Whoever changes a store tells {@link #changed}; otherwise the
 * change is seen when the memory of the key is over, see {@link Builder#remember}.
 *
 * <p>The rules of a gateway never change. To go by others, another is built {@linkplain Builder#inPlaceOf in its place}:
 * requests that the earlier one has admitted go on by the earlier rules to their end, and nothing that is counted or
 * remembered is lost.
 *
 * <p>Any number of threads. {@link #admit} blocks only as the stores do. Closing it ends its two background threads, and
 * closes none of the stores; closing one in whose place another was built does nothing.
 */
public final class KeyedGateway implements Gateway, AutoCloseable {

  /** How keys are remembered unless it is said otherwise: 100,000, for 60 s; unknown ones 5 s; stale ones 1 h. */
  public static final EntitlementCache.Bounds REMEMBERED =
      new EntitlementCache.Bounds(100_000, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofHours(1));

  /** At how many percent of a quota it is told unless it is said otherwise: 50, 80, 100. */
  public static final List<Integer> THRESHOLDS = List.of(50, 80, 100);

  /** RFC 9110, 5.6.7. */
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US).withZone(ZoneOffset.UTC);

  private final LimitPlan.Rules limits;
  private final List<Quota> userQuotas;
  private final BillingCalendar calendar;
  private final List<Limit> addressLimits;
  private final EntitlementRules entitlements = new EntitlementRules(this::compile);
  private final Dossiers stored;
  private final QuotaPlan quotaPlan;
  private final GatewayMemory memory;
  private final KeyAuthenticator authenticator;
  private final StoredBytes storedBytes;
  private final QuotaGate quotaGate;

  /** Whether nothing but the look-up of a key, and of what was used in a period, waits for a store. */
  private final boolean inMemory;

  private final String signedBelow;

  /** Null when nobody is kept out. */
  private final @Nullable Blocklist blocks;

  /** Asked before and after the gate that finds out who calls. */
  private final List<Gate> before;

  private final List<Gate> after;
  private final List<Observer> observers;
  private final Gates gates;

  /** Asked of those who want to know of themselves. */
  private final Gates selfService;

  /** Asked of those who bring something that the gateway keeps itself. */
  private final Gates unrouted;

  private KeyedGateway(Builder builder) {
    this.limits = builder.rules();
    this.userQuotas = builder.userQuotas;
    this.calendar = builder.calendar;
    this.addressLimits = builder.addressLimits;
    this.stored = builder.stored();
    this.quotaPlan = new QuotaPlan(userQuotas, calendar, builder.quotas, builder.plans);
    this.memory = builder.earlier != null ? builder.earlier.memory : GatewayMemory.open(builder, quotaPlan);
    this.authenticator =
        new KeyAuthenticator(
            memory.cache(),
            entitlements,
            builder.peppers.inUse(),
            builder.keyForm.or(builder.importedForm),
            builder.keyParameter,
            builder.clock);
    List<Observer> observers = new ArrayList<>(builder.observers);
    this.blocks = builder.blocks;
    this.before = before(builder, observers);
    this.storedBytes = new StoredBytes(memory.quotaStore(), quotaPlan::quotasOf, memory.crossings());
    this.quotaGate =
        new QuotaGate(memory.quotaStore(), calendar, builder.whenExhausted, memory.crossings(), builder.clock);
    this.inMemory = builder.isInMemory();
    this.signedBelow = builder.signedBelow;
    this.after = after(builder);
    List<Authenticator> authenticators = new ArrayList<>(builder.authenticators);
    signedUrls(builder).ifPresent(authenticators::add);
    authenticators.add(authenticator);
    this.observers = List.copyOf(observers);
    this.gates = new Gates(around(new IdentityGate(authenticators, builder.anonymous)), observers);
    this.selfService = new Gates(forSelfService(), observers.stream().<Observer>map(RefusalsOnly::new).toList());
    this.unrouted = new Gates(unrouted(builder), observers);
    memory.serve(this, builder);
  }

  /**
   * A builder with every default.
   *
   * @param pepper what the digests in {@code keys} were made with
   */
  public static Builder builder(KeyStore keys, Pepper pepper) {
    return new Builder(keys, Peppers.of(pepper));
  }

  /**
   * A builder with every default.
   *
   * @param peppers what the digests in {@code keys} were made with; see {@link Builder#upgrades}
   */
  public static Builder builder(KeyStore keys, Peppers peppers) {
    return new Builder(keys, peppers);
  }

  private Optional<Authenticator> signedUrls(Builder builder) {
    return builder.signedBelow.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SignedUrlAuthenticator(
                builder.signedBelow,
                memory.cache(),
                entitlements,
                builder.peppers.inUse(),
                authenticator,
                builder.endless,
                builder.clock));
  }

  /** The order of the questions: what is cheap and protects the rest comes first. */
  private List<Gate> around(IdentityGate identity) {
    List<Gate> all = knowing(identity);
    all.addAll(after);
    return all;
  }

  /** Until it is known who calls, and that they are not kept out. */
  private List<Gate> knowing(IdentityGate identity) {
    List<Gate> gates = new ArrayList<>(before);
    gates.add(identity);
    if (blocks != null) {
      gates.add(new CallerBlockGate(blocks));
    }
    return gates;
  }

  /** @param observers what else is to hear of refusals is added */
  private List<Gate> before(Builder builder, List<Observer> observers) {
    List<Gate> gates = new ArrayList<>();
    if (builder.blocks != null) {
      gates.add(new BlockGate(builder.blocks, builder.countries));
    }
    RateLimiter ofAddresses = memory.addressLimiter();
    if (builder.refusalsPerMinute > 0) {
      AbnormalUsageGate gate = new AbnormalUsageGate(ofAddresses, builder.refusalsPerMinute, builder.ipv6Prefix);
      gates.add(gate);
      observers.add(gate);
    }
    if (!builder.addressLimits.isEmpty()) {
      gates.add(new AddressGate(ofAddresses, builder.addressLimits, builder.ipv6Prefix));
    }
    return gates;
  }

  private List<Gate> after(Builder builder) {
    List<Gate> gates = new ArrayList<>();
    gates.add(new WhitelistGate());
    gates.add(new ScopeGate());
    if (!builder.routes.all().isEmpty()) {
      gates.add(new RouteGate(builder.routes));
    }
    gates.addAll(builder.early);
    gates.addAll(counting(builder));
    return gates;
  }

  /** How often and how much, and gates of others. */
  private List<Gate> counting(Builder builder) {
    List<Gate> gates = new ArrayList<>();
    gates.add(new LimitGate(memory.limiter(), anonymous(builder)));
    gates.add(quotaGate);
    gates.addAll(builder.gates);
    return gates;
  }

  /** As much of the way as concerns who calls, from where and how often; not what, how much, and gates of others. */
  private List<Gate> forSelfService() {
    List<Gate> gates = knowing(new IdentityGate(List.of(authenticator), IdentityGate.Anonymous.REFUSED));
    gates.add(new WhitelistGate());
    gates.add(new LimitGate(memory.limiter(), Tariff.FREE));
    return gates;
  }

  /** All of the way but for where a request goes, and by API keys only. */
  private List<Gate> unrouted(Builder builder) {
    List<Gate> gates = knowing(new IdentityGate(List.of(authenticator), IdentityGate.Anonymous.REFUSED));
    gates.add(new WhitelistGate());
    gates.add(new ScopeGate());
    gates.addAll(counting(builder));
    return gates;
  }

  private Tariff anonymous(Builder builder) {
    return builder.anonymous == IdentityGate.Anonymous.ADMITTED
        ? new LimitPlan(limits, builder.limits).anonymous(charges -> fields(charges, List.of(), Optional.empty()))
        : Tariff.FREE;
  }

  /**
   * What a key may do: its limits, its quotas, its user's quotas and networks, and what both its scopes and its user's plan
   * allow.
   */
  private Entitlement compile(Dossier dossier) {
    ApiKey key = dossier.key();
    String user = key.user();
    Optional<Plan> plan = dossier.plan();
    QuotaPlan quotaRules = new QuotaPlan(userQuotas, calendar, dossier);
    List<Quota> quotas = quotaRules.quotasOf(user, plan);
    Optional<KeyQuotas> keyQuotas = quotaRules.keyQuotasOf(QuotaOwner.ofKey(user, key.lineage()));
    Tariff tariff =
        new LimitPlan(limits, dossier)
            .tariffOf(user, key.lineage(), dossier.tenant(), plan, charges -> fields(charges, quotas, keyQuotas));
    return new Entitlement(
        new Subject(user, key.id()),
        tariff.charges(),
        quotas,
        Optional.of(quotaRules.periodsOf(user)),
        dossier.addresses(),
        Scopes.common(key.scopes(), plan.map(Plan::scopes).orElse(Set.of())),
        withSunset(key, tariff.responseHeaders()),
        tariff.endpoints(),
        dossier.tenant(),
        plan.map(Plan::name),
        plan.map(Plan::options).orElse(Map.of()),
        keyQuotas);
  }

  /** Who still uses a key that has a successor is told when it ends (RFC 8594). */
  private static Map<String, String> withSunset(ApiKey key, Map<String, String> fields) {
    if (key.replacedBy().isEmpty() || key.expiresAt().isEmpty()) {
      return fields;
    }
    Map<String, String> all = new HashMap<>(fields);
    all.put("Sunset", HTTP_DATE.format(key.expiresAt().get()));
    return all;
  }

  private Map<String, String> fields(List<Charge> charges, List<Quota> quotas, Optional<KeyQuotas> keyQuotas) {
    return PolicyFields.of(addressLimits, charges, quotas, keyQuotas);
  }

  @Override
  public Admission admit(Inbound request) {
    return gates.admit(request);
  }

  @Override
  public boolean mayWait(Inbound request) {
    return !inMemory
        || !signedBelow.isEmpty() && SignedUrl.isBelow(signedBelow, request.path())
        || !authenticator.isAtHand(request, quotaGate::hasCounted);
  }

  @Override
  public Preview preview(Inbound request) {
    return gates.preview(request);
  }

  /**
   * Decides of requests that are for the gateway itself, of callers who ask what they may and have used: by API keys only,
   * under the same address lists and limits, which it charges, and without scopes, routes and quotas. Nothing that is
   * admitted is counted as traffic; refusals are told as ever.
   */
  public Gateway selfService() {
    return selfService;
  }

  /**
   * Decides of requests that the gateway carries out itself, such as uploads: by API keys only, and otherwise as of those
   * that are proxied, but that they take no route and no early gate has a say in them. They are traffic like any other.
   */
  public Gateway unrouted() {
    return unrouted;
  }

  /**
   * Previews a request as if it carried this key, for those who know the key by its id. What the key may do is read from
   * the stores and not remembered.
   *
   * @param key enabled only if its user is as well
   */
  public Preview preview(Inbound request, ApiKey key) {
    return carrying(key, List.of()).preview(request);
  }

  /**
   * Decides of a request as if it carried this key, and spends, for those who know the key by its id. What the key may do
   * is read from the stores and not remembered.
   *
   * @param key enabled only if its user is as well
   */
  public Admission admit(Inbound request, ApiKey key) {
    return carrying(key, observers).admit(request);
  }

  private Gates carrying(ApiKey key, List<Observer> told) {
    Authenticator known =
        any -> authenticator.judge(key, () -> new Authenticator.Result.Known(compile(stored.of(key))));
    return new Gates(around(new IdentityGate(List.of(known), IdentityGate.Anonymous.REFUSED)), told);
  }

  /**
   * Decides by these rules alone of requests that carry this key, and tells nobody. What the key may do is read from the
   * stores now, once.
   */
  Gateway judging(ApiKey key, List<Gate> rules) {
    Authenticator.Result result =
        authenticator.judge(key, () -> new Authenticator.Result.Known(compile(stored.of(key))));
    List<Gate> asked = new ArrayList<>();
    asked.add(new IdentityGate(List.of(any -> result), IdentityGate.Anonymous.REFUSED));
    asked.addAll(rules);
    return new Gates(asked, List.of());
  }

  /** Forgets what a change concerns, so that the next request looks it up again. Does not block. */
  public void changed(Change change) {
    memory.cache().changed(change);
    if (change.topic() == Change.Topic.USER) {
      memory.crossings().changed(change.reference());
    } else if (change.topic() == Change.Topic.PLAN) {
      memory.crossings().changed(""); // who is on a plan is not known here
    }
  }

  /** How many bytes users hold, for whoever stores something for them. */
  public StoredBytes storedBytes() {
    return storedBytes;
  }

  GatewayMemory memory() {
    return memory;
  }

  QuotaPlan quotaPlan() {
    return quotaPlan;
  }

  @Override
  public void close() {
    memory.closeFor(this);
  }

  /** Says what the gateway is made of. For one thread; {@link #build} may be called more than once. */
  public static final class Builder {

    final KeyStore keys;
    private @Nullable KeyedGateway earlier;
    final Peppers peppers;
    KeyUpgrades upgrades = new NoUpgrades();
    Predicate<String> importedForm = text -> false;
    @Nullable SigningSecrets signing;
    private String signedBelow = "";
    private SignedUrlAuthenticator.Endless endless = SignedUrlAuthenticator.Endless.REFUSED;
    private Predicate<String> keyForm = new KeyFormat("gk", "live");
    private String keyParameter = "";
    private IdentityGate.Anonymous anonymous = IdentityGate.Anonymous.REFUSED;
    EntitlementCache.Bounds remember = REMEMBERED;
    private WhitelistStore networks = user -> List.of();
    private Tenants tenants = user -> Optional.empty();
    private Plans plans = user -> Optional.empty();
    private @Nullable Dossiers dossiers;
    private Routes routes = new Routes(List.of());
    private LimitPolicy limits = (level, owner) -> Optional.empty();
    private List<Limit> userLimits = List.of();
    private List<Limit> keyLimits = List.of();
    private List<Limit> tenantLimits = List.of();
    private List<EndpointLimits> endpointLimits = List.of();
    private List<Limit> apiLimits = List.of();
    private List<Limit> addressLimits = List.of();
    private int ipv6Prefix = 64;
    private long refusalsPerMinute;
    private @Nullable Blocklist blocks;
    private Countries countries = Countries.UNKNOWN;
    @Nullable RateLimiter addressLimiter;
    @Nullable RateLimiter limiter;
    private QuotaPolicy quotas = user -> Optional.empty();
    private List<Quota> userQuotas = List.of();
    @Nullable QuotaStore quotaStore;
    private BillingCalendar calendar = BillingCalendar.UTC;
    private WhenExhausted whenExhausted = WhenExhausted.FINISH;
    CrossingLog crossings = new MemoryCrossingLog();
    List<Integer> thresholds = THRESHOLDS;
    InstantSource clock = InstantSource.system();
    private boolean countsInMemory;
    private final List<Authenticator> authenticators = new ArrayList<>();
    private final List<Gate> early = new ArrayList<>();
    private final List<Gate> gates = new ArrayList<>();
    final List<Observer> observers = new ArrayList<>();

    private Builder(KeyStore keys, Peppers peppers) {
      this.keys = Objects.requireNonNull(keys, "keys");
      this.peppers = Objects.requireNonNull(peppers, "peppers");
    }

    /**
     * Gives keys that are found under an older pepper, or as they were imported, a digest of the pepper in use; default:
     * their digests stay as they are, and only keys with digests are found.
     */
    public Builder upgrades(KeyUpgrades value) {
      upgrades = Objects.requireNonNull(value, "upgrades");
      return this;
    }

    /**
     * What can be a key that was imported, told from its text alone; it may come beside what {@link #keyForm} allows.
     * Default: nothing.
     */
    public Builder importedForm(Predicate<String> value) {
      importedForm = Objects.requireNonNull(value, "importedForm");
      return this;
    }

    /** What can be a key, told from its text alone; default: what a {@link KeyFormat} of gk and live makes. */
    public Builder keyForm(Predicate<String> value) {
      keyForm = Objects.requireNonNull(value, "keyForm");
      return this;
    }

    /** The query parameter that may hold a key; default: empty, none may, since targets end up in logs. */
    public Builder keyParameter(String value) {
      keyParameter = Objects.requireNonNull(value, "keyParameter");
      return this;
    }

    /** What happens to requests without a credential; default: they are refused. */
    public Builder anonymous(IdentityGate.Anonymous value) {
      anonymous = Objects.requireNonNull(value, "anonymous");
      return this;
    }

    /** How many keys are remembered and for how long; default {@link #REMEMBERED}. */
    public Builder remember(EntitlementCache.Bounds value) {
      remember = Objects.requireNonNull(value, "remember");
      return this;
    }

    /** Another way to say who calls, asked before API keys are; those that were added first are asked first. */
    public Builder authenticator(Authenticator value) {
      authenticators.add(Objects.requireNonNull(value, "authenticator"));
      return this;
    }

    /**
     * What finds keys by their ids and verifies what was signed in their name; default: nothing does. A
     * gateway in the place of another has that one's.
     */
    public Builder signingSecrets(SigningSecrets value) {
      signing = Objects.requireNonNull(value, "signingSecrets");
      return this;
    }

    /**
     * Takes URLs below a prefix for signed ones ({@link io.gatehouse.image.SignedUrl}), which need no key;
     * default: none are. Needs {@link #signingSecrets}.
     *
     * @param prefix whole segments, {@code /i}
     */
    public Builder signedUrls(String prefix, SignedUrlAuthenticator.Endless value) {
      if (!prefix.matches("(/[0-9A-Za-z._~-]+)+")) {
        throw new IllegalArgumentException("prefix: " + prefix + " (expected: whole segments such as /i)");
      }
      signedBelow = prefix;
      endless = Objects.requireNonNull(value, "endless");
      return this;
    }

    /** From where each user may call, and from where not; default: from everywhere. */
    public Builder networks(WhitelistStore value) {
      networks = Objects.requireNonNull(value, "networks");
      return this;
    }

    /** Which tenant each user belongs to; default: none to any. */
    public Builder tenants(Tenants value) {
      tenants = Objects.requireNonNull(value, "tenants");
      return this;
    }

    /**
     * Which plan each user is on; default: none on any. What users and keys have of their own goes before it, and it goes
     * before what this builder says of all.
     */
    public Builder plans(Plans value) {
      plans = Objects.requireNonNull(value, "plans");
      return this;
    }

    /**
     * Reads all that is known of a key at once, so that a key that is not remembered costs fewer round trips. It must say
     * what this builder's keys, tenants, plans, limits, quotas and networks say; default: these are asked one by one.
     */
    public Builder dossiers(Dossiers value) {
      dossiers = Objects.requireNonNull(value, "dossiers");
      return this;
    }

    /** Which ways requests may go; what none covers is refused. Default: no routes, and everything passes. */
    public Builder routes(Routes value) {
      routes = Objects.requireNonNull(value, "routes");
      return this;
    }

    /** The limits of single users, keys and tenants; default: none has any of their own. */
    public Builder limits(LimitPolicy value) {
      limits = Objects.requireNonNull(value, "limits");
      return this;
    }

    /** What limits each user who has no limits of their own; default: nothing. */
    public Builder userLimits(List<Limit> value) {
      userLimits = List.copyOf(value);
      return this;
    }

    /**
     * What limits each key that has no limits of its own; default: nothing. A key and those that it was rotated to are
     * one.
     */
    public Builder keyLimits(List<Limit> value) {
      keyLimits = List.copyOf(value);
      return this;
    }

    /** What limits all users together of each tenant that has no limits of its own; default: nothing. */
    public Builder tenantLimits(List<Limit> value) {
      tenantLimits = List.copyOf(value);
      return this;
    }

    /**
     * How parts of the API are limited; default: no part is by itself. The first that covers a request holds, and no
     * other.
     */
    public Builder endpointLimits(List<EndpointLimits> value) {
      endpointLimits = List.copyOf(value);
      return this;
    }

    /** What limits all callers together; default: nothing. */
    public Builder apiLimits(List<Limit> value) {
      apiLimits = List.copyOf(value);
      return this;
    }

    /**
     * What limits each client address before it is asked who calls, counted in this process; default: nothing. Behind a
     * proxy that is not trusted all clients have the address of the proxy.
     *
     * @param prefix how many bits of an IPv6 address make one client, 1 to 128; 64 is what a client owns at least
     */
    public Builder addressLimits(List<Limit> value, int prefix) {
      if (prefix < 1 || prefix > 128) {
        throw new IllegalArgumentException("ipv6Prefix: " + prefix + " (expected: 1 to 128)");
      }
      addressLimits = List.copyOf(value);
      ipv6Prefix = prefix;
      return this;
    }

    /**
     * How many refusals a client address may have in a minute before it is no longer listened to, counted in this process;
     * default: 0, any number. Behind a proxy that is not trusted all clients have the address of the proxy.
     */
    public Builder refusalsPerMinute(long value) {
      if (value < 0 || value > Limit.MOST / 2) {
        throw new IllegalArgumentException("refusalsPerMinute: " + value + " (expected: 0 to 2^52)");
      }
      refusalsPerMinute = value;
      return this;
    }

    /**
     * Who is kept out, whatever else they may do; default: nobody. Whoever fills the list hears of changes by himself.
     *
     * @param of where addresses are, for blocks of countries
     */
    public Builder blocks(Blocklist value, Countries of) {
      blocks = Objects.requireNonNull(value, "blocks");
      countries = Objects.requireNonNull(of, "countries");
      return this;
    }

    /** What counts against the limits of addresses; default: a {@link MemoryRateLimiter}. Must not wait for I/O. */
    public Builder addressLimiter(RateLimiter value) {
      addressLimiter = Objects.requireNonNull(value, "addressLimiter");
      return this;
    }

    /** What counts against the limits; default: a {@link MemoryRateLimiter}. */
    public Builder limiter(RateLimiter value) {
      limiter = Objects.requireNonNull(value, "limiter");
      return this;
    }

    /** The quotas of single users and keys; default: none has any of their own. */
    public Builder quotas(QuotaPolicy value) {
      quotas = Objects.requireNonNull(value, "quotas");
      return this;
    }

    /** The quotas of each user who has none of their own; default: none. Use is counted all the same. */
    public Builder userQuotas(List<Quota> value) {
      userQuotas = List.copyOf(value);
      return this;
    }

    /** What counts use; default: a {@link MemoryQuotaStore}, which forgets with the process. */
    public Builder quotaStore(QuotaStore value) {
      quotaStore = Objects.requireNonNull(value, "quotaStore");
      return this;
    }

    /**
     * Says that the limiter and the quota store that were given here answer from the memory of this process: that they do not
     * wait for anybody but when something is counted for the first time in its period. Default: only those do that were not given.
     */
    public Builder countsInMemory(boolean value) {
      countsInMemory = value;
      return this;
    }

    private boolean isInMemory() {
      boolean counts = countsInMemory || limiter == null && quotaStore == null;
      return counts && authenticators.isEmpty() && early.isEmpty() && gates.isEmpty();
    }

    /** When days and months of quotas begin for users without a calendar of their own; default those of UTC. */
    public Builder calendar(BillingCalendar value) {
      calendar = Objects.requireNonNull(value, "calendar");
      return this;
    }

    /** What becomes of answers under way when a quota of bytes is used up; default: they are finished. */
    public Builder whenExhausted(WhenExhausted value) {
      whenExhausted = Objects.requireNonNull(value, "whenExhausted");
      return this;
    }

    /**
     * At how many percent of a quota observers are told, once in each period; default {@link #THRESHOLDS}.
     *
     * @param log decides for all nodes who tells; default: one that forgets with the process
     * @param percent 1 to 100 each; quotas that let pass what is beyond them have 100 in any case
     */
    public Builder thresholds(CrossingLog log, List<Integer> percent) {
      crossings = Objects.requireNonNull(log, "log");
      thresholds = List.copyOf(percent);
      return this;
    }

    /**
     * A gate of your own. It is asked after all others, and what they took is given back when it refuses. In a preview it
     * is asked only if it has a {@link Gate#preview} of its own.
     */
    public Builder gate(Gate value) {
      gates.add(Objects.requireNonNull(value, "gate"));
      return this;
    }

    /**
     * A gate that is asked before limits and quotas, when caller and route are known, because it refuses what
     * is to cost nothing or says how the request goes on ({@link io.gatehouse.Passage#send}). It has no say in what
     * goes to no backend, see {@link KeyedGateway#unrouted}.
     */
    public Builder earlyGate(Gate value) {
      early.add(Objects.requireNonNull(value, "earlyGate"));
      return this;
    }

    /** Hears how requests fared. */
    public Builder observer(Observer value) {
      observers.add(Objects.requireNonNull(value, "observer"));
      return this;
    }

    /** Says which day it is and whether a key has expired; default: the clock of the machine. */
    public Builder clock(InstantSource value) {
      clock = Objects.requireNonNull(value, "clock");
      return this;
    }

    /**
     * Builds a gateway that takes the place of this one: what counts, what is remembered of keys and what was noticed of
     * crossed thresholds goes on, and keys are recompiled without a look-up. The limiters, the quota store, the log of
     * crossings and the observers of crossings are those of the earlier gateway, whatever else is said here; keys and
     * policies have to come from the same stores, because what was read before stays.
     */
    public Builder inPlaceOf(KeyedGateway value) {
      earlier = Objects.requireNonNull(value, "inPlaceOf");
      return this;
    }

    /** Where all that is known of a key comes from. */
    Dossiers stored() {
      if (dossiers != null) {
        return dossiers;
      }
      Tenants ofUsers = tenants;
      Plans onPlans = plans;
      LimitPolicy ofOwners = limits;
      QuotaPolicy used = quotas;
      WhitelistStore from = networks;
      return Dossiers.of(keys, key -> Dossier.read(key, ofUsers, onPlans, ofOwners, used, from));
    }

    private LimitPlan.Rules rules() {
      return new LimitPlan.Rules(userLimits, keyLimits, tenantLimits, apiLimits, endpointLimits);
    }

    /** Starts it. */
    public KeyedGateway build() {
      return new KeyedGateway(this);
    }
  }

  /** Tells of refusals and nothing else. */
  private record RefusalsOnly(Observer observer) implements Observer {

    @Override
    public void refused(Passage passage, Refusal refusal) {
      observer.refused(passage, refusal);
    }
  }

  /** Leaves images as they are. */
  private static final class NoUpgrades implements KeyUpgrades {

    @Override
    public List<ImportedKey> slowlyHashed(Collection<String> starts) {
      return List.of();
    }

    @Override
    public boolean upgrade(String id, KeyDigest fresh) {
      return false;
    }
  }
}
