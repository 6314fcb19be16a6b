package io.gatehouse.core.sql;

class SqlPlanStoreInPostgresTest extends SqlPlanStoreTest {
  SqlPlanStoreInPostgresTest() {
    super(SqlDatabase.Dialect.POSTGRESQL);
  }
}
