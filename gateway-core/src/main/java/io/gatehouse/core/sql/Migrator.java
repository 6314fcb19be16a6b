package io.gatehouse.core.sql;

import io.gatehouse.StoreException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** Brings a schema to the version of this code, by the numbered scripts that are packed beside it. */
final class Migrator {

  private static final String FOLDER = "classpath:io/gatehouse/sql/";
  private static final int LOCK_ATTEMPTS_OF_A_SECOND = 300;

  /** What Flyway calls a migration that was applied and is not among the scripts. */
  private static final Set<MigrationState> FUTURE =
      Set.of(MigrationState.FUTURE_SUCCESS, MigrationState.FUTURE_FAILED);

  private Migrator() {}

  static Migration migrate(Engine engine) {
    try {
      return engine.migrating(() -> migrate(flyway(engine)));
    } catch (FlywayException e) {
      throw new StoreException("migrate: " + engine.label() + " refused (" + e.getMessage().strip() + ")", e);
    } catch (StoreException e) {
      throw e;
    } catch (Exception e) {
      throw new StoreException("migrate: " + engine.label() + " could not be locked", e);
    }
  }

  static Flyway flyway(Engine engine) {
    return Flyway.configure(Migrator.class.getClassLoader())
        .dataSource(engine.migrationSource())
        .locations(engine.migrationFolders().stream().map(FOLDER::concat).toArray(String[]::new))
        .failOnMissingLocations(true)
        .validateMigrationNaming(true)
        .table("schema_history")
        .lockRetryCount(LOCK_ATTEMPTS_OF_A_SECOND)
        .cleanDisabled(true)
        .load();
  }

  private static Migration migrate(Flyway flyway) {
    MigrationInfo[] all = flyway.info().all();
    Optional<MigrationInfo> newer = Arrays.stream(all)
        .filter(each -> FUTURE.contains(each.getState()))
        .reduce((earlier, later) -> later);
    if (newer.isPresent()) {
      String known = Arrays.stream(all)
          .filter(each -> each.getState().isResolved())
          .map(each -> each.getVersion().getVersion())
          .reduce("none", (earlier, later) -> later);
      throw new StoreException("migrate: the schema has version " + newer.get().getVersion()
          + " (expected: at most " + known + "); a newer Gatehouse migrated it, and this one would not"
          + " understand it");
    }
    int applied = flyway.migrate().migrationsExecuted;
    MigrationInfo current = flyway.info().current();
    return new Migration(applied, current == null ? "0" : current.getVersion().getVersion());
  }
}
