package io.gatehouse.core.memory;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistAdmin;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyImage;
import io.gatehouse.key.SlowHash;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.plan.UserPlan;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registration;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Users and all that belongs to them, and the backends, in this process: for tests, for embedding with a fixed set of
 * keys, and as the reference of what the administration interfaces mean. Everything is gone when the process ends.
 *
 * <p>One lock guards everything and is held for a few map accesses. The listener is called by the thread that made a
 * change, after the change can be seen and without the lock; what it throws reaches the caller of the change.
 */
public final class MemoryDirectory
    implements UserAdmin,
        KeyAdmin,
        WhitelistAdmin,
        LimitAdmin,
        QuotaAdmin,
        PlanAdmin,
        BackendAdmin,
        Registrations {

  private record Registered(Upstream upstream, Duration ttl, long beatNanos) {

    Registration at(long now) {
      return new Registration(upstream, ttl, ttl.minusNanos(now - beatNanos));
    }

    /** Whether one with this time to live is a beat and no change. */
    boolean beats(Duration same, long now) {
      return at(now).live() && ttl.equals(same);
    }
  }

  private record Entry(ApiKey key, KeyImage image) {

    /** Takes over all but id, user, start and image. */
    Entry withState(ApiKey state) {
      return new Entry(new ApiKey(key.id(), key.user(), state.name(), key.start(), state.scopes(), state.networks(),
          state.enabled(), state.suspension(), state.createdAt(), state.expiresAt(), state.replaces(),
          state.replacedBy(), state.lineage()), image);
    }

    /** Of slow hashes as of unpeppered digests. */
    int version() {
      return image instanceof KeyDigest digest ? digest.version() : KeyDigest.UNPEPPERED;
    }
  }

  private record Limited(Level level, String owner) {}

  private final Consumer<Change> listener;
  private final LongSupplier nanoTime;
  private final InstantSource clock;

  /** Guards all maps. */
  private final Object lock = new Object();

  /** By id, which is the order of creation. */
  private final TreeMap<String, User> users = new TreeMap<>();
  private final Map<String, User> usersByName = new HashMap<>();
  private final Map<String, Entry> keysById = new HashMap<>();
  private final Map<KeyDigest, Entry> keysByDigest = new HashMap<>();

  /** Those of which only a slow hash is known. */
  private final Map<String, Entry> keysByStart = new HashMap<>();

  private final Map<String, Instant> uses = new HashMap<>();
  private final Map<String, List<Cidr>> networks = new HashMap<>();
  private final Map<String, List<Cidr>> denied = new HashMap<>();
  private final Map<Limited, List<Limit>> limits = new HashMap<>();
  private final Map<String, List<Quota>> quotas = new HashMap<>();
  private final Map<String, List<Quota>> keyQuotas = new HashMap<>();
  private final Map<String, BillingCalendar> calendars = new HashMap<>();

  /** By owner, then by the first count of the period. */
  private final Map<String, Map<QuotaKey, QuotaKey>> resets = new HashMap<>();

  private final PlanTable plans = new PlanTable();
  private final TreeMap<URI, Upstream> backends = new TreeMap<>();
  private final TreeMap<URI, Registered> registered = new TreeMap<>();

  /** An empty directory that nobody listens to. */
  public MemoryDirectory() {
    this(change -> {});
  }

  /**
   * An empty directory.
   *
   * @param listener hears of every change, for caches to forget what they know
   */
  public MemoryDirectory(Consumer<Change> listener) {
    this(listener, System::nanoTime);
  }

  /** An empty directory that measures by this clock for how long registered backends were not heard of. */
  public MemoryDirectory(Consumer<Change> listener, LongSupplier nanoTime) {
    this(listener, nanoTime, InstantSource.system());
  }

  /** The same, by whose {@code clock} changes of plans are due. */
  public MemoryDirectory(Consumer<Change> listener, LongSupplier nanoTime, InstantSource clock) {
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  @Override
  public void addUser(User user) {
    synchronized (lock) {
      if (users.containsKey(user.id())) {
        throw new IllegalArgumentException("id: " + user.id() + " (expected: one that is not taken)");
      }
      requireFreeName(user);
      users.put(user.id(), user);
      usersByName.put(folded(user.name()), user);
    }
    changed(user.id());
  }

  @Override
  public Optional<User> user(String id) {
    synchronized (lock) {
      return Optional.ofNullable(users.get(id));
    }
  }

  @Override
  public Optional<User> userNamed(String name) {
    synchronized (lock) {
      return Optional.ofNullable(usersByName.get(folded(name)));
    }
  }

  @Override
  public List<User> users(Question question, int most) {
    boolean newest = question.order() == Order.NEWEST;
    String after = question.after();
    synchronized (lock) {
      NavigableMap<String, User> inOrder = newest ? users.descendingMap() : users;
      return (after.isEmpty() ? inOrder : inOrder.tailMap(after, false)).values().stream()
          .filter(user -> folded(user.name()).startsWith(folded(question.namePrefix())))
          .filter(user -> question.tenant().isEmpty() || question.tenant().equals(user.tenant()))
          .filter(user -> question.enabled().map(enabled -> enabled == user.enabled()).orElse(true))
          .filter(user -> question.plan().map(plan -> plans.names(user.id(), plan)).orElse(true))
          .limit(most)
          .toList();
    }
  }

  @Override
  public boolean updateUser(User user) {
    synchronized (lock) {
      User old = users.get(user.id());
      if (old == null) {
        return false;
      }
      requireFreeName(user);
      User updated = new User(old.id(), user.name(), user.enabled(), old.createdAt(), user.tenant());
      users.put(old.id(), updated);
      usersByName.remove(folded(old.name()));
      usersByName.put(folded(updated.name()), updated);
    }
    changed(user.id());
    return true;
  }

  @Override
  public boolean deleteUser(String id) {
    synchronized (lock) {
      User old = users.remove(id);
      if (old == null) {
        return false;
      }
      usersByName.remove(folded(old.name()));
      keysOf(id).forEach(this::forgetRules);
      keysOf(id).forEach(key -> uses.remove(key.id()));
      keysById.values().removeIf(entry -> entry.key.user().equals(id));
      keysByDigest.values().removeIf(entry -> entry.key.user().equals(id));
      keysByStart.values().removeIf(entry -> entry.key.user().equals(id));
      networks.remove(id);
      denied.remove(id);
      limits.remove(new Limited(Level.USER, id));
      quotas.remove(id);
      calendars.remove(id);
      resets.remove(id);
      plans.forget(id);
    }
    changed(id);
    return true;
  }

  @Override
  public Optional<ApiKey> find(KeyDigest digest) {
    synchronized (lock) {
      return Optional.ofNullable(keysByDigest.get(digest)).map(this::effective);
    }
  }

  private ApiKey effective(Entry entry) {
    return users.get(entry.key.user()).enabled() ? entry.key : entry.key.withEnabled(false);
  }

  @Override
  public Optional<ApiKey> key(String id) {
    synchronized (lock) {
      return Optional.ofNullable(keysById.get(id)).map(Entry::key);
    }
  }

  @Override
  public List<ApiKey> keysOf(String user) {
    synchronized (lock) {
      return keysById.values().stream()
          .map(Entry::key)
          .filter(key -> key.user().equals(user))
          .sorted(Comparator.comparing(ApiKey::createdAt).thenComparing(ApiKey::id))
          .toList();
    }
  }

  @Override
  public void addKey(ApiKey key, KeyDigest digest) {
    synchronized (lock) {
      requireAddable(key, digest);
      put(new Entry(key, digest));
    }
    changed(key.user());
  }

  @Override
  public void importKeys(Iterable<ImportedKey> keys) {
    Set<String> owners = new LinkedHashSet<>();
    List<Entry> added = new ArrayList<>();
    synchronized (lock) {
      try {
        for (ImportedKey each : keys) {
          requireAddable(each.key(), each.image());
          Entry entry = new Entry(each.key(), each.image());
          put(entry);
          added.add(entry);
          owners.add(each.key().user());
        }
      } catch (RuntimeException e) {
        added.forEach(this::remove);
        throw e;
      }
    }
    owners.forEach(this::changed);
  }

  @Override
  public void rotateKey(ApiKey old, ApiKey fresh, KeyDigest digest) {
    synchronized (lock) {
      Entry entry = keysById.get(old.id());
      if (entry == null) {
        throw new IllegalArgumentException("old: " + old.id() + " (expected: the id of a key)");
      }
      requireAddable(fresh, digest);
      put(entry.withState(old));
      put(new Entry(fresh, digest));
    }
    changed(fresh.user());
  }

  @Override
  public boolean updateKey(ApiKey key) {
    Entry updated;
    synchronized (lock) {
      Entry entry = keysById.get(key.id());
      if (entry == null) {
        return false;
      }
      updated = entry.withState(key);
      put(updated);
    }
    changed(updated.key.user());
    return true;
  }

  @Override
  public boolean deleteKey(String id) {
    Entry entry;
    synchronized (lock) {
      entry = keysById.get(id);
      if (entry == null) {
        return false;
      }
      remove(entry);
      uses.remove(id);
      if (userOfLineage(entry.key.lineage()).isEmpty()) {
        forgetRules(entry.key);
      }
    }
    changed(entry.key.user());
    return true;
  }

  @Override
  public List<ImportedKey> slowlyHashed(Collection<String> starts) {
    synchronized (lock) {
      return starts.stream()
          .distinct()
          .sorted(Comparator.comparing(String::length).reversed())
          .map(keysByStart::get)
          .filter(Objects::nonNull)
          .map(entry -> new ImportedKey(effective(entry), entry.image))
          .toList();
    }
  }

  @Override
  public boolean upgrade(String id, KeyDigest fresh) {
    synchronized (lock) {
      Entry entry = keysById.get(id);
      if (entry == null || entry.version() >= fresh.version() || keysByDigest.containsKey(fresh)) {
        return false;
      }
      remove(entry);
      put(new Entry(entry.key, fresh));
      return true;
    }
  }

  @Override
  public Map<Integer, Long> keysByVersion() {
    synchronized (lock) {
      return keysById.values().stream().collect(groupingBy(Entry::version, counting()));
    }
  }

  @Override
  public void noteUses(Map<String, Instant> noted) {
    synchronized (lock) {
      noted.forEach((key, at) -> {
        if (keysById.containsKey(key)) {
          uses.merge(key, at, (old, fresh) -> old.isBefore(fresh) ? fresh : old);
        }
      });
    }
  }

  @Override
  public Map<String, Instant> lastUses(Collection<String> keys) {
    Map<String, Instant> found = new HashMap<>(uses());
    found.keySet().retainAll(Set.copyOf(keys));
    return found;
  }

  private Map<String, Instant> uses() {
    synchronized (lock) {
      return Map.copyOf(uses);
    }
  }

  @Override
  public List<KeyDigest> usedLast(int most) {
    synchronized (lock) {
      return uses.entrySet().stream()
          .sorted(Map.Entry.<String, Instant>comparingByValue().reversed())
          .map(use -> keysById.get(use.getKey()).image)
          .filter(KeyDigest.class::isInstance)
          .map(KeyDigest.class::cast)
          .limit(most)
          .toList();
    }
  }

  @Override
  public List<Cidr> networksOf(String owner) {
    synchronized (lock) {
      return networks.getOrDefault(owner, List.of());
    }
  }

  @Override
  public void replaceNetworks(String owner, List<Cidr> all) {
    replace(networks, owner, all);
  }

  @Override
  public List<Cidr> deniedTo(String owner) {
    synchronized (lock) {
      return denied.getOrDefault(owner, List.of());
    }
  }

  @Override
  public void replaceDenied(String owner, List<Cidr> all) {
    replace(denied, owner, all);
  }

  private void replace(Map<String, List<Cidr>> lists, String owner, List<Cidr> all) {
    List<Cidr> distinct = List.copyOf(new LinkedHashSet<>(all));
    synchronized (lock) {
      lists.put(owner, distinct);
    }
    changed(owner);
  }

  @Override
  public Optional<List<Limit>> limitsOf(Level level, String owner) {
    synchronized (lock) {
      return Optional.ofNullable(limits.get(new Limited(level, owner)));
    }
  }

  /** A user or tenant need not be there; of a lineage there must be a key. */
  @Override
  public void replaceLimits(Level level, String owner, Optional<List<Limit>> all) {
    Optional<List<Limit>> copy = all.map(List::copyOf);
    requireDistinct(copy.orElse(List.of()));
    Change change;
    synchronized (lock) {
      change = switch (level) {
        case USER -> new Change(Topic.USER, owner);
        case KEY -> new Change(Topic.USER, userOfLineage(owner).orElseThrow(() ->
            new IllegalArgumentException("key: " + owner + " (expected: the lineage of a key)")));
        case TENANT -> new Change(Topic.TENANT, owner);
      };
      Limited limited = new Limited(level, owner);
      copy.ifPresentOrElse(list -> limits.put(limited, list), () -> limits.remove(limited));
    }
    listener.accept(change);
  }

  @Override
  public Optional<List<Quota>> quotasOf(String owner) {
    synchronized (lock) {
      return Optional.ofNullable(quotas.get(owner));
    }
  }

  @Override
  public void replaceQuotas(String owner, Optional<List<Quota>> all) {
    Optional<List<Quota>> copy = all.map(List::copyOf);
    requireOnePerCount(copy.orElse(List.of()));
    synchronized (lock) {
      copy.ifPresentOrElse(list -> quotas.put(owner, list), () -> quotas.remove(owner));
    }
    changed(owner);
  }

  @Override
  public List<Quota> keyQuotasOf(String lineage) {
    synchronized (lock) {
      return keyQuotas.getOrDefault(lineage, List.of());
    }
  }

  @Override
  public void replaceKeyQuotas(String lineage, List<Quota> all) {
    List<Quota> copy = List.copyOf(all);
    requireOnePerCount(copy);
    for (Quota quota : copy) {
      if (!quota.meter().isTransferred()) {
        throw new IllegalArgumentException("meter: " + quota.meter() + " (expected: what requests move)");
      }
    }
    String user;
    synchronized (lock) {
      user = userOfLineage(lineage).orElseThrow(() ->
          new IllegalArgumentException("key: " + lineage + " (expected: the lineage of a key)"));
      keyQuotas.put(lineage, copy);
    }
    changed(user);
  }

  private static void requireOnePerCount(List<Quota> quotas) {
    Set<String> seen = new HashSet<>();
    for (Quota quota : quotas) {
      if (!seen.add(quota.policy())) {
        throw new IllegalArgumentException("meter and window: two of " + quota.policy() + " (expected: one)");
      }
    }
  }

  @Override
  public Optional<BillingCalendar> calendarOf(String owner) {
    synchronized (lock) {
      return Optional.ofNullable(calendars.get(owner));
    }
  }

  @Override
  public void replaceCalendar(String owner, Optional<BillingCalendar> calendar) {
    synchronized (lock) {
      calendar.ifPresentOrElse(own -> calendars.put(owner, own), () -> calendars.remove(owner));
    }
    changed(owner);
  }

  @Override
  public List<QuotaKey> resetsOf(String owner) {
    synchronized (lock) {
      return List.copyOf(resets.getOrDefault(owner, Map.of()).values());
    }
  }

  @Override
  public void beginAnew(String owner, Collection<QuotaKey> counts) {
    for (QuotaKey count : counts) {
      if (!count.owner().equals(owner)) {
        throw new IllegalArgumentException("counts: one of " + count.owner() + " (expected: of " + owner + ")");
      }
    }
    synchronized (lock) {
      Map<QuotaKey, QuotaKey> ofOwner = resets.computeIfAbsent(owner, id -> new HashMap<>());
      for (QuotaKey count : counts) {
        QuotaKey first = new QuotaKey(owner, count.meter(), count.window(), count.start());
        ofOwner.merge(first, count.anew(), (old, anew) -> old.resets() < anew.resets() ? anew : old);
        // Two periods later it is over in any calendar.
        ofOwner.keySet().removeIf(key ->
            key.window() == count.window() && key.window().latestEnd(key.window().latestEnd(key.start()))
                .isBefore(count.start()));
      }
    }
    changed(QuotaOwner.of(owner).user());
  }

  @Override
  public Optional<Plan> planOf(String user) {
    synchronized (lock) {
      return plans.userPlan(user).plan().flatMap(plans::find);
    }
  }

  @Override
  public List<Plan> plans() {
    synchronized (lock) {
      return plans.all();
    }
  }

  @Override
  public Optional<Plan> plan(String name) {
    synchronized (lock) {
      return plans.find(name);
    }
  }

  @Override
  public void putPlan(Plan plan) {
    synchronized (lock) {
      plans.put(plan);
    }
    listener.accept(new Change(Topic.PLAN, plan.name()));
  }

  @Override
  public Deletion deletePlan(String name) {
    Deletion deletion;
    synchronized (lock) {
      deletion = plans.delete(name);
    }
    if (deletion == Deletion.DELETED) {
      listener.accept(new Change(Topic.PLAN, name));
    }
    return deletion;
  }

  @Override
  public Map<String, UserPlan> userPlans(Collection<String> all) {
    synchronized (lock) {
      Map<String, UserPlan> found = new HashMap<>();
      all.forEach(user -> found.put(user, plans.userPlan(user)));
      found.values().removeIf(UserPlan.NONE::equals);
      return Map.copyOf(found);
    }
  }

  @Override
  public void assign(String user, Optional<String> plan) {
    synchronized (lock) {
      requireUser(user);
      plans.assign(user, plan);
    }
    changed(user);
  }

  @Override
  public void schedule(String user, PlanChange change) {
    synchronized (lock) {
      requireUser(user);
      plans.schedule(user, change);
    }
    changed(user);
  }

  @Override
  public boolean cancel(String user) {
    synchronized (lock) {
      if (!plans.cancel(user)) {
        return false;
      }
    }
    changed(user);
    return true;
  }

  @Override
  public int carryOut() {
    List<String> due;
    synchronized (lock) {
      due = plans.carryOut(clock.instant());
    }
    due.forEach(this::changed);
    return due.size();
  }

  @Override
  public List<Upstream> backends() {
    synchronized (lock) {
      return List.copyOf(backends.values());
    }
  }

  @Override
  public void putBackend(Upstream backend) {
    synchronized (lock) {
      backends.put(backend.uri(), backend);
      registered.remove(backend.uri());
    }
    listener.accept(new Change(Topic.BACKENDS, backend.uri().toString()));
  }

  @Override
  public boolean deleteBackend(URI uri) {
    synchronized (lock) {
      Object forgotten = registered.containsKey(uri) ? registered.remove(uri) : backends.remove(uri);
      if (forgotten == null) {
        return false;
      }
    }
    listener.accept(new Change(Topic.BACKENDS, uri.toString()));
    return true;
  }

  @Override
  public List<Registration> registrations() {
    synchronized (lock) {
      long now = nanoTime.getAsLong();
      return registered.values().stream().map(each -> each.at(now)).toList();
    }
  }

  @Override
  public Answer register(Upstream backend, Duration ttl) {
    boolean beat;
    synchronized (lock) {
      long now = nanoTime.getAsLong();
      if (backends.containsKey(backend.uri())) {
        return Answer.LASTING;
      }
      Registered before = registered.get(backend.uri());
      if (before == null && registered.size() >= MOST) {
        registered.values().removeIf(each -> !each.at(now).live());
        if (registered.size() >= MOST) {
          return Answer.FULL;
        }
      }
      beat = before != null && before.upstream().equals(backend) && before.beats(ttl, now);
      registered.put(backend.uri(), new Registered(backend, ttl, now));
    }
    if (!beat) {
      listener.accept(new Change(Topic.BACKENDS, backend.uri().toString()));
    }
    return Answer.KEPT;
  }

  @Override
  public boolean beat(URI uri, Duration ttl) {
    boolean beat;
    synchronized (lock) {
      long now = nanoTime.getAsLong();
      Registered before = registered.get(uri);
      if (before == null) {
        return false;
      }
      beat = before.beats(ttl, now);
      registered.put(uri, new Registered(before.upstream(), ttl, now));
    }
    if (!beat) {
      listener.accept(new Change(Topic.BACKENDS, uri.toString()));
    }
    return true;
  }

  @Override
  public boolean deregister(URI uri) {
    synchronized (lock) {
      if (registered.remove(uri) == null) {
        return false;
      }
    }
    listener.accept(new Change(Topic.BACKENDS, uri.toString()));
    return true;
  }

  private void requireFreeName(User user) {
    User holder = usersByName.get(folded(user.name()));
    if (holder != null && !holder.id().equals(user.id())) {
      throw new IllegalArgumentException("name: " + user.name() + " (expected: one that is not taken)");
    }
  }

  private void requireUser(String id) {
    if (!users.containsKey(id)) {
      throw new IllegalArgumentException("user: " + id + " (expected: the id of a user)");
    }
  }

  private void requireAddable(ApiKey key, KeyImage image) {
    requireUser(key.user());
    if (keysById.containsKey(key.id())) {
      throw new IllegalArgumentException("id: " + key.id() + " (expected: one that is not taken)");
    }
    if (image instanceof KeyDigest && keysByDigest.containsKey(image)) {
      throw new IllegalArgumentException("digest: taken (expected: one that is not)");
    }
    if (image instanceof SlowHash && keysByStart.containsKey(key.start())) {
      throw new IllegalArgumentException("start: " + key.start() + " (expected: one that is not taken)");
    }
  }

  private void put(Entry entry) {
    keysById.put(entry.key.id(), entry);
    if (entry.image instanceof KeyDigest digest) {
      keysByDigest.put(digest, entry);
    } else {
      keysByStart.put(entry.key.start(), entry);
    }
  }

  private void remove(Entry entry) {
    keysById.remove(entry.key.id());
    if (entry.image instanceof KeyDigest digest) {
      keysByDigest.remove(digest);
    } else {
      keysByStart.remove(entry.key.start());
    }
  }

  private void forgetRules(ApiKey key) {
    limits.remove(new Limited(Level.KEY, key.lineage()));
    keyQuotas.remove(key.lineage());
    resets.remove(QuotaOwner.ofKey(key.user(), key.lineage()).text());
  }

  private Optional<String> userOfLineage(String lineage) {
    return keysById.values().stream()
        .map(Entry::key)
        .filter(key -> key.lineage().equals(lineage))
        .map(ApiKey::user)
        .findFirst();
  }

  private static void requireDistinct(List<Limit> limits) {
    for (int i = 0; i < limits.size(); i++) {
      for (Limit other : limits.subList(0, i)) {
        if (limits.get(i).excludes(other)) {
          throw new IllegalArgumentException("limits: two that count alike for " + other.period() + " (expected: one)");
        }
      }
    }
  }

  private void changed(String user) {
    listener.accept(new Change(Topic.USER, user));
  }

  private static String folded(String name) {
    return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }
}
