package io.gatehouse.core.setup;

import io.gatehouse.Enforcement;
import io.gatehouse.Observer;
import io.gatehouse.StoreException;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.BlockAdmin;
import io.gatehouse.access.Blocks;
import io.gatehouse.access.Blocks.Question;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.Countries;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.core.abuse.AbuseWatch;
import io.gatehouse.core.abuse.Blocklist;
import io.gatehouse.core.abuse.Offence;
import io.gatehouse.core.abuse.Penalties;
import io.gatehouse.core.abuse.Suspensions;
import io.gatehouse.core.abuse.Suspensions.Wanted;
import io.gatehouse.core.country.CountryFileException;
import io.gatehouse.core.country.MaxMindCountries;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.settings.AbuseSettings;
import io.gatehouse.core.settings.AbuseSettings.Mode;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.usage.Chore;
import io.gatehouse.event.Change;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is kept out: the blocks of the store, held ready in memory and fresh by the feed of changes; callers who misbehave and
 * are suspended; and where addresses are. Any number of threads.
 */
public final class Abuse implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Abuse.class);

  /** So many clients and keys that offend are told apart; when there are more, some are counted together. */
  private static final int OFFENDERS = 1 << 16;

  private static final int PAGE = 1_000;
  private static final Duration COUNTRIES_LOOKED_AT_EVERY = Duration.ofSeconds(2);

  private final Stores stores;
  private final BlockAdmin store;
  private final InstantSource clock;
  private final Blocklist blocklist;
  private final Suspensions suspensions;
  private final AbuseWatch watch;
  private final Countries countries = this::countryOf;
  private final Chore looking;
  private volatile Penalties penalties;
  private volatile Duration memory;

  /** Null without a file of countries. */
  private volatile @Nullable MaxMindCountries known;

  /** The file that {@link #known} was read from. Guarded by this. */
  private Optional<Path> file;

  /** Blocks that have changed and were not read since. Of the thread of the feed. */
  private final Set<String> changed = new LinkedHashSet<>();

  /** Whether all have to be read; so at first, for what has changed before there was a feed. Of the thread of the feed. */
  private boolean everything = true;

  private Abuse(Settings settings, @Nullable MaxMindCountries known, Stores stores, InstantSource clock) {
    this.stores = stores;
    this.store = stores.blocks();
    this.clock = clock;
    this.known = known;
    this.file = settings.abuse().countriesFile();
    this.blocklist = new Blocklist(clock);
    blocklist.replaceAll(all(store));
    this.penalties = penalties(settings.abuse());
    this.memory = settings.abuse().memory();
    this.suspensions =
        Suspensions.start(blocklist, this::keep, penalties, () -> TimeOrderedId.next(clock), clock);
    this.watch = new AbuseWatch(new MemoryRateLimiter(OFFENDERS, System::nanoTime), suspensions, clock);
    watch.become(rules(settings));
    this.looking = Chore.start("countries are looked at", COUNTRIES_LOOKED_AT_EVERY, this::lookAtCountries);
  }

  /**
   * Reads all blocks and the file of countries, and begins to watch.
   *
   * @throws SettingsException when the file of countries is of no use
   * @throws StoreException when the blocks cannot be read
   */
  static Abuse open(Settings settings, Stores stores, InstantSource clock) {
    return new Abuse(settings, countries(settings.abuse().countriesFile()), stores, clock);
  }

  /**
   * Whether the file of countries that settings name is of use.
   *
   * @throws SettingsException when not
   */
  static void check(Settings settings) {
    countries(settings.abuse().countriesFile());
  }

  /** Null without a file. */
  static @Nullable MaxMindCountries countries(Optional<Path> file) {
    try {
      return file.isPresent() ? MaxMindCountries.open(file.get()) : null;
    } catch (CountryFileException e) {
      throw new SettingsException(
          List.of(new Fault(e.file().toString(), 0, 0, "abuse.countries_file", e.fault(), "")));
    }
  }

  /** Goes by these settings from now on; suspensions that have begun go on to their ends. */
  synchronized void become(Settings settings) {
    penalties = penalties(settings.abuse());
    memory = settings.abuse().memory();
    suspensions.become(penalties);
    watch.become(rules(settings));
    Optional<Path> next = settings.abuse().countriesFile();
    if (!next.equals(file)) {
      try {
        known = countries(next);
        file = next;
      } catch (SettingsException e) {
        // It was sound a moment ago; what was read before is better than nothing.
        log.warn("The countries stay as they were: {}", e.getMessage());
      }
    }
  }

  private static Penalties penalties(AbuseSettings settings) {
    return new Penalties(
        settings.firstSuspension(), settings.longestSuspension(), settings.memory(),
        settings.mode() == Mode.ENFORCED ? Enforcement.ENFORCED : Enforcement.SHADOW);
  }

  private static Optional<AbuseWatch.Rules> rules(Settings settings) {
    AbuseSettings abuse = settings.abuse();
    if (abuse.mode() == Mode.OFF) {
      return Optional.empty();
    }
    List<Cidr> exempt = new ArrayList<>(abuse.exempt());
    exempt.addAll(settings.server().trustedProxies());
    return Optional.of(
        new AbuseWatch.Rules(
            abuse.badKeysPerMinute(), abuse.keyRefusalsPerMinute(), abuse.spikeFactor(), abuse.spikeRequests(), exempt,
            settings.rateLimits().ipv6Prefix()));
  }

  /** All blocks of a store. */
  static List<Block> all(Blocks store) {
    List<Block> all = new ArrayList<>();
    List<Block> page = store.blocks(Question.ALL, PAGE);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = page.size() < PAGE ? List.of() : store.blocks(Question.ALL.after(page.get(PAGE - 1).id()), PAGE);
    }
    return all;
  }

  /** Takes note of a change, to be read when the feed is at its end. To be called by the thread of the feed. */
  void changed(Change change) {
    if (change.topic() == Change.Topic.BLOCKS) {
      everything |= change.reference().isEmpty();
      changed.add(change.reference());
    }
  }

  /** Reads what has changed. To be called by the thread of the feed; what cannot be read now is read the next time. */
  void upToDate() {
    try {
      if (everything) {
        blocklist.replaceAll(all(store));
        suspensions.pending().forEach(blocklist::put);
        everything = false;
        changed.clear();
      }
      while (!changed.isEmpty()) {
        List<String> some = changed.stream().limit(PAGE).toList();
        Map<String, Block> there = new LinkedHashMap<>();
        store.blocks(some).forEach(block -> there.put(block.id(), block));
        some.stream().filter(id -> !there.containsKey(id)).forEach(blocklist::remove);
        there.values().forEach(blocklist::put);
        some.forEach(changed::remove);
      }
    } catch (StoreException e) {
      log.debug("Changed blocks cannot be read yet: {}", e.getMessage());
    }
  }

  /** Takes away what has ended so long ago that it makes no later suspension longer. */
  void forget() {
    Instant before = clock.instant().minus(memory);
    store.forgetBlocks(before);
    blocklist.forget(before);
  }

  private void lookAtCountries() {
    MaxMindCountries now = known;
    if (now != null) {
      now.look();
    }
  }

  private Optional<String> countryOf(InetAddress address) {
    MaxMindCountries now = known;
    return now == null ? Optional.empty() : now.countryOf(address);
  }

  private List<Optional<Block>> keep(List<Wanted> wanted) {
    return stores.together("suspend", joint -> wanted.stream().map(this::keep).toList());
  }

  private Optional<Block> keep(Wanted wanted) {
    Offence offence = wanted.offence();
    Optional<Block> earlier = store.blockOf(Source.AUTOMATIC, offence.kind(), offence.value());
    if (earlier.isPresent() && earlier.get().inForceAt(offence.at())) {
      return earlier; // another node was quicker
    }
    Block block = penalties.next(earlier, offence, wanted.block().id());
    if (earlier.isPresent()) {
      store.updateBlock(block);
    } else if (!added(block)) {
      return Optional.empty();
    }
    stores.audit().record(
        new AuditRecord(
            TimeOrderedId.next(clock), offence.at(), AuditRecord.GATEWAY, AuditRecord.GATEWAY, "", "", "suspend",
            "blocks/" + block.id(), earlier.map(BlockText::json).orElse(""), BlockText.json(block)));
    return Optional.of(block);
  }

  /** Of what only makes later suspensions longer, all gives way to one that begins. */
  private boolean added(Block block) {
    try {
      store.addBlock(block);
      return true;
    } catch (IllegalArgumentException e) {
      store.forgetBlocks(clock.instant());
    }
    try {
      store.addBlock(block);
      return true;
    } catch (IllegalArgumentException e) {
      log.debug("A suspension has no room: {}", e.getMessage());
      return false;
    }
  }

  /** The blocks as this node knows them. */
  Blocklist blocklist() {
    return blocklist;
  }

  /** Notices who misbehaves; to be told of every request. */
  Observer watch() {
    return watch;
  }

  /** Where addresses are, by the file of countries; nowhere without one. */
  public Countries countries() {
    return countries;
  }

  /** Whether there is a file of countries. */
  public boolean knowsCountries() {
    return known != null;
  }

  /** How many blocks are in force on this node, by the name of their kind. */
  public Map<String, LongSupplier> blocksInForce() {
    Map<String, LongSupplier> figures = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      figures.put(name(kind), () -> blocklist.inForce(kind));
    }
    return figures;
  }

  /** How many callers this node has suspended, ever growing, by the name of the cause. */
  public Map<String, LongSupplier> suspensions() {
    Map<String, LongSupplier> figures = new LinkedHashMap<>();
    for (Offence.Cause cause : Offence.Cause.values()) {
      figures.put(name(cause), () -> suspensions.made(cause));
    }
    return figures;
  }

  /** How often this node could suspend nobody for want of room, ever growing. */
  public long suspensionsDropped() {
    return suspensions.droppedEver();
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    looking.close();
    watch.become(Optional.empty());
    suspensions.close();
  }

  /** Blocks as administration tells them, for the audit log. */
  private static final class BlockText {

    static String json(Block block) {
      StringBuilder json = new StringBuilder("{");
      add(json, "id", block.id());
      add(json, "kind", name(block.kind()));
      add(json, "value", block.value());
      add(json, "reason", block.reason());
      add(json, "enforcement", name(block.enforcement()));
      add(json, "source", name(block.source()));
      add(json, "created_at", block.createdAt().toString());
      block.expiresAt().ifPresentOrElse(
          end -> add(json, "expires_at", end.toString()), () -> json.append(",\"expires_at\":null"));
      return json.append(",\"strikes\":").append(block.strikes()).append('}').toString();
    }

    private static void add(StringBuilder json, String name, String value) {
      json.append(json.length() == 1 ? "" : ",").append('"').append(name).append("\":\"");
      for (char c : value.toCharArray()) {
        if (c == '"' || c == '\\') {
          json.append('\\');
        }
        json.append(c); // blocks have no control characters
      }
      json.append('"');
    }
  }
}
