package io.gatehouse.core.sql;

class SqlStoresInPostgresTest extends SqlStoresTest {
  SqlStoresInPostgresTest() {
    super(SqlDatabase.Dialect.POSTGRESQL);
  }
}
