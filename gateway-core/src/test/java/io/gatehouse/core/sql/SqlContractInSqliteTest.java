package io.gatehouse.core.sql;

class SqlContractInSqliteTest extends SqlContractTest {
  SqlContractInSqliteTest() {
    super(SqlDatabase.Dialect.SQLITE);
  }
}
