package io.gatehouse.core.sql;

class SqlTogetherInPostgresTest extends SqlTogetherTest {
  SqlTogetherInPostgresTest() {
    super(SqlDatabase.Dialect.POSTGRESQL);
  }
}
