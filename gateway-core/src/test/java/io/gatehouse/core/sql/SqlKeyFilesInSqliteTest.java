package io.gatehouse.core.sql;

class SqlKeyFilesInSqliteTest extends SqlKeyFilesTest {
  SqlKeyFilesInSqliteTest() {
    super(SqlDatabase.Dialect.SQLITE);
  }
}
