package io.gatehouse.examples.benchmarks;

import io.gatehouse.Entitlement;
import io.gatehouse.Subject;
import io.gatehouse.access.Authenticator;
import io.gatehouse.core.key.Dossier;
import io.gatehouse.core.key.Dossiers;
import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.key.EntitlementRules;
import io.gatehouse.core.key.KeyAuthenticator;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeySearch;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.key.Peppers;
import io.gatehouse.core.sql.SqlDatabase;
import io.gatehouse.core.sql.SqlKeyFiles;
import io.gatehouse.core.sql.SqlKeyStore;
import io.gatehouse.core.sql.SqlUserStore;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/**
 * A million keys in a PostgreSQL of its own on the loopback: what it costs to recognise one, as a request does it, when it
 * has to be looked up with all that belongs to it, and when it is remembered; and how much heap each remembered key takes.
 */
public final class MillionKeys {

  private static final int KEYS = 1_000_000;
  private static final int USERS = 1_000;
  private static final int REMEMBERED = 100_000;
  private static final int UNKNOWN = 20_000;
  private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final Instant MADE = Instant.parse("2026-06-01T00:00:00Z");

  private final Pepper pepper = new Pepper(1, new byte[32]);
  private final SqlDatabase database;
  private final SqlKeyStore keys;

  private MillionKeys(SqlDatabase database) {
    this.database = database;
    this.keys = new SqlKeyStore(database);
  }

  public static void main(String[] arguments) throws IOException {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
        SqlDatabase database = SqlDatabase
            .postgres("postgres://postgres:postgres@127.0.0.1:" + postgres.getPort() + "/postgres")
            .statementTimeout(Duration.ofMinutes(1))
            .open()) {
      database.migrate();
      new MillionKeys(database).run();
    }
  }

  private void run() {
    long begin = System.nanoTime();
    SqlUserStore users = new SqlUserStore(database);
    IntStream.range(0, USERS).forEach(i -> users.addUser(new User("u" + i, "user " + i, true, MADE)));
    keys.importKeys(() -> IntStream.range(0, KEYS).mapToObj(this::key).iterator());
    System.out.printf(Locale.ROOT, "%,d keys imported in %.0f s%n", KEYS, (System.nanoTime() - begin) / 1e9);
    measure();
  }

  private void measure() {
    KeyedRequest[] known = IntStream.range(0, REMEMBERED).mapToObj(i -> new KeyedRequest(text((int) (i * 9_973L % KEYS))))
        .toArray(KeyedRequest[]::new);
    KeyedRequest[] unknown = IntStream.range(KEYS, KEYS + UNKNOWN).mapToObj(i -> new KeyedRequest(text(i)))
        .toArray(KeyedRequest[]::new);
    EntitlementCache.Bounds bounds = new EntitlementCache.Bounds(
        REMEMBERED + UNKNOWN, Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1));
    KeySearch search = new KeySearch(dossiers(), keys, Peppers.of(pepper), text -> false);
    try (EntitlementCache cache = new EntitlementCache(search, bounds, System::nanoTime)) {
      Authenticator authenticator = new KeyAuthenticator(
          cache, new EntitlementRules(MillionKeys::compile), pepper, new KeyFormat("gk", "live"), "",
          InstantSource.system());
      print("one row by its digest", REMEMBERED, i -> keys.find(pepper.digest(text(i))).orElseThrow());
      long before = used();
      print("looked up, with all that belongs to it", REMEMBERED, i -> expect(authenticator, known[i], true));
      System.out.printf(
          Locale.ROOT, "%-40s %8.0f bytes of heap%n", "each key remembered", (double) (used() - before) / REMEMBERED);
      print("unknown, looked up", UNKNOWN, i -> expect(authenticator, unknown[i], false));
      for (int round = 0; round < 5; round++) {
        print("remembered", REMEMBERED, i -> expect(authenticator, known[i], true));
      }
      print("unknown, remembered", UNKNOWN, i -> expect(authenticator, unknown[i], false));
      Reference.reachabilityFence(known);
    }
  }

  /** Asks the database what the gateway asks it. */
  private Dossiers dossiers() {
    SqlKeyFiles files = new SqlKeyFiles(database);
    return new Dossiers() {
      @Override
      public Optional<Dossier> find(KeyDigest digest) {
        return files.find(digest).map(file -> Dossier.read(file.key(), file, file, file, file, file));
      }

      @Override
      public Dossier of(ApiKey key) {
        throw new IllegalStateException("All keys have digests of the pepper in use.");
      }
    };
  }

  private static Entitlement compile(Dossier dossier) {
    ApiKey key = dossier.key();
    return new Entitlement(
        new Subject(key.user(), key.id()),
        List.of(),
        dossier.quotas().orElse(List.of()),
        Optional.empty(),
        dossier.addresses(),
        key.scopes(),
        Map.of(),
        List.of(),
        dossier.tenant());
  }

  private static void expect(Authenticator authenticator, KeyedRequest request, boolean known) {
    if (authenticator.authenticate(request) instanceof Authenticator.Result.Known != known) {
      throw new IllegalStateException("The key is " + (known ? "unknown." : "known."));
    }
  }

  private ImportedKey key(int number) {
    String text = text(number);
    return new ImportedKey(
        new ApiKey(text.substring(8, 20), "u" + number % USERS, "", text.substring(0, 12), Set.of(), true, MADE,
            Optional.empty(), Optional.empty()),
        pepper.digest(text));
  }

  /** A key of our form, the same one for a number each time. */
  private static String text(int number) {
    SplittableRandom random = new SplittableRandom(number);
    StringBuilder text = new StringBuilder("gk_live_");
    for (int i = 0; i < 42; i++) {
      text.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    CRC32 crc = new CRC32();
    crc.update(text.toString().getBytes(StandardCharsets.US_ASCII));
    long rest = crc.getValue();
    int end = text.length();
    for (int i = 0; i < 6; i++) {
      text.insert(end, DIGITS.charAt((int) (rest % DIGITS.length())));
      rest /= DIGITS.length();
    }
    return text.toString();
  }

  private static void print(String what, int times, IntConsumer deed) {
    long[] nanos = new long[times];
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long processor = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < times; i++) {
      long begin = System.nanoTime();
      deed.accept(i);
      nanos[i] = System.nanoTime() - begin;
    }
    double processorTime = (double) (threads.getCurrentThreadCpuTime() - processor) / times;
    double mean = Arrays.stream(nanos).average().orElseThrow();
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "%-40s mean %8.2f us   p50 %8.2f us   p99 %8.2f us   processor time %8.2f us%n",
        what, mean / 1e3, nanos[times / 2] / 1e3, nanos[(int) (times * 0.99)] / 1e3,
        processorTime / 1e3);
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
