package io.gatehouse.core.sql;

class SqlMigrationInPostgresTest extends SqlMigrationTest {
  SqlMigrationInPostgresTest() {
    super(SqlDatabase.Dialect.POSTGRESQL);
  }
}
