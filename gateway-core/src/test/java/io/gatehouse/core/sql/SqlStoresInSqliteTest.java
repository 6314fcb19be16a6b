package io.gatehouse.core.sql;

class SqlStoresInSqliteTest extends SqlStoresTest {
  SqlStoresInSqliteTest() {
    super(SqlDatabase.Dialect.SQLITE);
  }
}
