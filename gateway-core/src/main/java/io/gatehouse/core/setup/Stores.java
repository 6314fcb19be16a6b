package io.gatehouse.core.setup;

import io.gatehouse.StoreException;
import io.gatehouse.access.WhitelistAdmin;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.GivenAnswers;
import io.gatehouse.core.key.AdministratorTokens;
import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.key.Seal;
import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.DatabaseSettings;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.sql.Joint;
import io.gatehouse.core.sql.Migration;
import io.gatehouse.core.sql.SqlAdministrators;
import io.gatehouse.core.sql.SqlAuditLog;
import io.gatehouse.core.sql.SqlBackendStore;
import io.gatehouse.core.sql.SqlCrossingLog;
import io.gatehouse.core.sql.SqlDatabase;
import io.gatehouse.core.sql.SqlGivenAnswers;
import io.gatehouse.core.sql.SqlKeyStore;
import io.gatehouse.core.sql.SqlLimitPolicy;
import io.gatehouse.core.sql.SqlPeppers;
import io.gatehouse.core.sql.SqlQuotaPolicy;
import io.gatehouse.core.sql.SqlRegistrations;
import io.gatehouse.core.sql.SqlRequestLog;
import io.gatehouse.core.sql.SqlTrafficLog;
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
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registrations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * What is kept for good, opened from settings: enough to administer a gateway, whether one is running or not. All are
 * safe for any number of threads and block as their database does.
 */
public final class Stores implements AutoCloseable {

  private static final String DATABASE_FILE = "gatehouse.db";

  private final SqlDatabase database;
  private final UserAdmin users;
  private final KeyAdmin keys;
  private final WhitelistAdmin whitelist;
  private final LimitAdmin limits;
  private final QuotaAdmin quotas;
  private final BackendAdmin backends;
  private final Registrations registrations;
  private final UsageLog usage;
  private final CrossingLog crossings;
  private final TrafficLog traffic;
  private final RequestLog requests;
  private final AdministratorAdmin administrators;
  private final AuditLog audit;
  private final GivenAnswers answers;
  private final KeyFormat keyFormat;
  private final Pepper pepper;
  private final KeyIssuer issuer;
  private final AdministratorTokens tokens;
  private final Seal seal;

  private Stores(SqlDatabase database, Settings settings, InstantSource clock) {
    this.database = database;
    this.users = new SqlUserStore(database);
    this.keys = new SqlKeyStore(database);
    this.whitelist = new SqlWhitelistStore(database);
    this.limits = new SqlLimitPolicy(database);
    this.quotas = new SqlQuotaPolicy(database);
    this.backends = new SqlBackendStore(database);
    this.registrations = new SqlRegistrations(database);
    this.usage = new SqlUsageLog(database);
    this.crossings = new SqlCrossingLog(database);
    this.traffic = new SqlTrafficLog(database);
    this.requests = new SqlRequestLog(database);
    this.administrators = new SqlAdministrators(database);
    this.audit = new SqlAuditLog(database);
    this.answers = new SqlGivenAnswers(database);
    AuthSettings auth = settings.auth();
    this.keyFormat = new KeyFormat(auth.keyPrefix(), auth.environment());
    this.pepper = new Pepper(1, pepper(settings).getBytes(StandardCharsets.UTF_8));
    this.issuer = new KeyIssuer(keys, keyFormat, pepper, clock);
    this.tokens = new AdministratorTokens(pepper);
    this.seal = new Seal(pepper);
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
      stores.checkPepper();
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

  private static String pepper(Settings settings) {
    return settings
        .auth()
        .pepper()
        .map(Secret::reveal)
        .orElseGet(() -> new DataDirectory(settings.dataDir()).secret(DataDirectory.PEPPER).secret());
  }

  private void checkPepper() {
    if (!new SqlPeppers(database).confirm(pepper.version(), pepper.fingerprint())) {
      throw new StoreException(
          "the keys in " + databaseName() + " were made with another pepper: give this node the same one, in auth.pepper,"
              + " GATEHOUSE_AUTH_PEPPER or the file " + DataDirectory.PEPPER + " of its data directory",
          null);
    }
  }

  public UserAdmin users() {
    return users;
  }

  public KeyAdmin keys() {
    return keys;
  }

  /** Makes and rotates keys. */
  public KeyIssuer issuer() {
    return issuer;
  }

  public WhitelistAdmin whitelist() {
    return whitelist;
  }

  public LimitAdmin limits() {
    return limits;
  }

  public QuotaAdmin quotas() {
    return quotas;
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

  SqlDatabase database() {
    return database;
  }

  KeyFormat keyFormat() {
    return keyFormat;
  }

  Pepper pepper() {
    return pepper;
  }

  @Override
  public void close() {
    database.close();
  }
}
