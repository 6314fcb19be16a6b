package io.gatehouse.core.sql;

class SqlTogetherInSqliteTest extends SqlTogetherTest {
  SqlTogetherInSqliteTest() {
    super(SqlDatabase.Dialect.SQLITE);
  }
}
