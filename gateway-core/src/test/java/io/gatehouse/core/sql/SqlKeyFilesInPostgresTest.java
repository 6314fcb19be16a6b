package io.gatehouse.core.sql;

class SqlKeyFilesInPostgresTest extends SqlKeyFilesTest {
  SqlKeyFilesInPostgresTest() {
    super(SqlDatabase.Dialect.POSTGRESQL);
  }
}
