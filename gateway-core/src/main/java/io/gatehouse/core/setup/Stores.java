package io.gatehouse.core.setup;

import io.gatehouse.StoreException;
import io.gatehouse.access.BlockAdmin;
import io.gatehouse.access.WhitelistAdmin;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.GivenAnswers;
import io.gatehouse.core.key.AdministratorTokens;
import io.gatehouse.core.key.Dossier;
import io.gatehouse.core.key.Dossiers;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.KeySearch;
import io.gatehouse.core.key.LeakReports;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.key.Peppers;
import io.gatehouse.core.key.Seal;
import io.gatehouse.core.key.SigningSecrets;
import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.DatabaseSettings;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.sql.Joint;
import io.gatehouse.core.sql.Migration;
import io.gatehouse.core.sql.SqlAdministrators;
import io.gatehouse.core.sql.SqlAnnouncements;
import io.gatehouse.core.sql.SqlAuditLog;
import io.gatehouse.core.sql.SqlBackendStore;
import io.gatehouse.core.sql.SqlBlockStore;
import io.gatehouse.core.sql.SqlCrossingLog;
import io.gatehouse.core.sql.SqlDatabase;
import io.gatehouse.core.sql.SqlGivenAnswers;
import io.gatehouse.core.sql.SqlKeyFiles;
import io.gatehouse.core.sql.SqlKeyStore;
import io.gatehouse.core.sql.SqlLimitPolicy;
import io.gatehouse.core.sql.SqlPeppers;
import io.gatehouse.core.sql.SqlPlanStore;
import io.gatehouse.core.sql.SqlQuotaPolicy;
import io.gatehouse.core.sql.SqlRegistrations;
import io.gatehouse.core.sql.SqlRequestLog;
import io.gatehouse.core.sql.SqlSigningSecrets;
import io.gatehouse.core.sql.SqlTrafficLog;
import io.gatehouse.core.sql.SqlUploadStore;
import io.gatehouse.core.sql.SqlUsageLog;
import io.gatehouse.core.sql.SqlUserStore;
import io.gatehouse.core.sql.SqlWhitelistStore;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.UsageLog;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.UserAdmin;
import io.gatehouse.limit.LimitAdmin;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.upload.UploadStore;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registrations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept for good, opened from settings: enough to administer a gateway, whether one is running or not. All are
 * safe for any number of threads and block as their database does.
 */
