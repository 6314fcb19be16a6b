package io.gatehouse.core.sql;

class SqlMigrationInSqliteTest extends SqlMigrationTest {
  SqlMigrationInSqliteTest() {
    super(SqlDatabase.Dialect.SQLITE);
  }
}
