package io.gatehouse.core.sql;

class SqlChangeFeedInSqliteTest extends SqlChangeFeedTest {
  SqlChangeFeedInSqliteTest() {
    super(SqlDatabase.Dialect.SQLITE);
  }
}