public final class Stores implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Stores.class);
  private static final String DATABASE_FILE = "gatehouse.db";

  private final SqlDatabase database;
  private final UserAdmin users;
  private final KeyAdmin keys;
  private final WhitelistAdmin whitelist;
  private final BlockAdmin blocks;
  private final LimitAdmin limits;
  private final QuotaAdmin quotas;
  private final PlanAdmin plans;
  private final BackendAdmin backends;
  private final Registrations registrations;
  private final UsageLog usage;
  private final CrossingLog crossings;
  private final TrafficLog traffic;
  private final RequestLog requests;
  private final AdministratorAdmin administrators;
  private final AuditLog audit;
  private final GivenAnswers answers;
  private final UploadStore uploads;
  private final Dossiers dossiers;
  private final KeyFormat keyFormat;
  private final Peppers peppers;
  private final KeyIssuer issuer;
  private final SigningSecrets signing;
  private final Predicate<String> importedForm;
  private final LeakReports leaks;
  private final AdministratorTokens tokens;
  private final Seal seal;

  private Stores(SqlDatabase database, Settings settings, InstantSource clock) {
    this.database = database;
    this.users = new SqlUserStore(database);
    this.keys = new SqlKeyStore(database);
    this.whitelist = new SqlWhitelistStore(database);
    this.blocks = new SqlBlockStore(database);
    this.limits = new SqlLimitPolicy(database);
    this.quotas = new SqlQuotaPolicy(database);
    this.plans = new SqlPlanStore(database);
    this.backends = new SqlBackendStore(database);
    this.registrations = new SqlRegistrations(database);
    this.usage = new SqlUsageLog(database);
    this.crossings = new SqlCrossingLog(database);
    this.traffic = new SqlTrafficLog(database);
    this.requests = new SqlRequestLog(database);
    this.administrators = new SqlAdministrators(database);
    this.audit = new SqlAuditLog(database);
    this.answers = new SqlGivenAnswers(database);
    this.uploads = new SqlUploadStore(database);
    this.dossiers =
        new FiledDossiers(
            new SqlKeyFiles(database),
            Dossiers.of(keys, key -> Dossier.read(key, users, plans, limits, quotas, whitelist)));
    AuthSettings auth = settings.auth();
    this.keyFormat = new KeyFormat(auth.keyPrefix(), auth.environment());
    this.peppers = peppers(settings);
    this.issuer = new KeyIssuer(keys, keyFormat, peppers.inUse(), clock);
    this.signing = new SigningSecrets(new SqlSigningSecrets(database), peppers, clock);
    this.importedForm = auth.importedKeys().map(Pattern::compile).map(Pattern::asMatchPredicate).orElse(text -> false);
    this.leaks =
        new LeakReports(new KeySearch(dossiers, keys, peppers, importedForm), keys, peppers.inUse());
    this.tokens = new AdministratorTokens(peppers);
    this.seal = new Seal(peppers.inUse());
  }

  /**
   * Opens the database and brings its schema up to date.
   *
   * @throws StoreException when the database or the data directory cannot be used, or when the keys in the database were
   *     made with another pepper; the message says what to check
   */
  public static Stores open(Settings settings, InstantSource clock) {
    SqlDatabase database = database(settings);
    try {
      database.migrate();
      Stores stores = new Stores(database, settings, clock);
      stores.checkPeppers();
      return stores;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /**
   * Brings the schema up to date and does nothing else.
   *
   * @throws StoreException as {@link #open}
   */
  public static Migration migrate(Settings settings) {
    try (SqlDatabase database = database(settings)) {
      return database.migrate();
    }
  }

  /** Where the database is when it is an SQLite file. */
  static Path databaseFile(Settings settings) {
    return settings
        .database()
        .dsn()
        .map(Secret::reveal)
        .map(Path::of)
        .orElse(settings.dataDir().resolve(DATABASE_FILE));
  }

  /** Opens the database and looks for nothing in it. */
  static SqlDatabase database(Settings settings) {
    DatabaseSettings choice = settings.database();
    SqlDatabase.Builder builder =
        switch (choice.driver()) {
          case POSTGRES -> SqlDatabase.postgres(choice.dsn().map(Secret::reveal).orElseThrow());
          case SQLITE -> SqlDatabase.sqlite(databaseFile(settings));
        };
    return builder
        .maxConnections(choice.maxConnections())
        .connectionTimeout(choice.connectTimeout())
        .statementTimeout(choice.queryTimeout())
        .open();
  }

  /** That of the settings, or those of the data directory; and what else the settings name. */
  private static Peppers peppers(Settings settings) {
    AuthSettings auth = settings.auth();
    int version = auth.pepperVersion();
    DataDirectory directory = new DataDirectory(settings.dataDir());
    Map<Integer, String> all = new TreeMap<>();
    if (auth.pepper().isPresent()) {
      all.put(version, auth.pepper().get().reveal());
    } else {
      all.putAll(directory.peppers());
      all.put(version, directory.secret(DataDirectory.pepperFile(version)).secret());
    }
    auth.otherPeppers().forEach((other, secret) -> all.put(other, secret.reveal()));
    Pepper inUse = pepper(version, all.remove(version));
    return new Peppers(inUse, all.entrySet().stream().map(each -> pepper(each.getKey(), each.getValue())).toList());
  }

  private static Pepper pepper(int version, String secret) {
    return new Pepper(version, secret.getBytes(StandardCharsets.UTF_8));
  }

  private void checkPeppers() {
    SqlPeppers known = new SqlPeppers(database);
    Set<Integer> missing = new TreeSet<>(known.versions());
    for (Pepper each : peppers.all()) {
      missing.remove(each.version());
      if (!known.confirm(each.version(), each.fingerprint())) {
        throw new StoreException(
            "the keys in " + databaseName() + " were made with another pepper " + each.version()
                + ": give this node the same one, in auth.pepper, GATEHOUSE_AUTH_PEPPER or the file "
                + DataDirectory.pepperFile(each.version()) + " of its data directory",
            null);
      }
    }
    if (!missing.isEmpty()) {
      Map<Integer, Long> digested = keys.keysByVersion();
      missing.retainAll(digested.keySet());
      missing.forEach(version -> log.warn(
          "{} keys are unknown to this node, since it has not the pepper {} that they were made with",
          digested.get(version), version));
    }
    Map<Integer, Long> sealed = new TreeMap<>(signing.store().secretsByVersion());
    peppers.all().forEach(each -> sealed.remove(each.version()));
    sealed.forEach((version, secrets) -> log.warn(
        "{} signing secrets cannot be opened by this node, since it has not the pepper {} that they were sealed with",
        secrets, version));
  }

  public UserAdmin users() {
    return users;
  }

  public KeyAdmin keys() {
    return keys;
  }

  /** All that is known of keys, for the most part in one round trip. */
  Dossiers dossiers() {
    return dossiers;
  }

  /** Suspends keys that were found where they should not be. */
  public LeakReports leaks() {
    return leaks;
  }

  /** What the keys were digested with. */
  public Peppers peppers() {
    return peppers;
  }

  /** Makes and rotates keys. */
  public KeyIssuer issuer() {
    return issuer;
  }

  /** Makes and opens the secrets that sign URLs. */
  public SigningSecrets signing() {
    return signing;
  }

  public WhitelistAdmin whitelist() {
    return whitelist;
  }

  /** Who is kept out. */
  public BlockAdmin blocks() {
    return blocks;
  }

  public LimitAdmin limits() {
    return limits;
  }

  public QuotaAdmin quotas() {
    return quotas;
  }

  public PlanAdmin plans() {
    return plans;
  }

  public BackendAdmin backends() {
    return backends;
  }

  /** The backends that register themselves. */
  public Registrations registrations() {
    return registrations;
  }

  public UsageLog usage() {
    return usage;
  }

  /** Which thresholds of quotas were crossed. */
  public CrossingLog crossings() {
    return crossings;
  }

  /** Traffic and violations by the minute. */
  public TrafficLog traffic() {
    return traffic;
  }

  /** Single requests, if they are logged. */
  public RequestLog requests() {
    return requests;
  }

  /** Who administers, besides the token of the configuration. */
  public AdministratorAdmin administrators() {
    return administrators;
  }

  /** Makes and checks the tokens of administrators. */
  public AdministratorTokens tokens() {
    return tokens;
  }

  /** Who changed what. */
  public AuditLog audit() {
    return audit;
  }

  /** Answers that may be asked for again. */
  public GivenAnswers answers() {
    return answers;
  }

  /** Who has stored what. */
  public UploadStore uploads() {
    return uploads;
  }

  /** Seals what must be kept and not be read. */
  public Seal seal() {
    return seal;
  }

  /**
   * Does several things of this thread as one change, or none of them; see {@link SqlDatabase#together}.
   *
   * @throws StoreException when the database cannot answer; nothing was changed then
   */
  public <T> T together(String operation, Function<Joint, T> work) {
    return database.together(operation, work);
  }

  /** How the database is called in messages, without user and password. */
  public String databaseName() {
    return database.toString();
  }

  /** Tells all nodes of changes of what is not in the stores. */
  public SqlAnnouncements announcements() {
    return new SqlAnnouncements(database);
  }

  SqlDatabase database() {
    return database;
  }

  KeyFormat keyFormat() {
    return keyFormat;
  }

  Predicate<String> importedForm() {
    return importedForm;
  }

  @Override
  public void close() {
    database.close();
  }
}
