package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.sql.SqlKeyFiles.KeyFile;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.plan.Plan;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The file of a key says what the stores say one by one, and asks for no list that is empty. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SqlKeyFilesTest {

  private static final KeyDigest PLAIN = new KeyDigest(1, 1, 0, 0, 0);
  private static final KeyDigest RICH = new KeyDigest(1, 2, 0, 0, 0);
  private static final KeyDigest PLANNED = new KeyDigest(1, 3, 0, 0, 0);
  private static final KeyDigest DISABLED = new KeyDigest(1, 4, 0, 0, 0);
  private static final KeyDigest UNLIMITED = new KeyDigest(1, 5, 0, 0, 0);

  private final SqlDatabase.Dialect dialect;
  private TestDatabases databases;
  private SqlDatabase database;
  private SqlKeyStore keys;
  private SqlUserStore users;
  private SqlPlanStore plans;
  private SqlLimitPolicy limits;
  private SqlQuotaPolicy quotas;
  private SqlWhitelistStore networks;
  private SqlKeyFiles files;

  SqlKeyFilesTest(SqlDatabase.Dialect dialect) {
    this.dialect = dialect;
  }

  @BeforeAll
  void fill() {
    databases = TestDatabases.of(dialect);
    database = databases.openMigrated();
    keys = new SqlKeyStore(database);
    users = new SqlUserStore(database);
    plans = new SqlPlanStore(database);
    limits = new SqlLimitPolicy(database);
    quotas = new SqlQuotaPolicy(database);
    networks = new SqlWhitelistStore(database);
    files = new SqlKeyFiles(database);
    plans.putPlan(new Plan(
        "pro",
        "For all who pay",
        Map.of(Level.USER, List.of(Limit.of(7, Duration.ofSeconds(1)))),
        Optional.of(List.of(new Quota(Meter.BYTES, Window.MONTH, 1_000))),
        Set.of("GET"),
        Map.of("max_pixels", "9")));
    add(PLAIN, "plain", Optional.empty(), true);
    add(DISABLED, "disabled", Optional.empty(), false);
    add(UNLIMITED, "unlimited", Optional.empty(), true);
    limits.replaceLimits(Level.USER, "unlimited", Optional.of(List.of()));
    limits.replaceLimits(Level.KEY, "key of unlimited", Optional.of(List.of()));
    quotas.replaceQuotas("unlimited", Optional.of(List.of()));
    add(PLANNED, "planned", Optional.of("acme"), true);
    plans.assign("planned", Optional.of("pro"));
    add(RICH, "rich", Optional.of("globex"), true);
    plans.assign("rich", Optional.of("pro"));
    limits.replaceLimits(Level.KEY, "key of rich", Optional.of(List.of(Limit.of(1, Duration.ofSeconds(1)))));
    limits.replaceLimits(Level.USER, "rich", Optional.of(List.of(Limit.of(2, Duration.ofSeconds(2)))));
    limits.replaceLimits(Level.TENANT, "globex", Optional.of(List.of(Limit.of(3, Duration.ofSeconds(3)))));
    quotas.replaceQuotas("rich", Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 4))));
    quotas.replaceKeyQuotas("key of rich", List.of(new Quota(Meter.BYTES, Window.DAY, 5)));
    quotas.replaceCalendar("rich", Optional.of(new BillingCalendar(ZoneId.of("Europe/Berlin"), 6)));
    LocalDate day = LocalDate.of(2026, 11, 24);
    quotas.beginAnew("rich", List.of(new QuotaKey("rich", Meter.REQUESTS, Window.DAY, day, 0)));
    String ofKey = QuotaOwner.ofKey("rich", "key of rich").text();
    quotas.beginAnew(ofKey, List.of(new QuotaKey(ofKey, Meter.BYTES, Window.DAY, day, 0)));
    networks.replaceNetworks("rich", List.of(Cidr.parse("10.0.0.0/8")));
    networks.replaceDenied("rich", List.of(Cidr.parse("10.1.0.0/16")));
  }

  @AfterAll
  void close() {
    databases.close();
  }

  @Test
  void a_file_says_what_the_stores_say() {
    for (KeyDigest digest : List.of(PLAIN, RICH, PLANNED, DISABLED, UNLIMITED)) {
      ApiKey key = keys.find(digest).orElseThrow();
      String user = key.user();
      String ofKey = QuotaOwner.ofKey(user, key.lineage()).text();

      KeyFile file = files.find(digest).orElseThrow();

      assertThat(file.key()).isEqualTo(key);
      assertThat(file.tenantOf(user)).as(user).isEqualTo(users.tenantOf(user));
      assertThat(file.planOf(user)).as(user).isEqualTo(plans.planOf(user));
      assertThat(file.quotasOf(user)).as(user).isEqualTo(quotas.quotasOf(user));
      assertThat(file.keyQuotasOf(key.lineage())).as(user).isEqualTo(quotas.keyQuotasOf(key.lineage()));
      assertThat(file.calendarOf(user)).as(user).isEqualTo(quotas.calendarOf(user));
      assertThat(file.resetsOf(user)).as(user).isEqualTo(quotas.resetsOf(user));
      assertThat(file.resetsOf(ofKey)).as(user).isEqualTo(quotas.resetsOf(ofKey));
      assertThat(file.networksOf(user)).as(user).isEqualTo(networks.networksOf(user));
      assertThat(file.deniedTo(user)).as(user).isEqualTo(networks.deniedTo(user));
      assertThat(limitsIn(file, key)).as(user).isEqualTo(List.of(
          limits.limitsOf(Level.KEY, key.lineage()),
          limits.limitsOf(Level.USER, user),
          users.tenantOf(user).flatMap(tenant -> limits.limitsOf(Level.TENANT, tenant))));
    }
  }

  @Test
  void what_has_something_of_everything_has_it_in_its_file() {
    KeyFile file = files.find(RICH).orElseThrow();

    assertThat(file.tenantOf("rich")).contains("globex");
    assertThat(file.planOf("rich")).map(Plan::title).contains("For all who pay");
    assertThat(limitsIn(file, file.key())).allMatch(Optional::isPresent);
    assertThat(file.quotasOf("rich")).isPresent();
    assertThat(file.keyQuotasOf("key of rich")).hasSize(1);
    assertThat(file.calendarOf("rich")).isPresent();
    assertThat(file.resetsOf("rich")).hasSize(1);
    assertThat(file.resetsOf(QuotaOwner.ofKey("rich", "key of rich").text())).hasSize(1);
    assertThat(file.networksOf("rich")).hasSize(1);
    assertThat(file.deniedTo("rich")).hasSize(1);
  }

  @Test
  void no_key_has_another_version_or_another_digest() {
    assertThat(files.find(new KeyDigest(2, 1, 0, 0, 0))).isEmpty();
    assertThat(files.find(new KeyDigest(1, 9, 0, 0, 0))).isEmpty();
  }

  @Test
  void a_key_with_nothing_of_its_own_takes_one_round_trip_whatever_its_plan_is() {
    KeyFile plain = files.find(PLAIN).orElseThrow();
    KeyFile planned = files.find(PLANNED).orElseThrow();
    KeyFile rich = files.find(RICH).orElseThrow();

    databases.breakOff(database);
    try {
      for (KeyFile file : List.of(plain, planned)) {
        String user = file.key().user();
        file.tenantOf(user);
        assertThat(file.planOf(user).isPresent()).isEqualTo(file == planned);
        assertThat(limitsIn(file, file.key())).containsOnly(Optional.empty());
        assertThat(file.quotasOf(user)).isEmpty();
        assertThat(file.keyQuotasOf(file.key().lineage())).isEmpty();
        assertThat(file.calendarOf(user)).isEmpty();
        assertThat(file.resetsOf(user)).isEmpty();
        assertThat(file.networksOf(user)).isEmpty();
        assertThat(file.deniedTo(user)).isEmpty();
      }
      assertThatThrownBy(() -> rich.networksOf("rich")).isInstanceOf(StoreException.class);
    } finally {
      databases.mend(database);
      await().ignoreExceptions().until(() -> files.find(PLAIN).isPresent());
    }
  }

  private static List<Optional<List<Limit>>> limitsIn(KeyFile file, ApiKey key) {
    List<Optional<List<Limit>>> all = new ArrayList<>();
    all.add(file.limitsOf(Level.KEY, key.lineage()));
    all.add(file.limitsOf(Level.USER, key.user()));
    all.add(file.tenantOf(key.user()).flatMap(tenant -> file.limitsOf(Level.TENANT, tenant)));
    return all;
  }

  private void add(KeyDigest digest, String user, Optional<String> tenant, boolean enabled) {
    users.addUser(new User(user, user, enabled, Instant.EPOCH, tenant));
    keys.addKey(
        new ApiKey(
            "key of " + user, user, "", "gk_live_", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty()),
        digest);
  }
}
