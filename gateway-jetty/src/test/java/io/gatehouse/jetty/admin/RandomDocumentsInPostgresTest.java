package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.core.fixture.PostgresFixture;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;

class RandomDocumentsInPostgresTest extends RandomDocumentsTest {

  private static final List<String> TABLES = new ArrayList<>();

  private static final String DSN = PostgresFixture.shared().newDatabase();

  private static Connection connection;

  @Override
  Map<String, String> database() {
    return Map.of("GATEHOUSE_DATABASE_DRIVER", "postgres", "GATEHOUSE_DATABASE_DSN", DSN);
  }

  /** How many rows each table has, and which transaction was the last to write one. */
  @Override
  String state() throws Exception {
    if (connection == null) {
      URI dsn = URI.create(DSN);
      String[] login = dsn.getUserInfo().split(":");
      connection =
          DriverManager.getConnection(
              "jdbc:postgresql://" + dsn.getHost() + ":" + dsn.getPort() + dsn.getPath(), login[0], login[1]);
      try (Statement statement = connection.createStatement();
          ResultSet names = statement.executeQuery("SELECT relname FROM pg_stat_user_tables ORDER BY relname")) {
        while (names.next()) {
          TABLES.add(names.getString(1));
        }
      }
      assertThat(TABLES).contains("users", "audit_log");
    }
    StringBuilder state = new StringBuilder();
    try (Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        // xmin is the transaction that has written a row. That of the revision is written as a lock, too, with what it says
        // left as it is: by what the gateway forgets every ten minutes, for one.
        String last = table.equals("revision") ? "latest" : "xmin::text::bigint";
        try (ResultSet rows = statement.executeQuery("SELECT count(*), coalesce(max(" + last + "), 0) FROM " + table)) {
          rows.next();
          state.append(table).append(' ').append(rows.getLong(1)).append(' ').append(rows.getLong(2)).append('\n');
        }
      }
    }
    return state.toString();
  }

  @AfterAll
  static void close() throws Exception {
    connection.close();
  }
}
