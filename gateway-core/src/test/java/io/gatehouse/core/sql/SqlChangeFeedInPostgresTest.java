package io.gatehouse.core.sql;

class SqlChangeFeedInPostgresTest extends SqlChangeFeedTest {
  SqlChangeFeedInPostgresTest() {
    super(SqlDatabase.Dialect.POSTGRESQL);
  }
}
