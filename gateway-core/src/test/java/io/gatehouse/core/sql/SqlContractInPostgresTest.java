package io.gatehouse.core.sql;

class SqlContractInPostgresTest extends SqlContractTest {
  SqlContractInPostgresTest() {
    super(SqlDatabase.Dialect.POSTGRESQL);
  }
}
