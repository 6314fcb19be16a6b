package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.BACKENDS;
import static io.gatehouse.core.sql.schema.Tables.PLAN_CHANGES;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.gatehouse.access.WhitelistAdmin;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.GivenAnswers;
import io.gatehouse.contract.AdministratorAdminContract;
import io.gatehouse.contract.AuditLogContract;
import io.gatehouse.contract.BackendAdminContract;
import io.gatehouse.contract.CrossingLogContract;
import io.gatehouse.contract.GivenAnswersContract;
import io.gatehouse.contract.KeyAdminContract;
import io.gatehouse.contract.LimitAdminContract;
import io.gatehouse.contract.PlanAdminContract;
import io.gatehouse.contract.QuotaAdminContract;
import io.gatehouse.contract.RegistrationsContract;
import io.gatehouse.contract.RequestLogContract;
import io.gatehouse.contract.TrafficLogContract;
import io.gatehouse.contract.UsageLogContract;
import io.gatehouse.contract.UserAdminContract;
import io.gatehouse.contract.WhitelistAdminContract;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.UsageLog;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.LimitAdmin;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registrations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The stores keep the contracts of the API, in both databases. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SqlContractTest {

  /** Without their converters, so that they can be reckoned with. */
  private static final Field<Long> EXPIRES_AT_MILLIS = DSL.field(BACKENDS.EXPIRES_AT.getQualifiedName(), Long.class);
  private static final Field<Long> DUE_AT_MILLIS = DSL.field(PLAN_CHANGES.DUE_AT.getQualifiedName(), Long.class);

  private final TestDatabases databases;
  private SqlDatabase database;

  SqlContractTest(SqlDatabase.Dialect dialect) {
    databases = TestDatabases.of(dialect);
  }

  @BeforeAll
  void open() {
    // A short wait for a connection, so that a broken store says so soon.
    database = databases.open(databases.builder().connectionTimeout(Duration.ofMillis(500)));
    database.migrate();
  }

  @AfterAll
  void close() {
    databases.close();
  }

  private boolean breakDatabase() {
    databases.breakOff(database);
    return true;
  }

  private void mendDatabase() {
    databases.mend(database);
    await().atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> assertThatCode(database::ping).doesNotThrowAnyException());
  }

  private void addUser(String id) {
    new SqlUserStore(database).addUser(new User(id, id, true, Instant.EPOCH));
  }

  @Nested
  class AsUserAdmin extends UserAdminContract {
    @Override
    protected UserAdmin users() {
      return new SqlUserStore(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsKeyAdmin extends KeyAdminContract {
    @Override
    protected KeyAdmin keys() {
      return new SqlKeyStore(database);
    }

    @Override
    protected UserAdmin users() {
      return new SqlUserStore(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsWhitelistAdmin extends WhitelistAdminContract {
    @Override
    protected WhitelistAdmin whitelist() {
      return new SqlWhitelistStore(database);
    }

    @Override
    protected void addOwner(String id) {
      addUser(id);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsLimitAdmin extends LimitAdminContract {
    @Override
    protected LimitAdmin limits() {
      return new SqlLimitPolicy(database);
    }

    @Override
    protected void addOwner(Level level, String id) {
      if (level == Level.USER) {
        addUser(id);
      } else if (level == Level.KEY) {
        addUser("user of " + id);
        new SqlKeyStore(database).addKey(
            new ApiKey(id, "user of " + id, "", "gk", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty()),
            new KeyDigest(1, id.hashCode(), 2, 3, 4));
      }
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsQuotaAdmin extends QuotaAdminContract {
    @Override
    protected QuotaAdmin quotas() {
      return new SqlQuotaPolicy(database);
    }

    @Override
    protected void addOwner(String id) {
      addUser(id);
    }

    @Override
    protected void addKey(String user, String id) {
      new SqlKeyStore(database).addKey(
          new ApiKey(id, user, "", "gk", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty()),
          new KeyDigest(1, id.hashCode(), 2, 3, 4));
    }

    @Override
    protected void deleteKey(String id) {
      new SqlKeyStore(database).deleteKey(id);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsPlanAdmin extends PlanAdminContract {
    @Override
    protected PlanAdmin plans() {
      return new SqlPlanStore(database);
    }

    @Override
    protected UserAdmin users() {
      return new SqlUserStore(database);
    }

    @Override
    protected Instant now() {
      return database.read("read clock", database::now);
    }

    /** The server's clock cannot be set, so what it is compared with is. */
    @Override
    protected void pass(Duration time) {
      database.write("age changes of plans", db -> db.update(PLAN_CHANGES)
          .set(DUE_AT_MILLIS, DUE_AT_MILLIS.minus(time.toMillis()))
          .execute());
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsBackendAdmin extends BackendAdminContract {
    @Override
    protected BackendAdmin backendAdmin() {
      return new SqlBackendStore(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsRegistrations extends RegistrationsContract {
    @Override
    protected Registrations registrations() {
      return new SqlRegistrations(database);
    }

    @Override
    protected BackendAdmin backendAdmin() {
      return new SqlBackendStore(database);
    }

    /** The server's clock cannot be set, so what it is compared with is. */
    @Override
    protected void pass(Duration time) {
      database.write("age registrations", db -> db.update(BACKENDS)
          .set(EXPIRES_AT_MILLIS, EXPIRES_AT_MILLIS.minus(time.toMillis()))
          .where(BACKENDS.EXPIRES_AT.isNotNull())
          .execute());
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsUsageLog extends UsageLogContract {
    @Override
    protected UsageLog log() {
      return new SqlUsageLog(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsCrossingLog extends CrossingLogContract {
    @Override
    protected CrossingLog log() {
      return new SqlCrossingLog(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsTrafficLog extends TrafficLogContract {
    @Override
    protected TrafficLog log() {
      return new SqlTrafficLog(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsRequestLog extends RequestLogContract {
    private final RequestLog log = new SqlRequestLog(database);

    @Override
    protected RequestLog log() {
      return log;
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsAuditLog extends AuditLogContract {
    @Override
    protected AuditLog log() {
      return new SqlAuditLog(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsAdministratorAdmin extends AdministratorAdminContract {
    @Override
    protected AdministratorAdmin administrators() {
      return new SqlAdministrators(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }

  @Nested
  class AsGivenAnswers extends GivenAnswersContract {
    @Override
    protected GivenAnswers answers() {
      return new SqlGivenAnswers(database);
    }

    @Override
    protected boolean breakStore() {
      return breakDatabase();
    }

    @Override
    protected void mendStore() {
      mendDatabase();
    }
  }
}
