package io.gatehouse.jetty.admin;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

class RandomDocumentsInSqliteTest extends RandomDocumentsTest {

  @TempDir static Path directory;

  private static Connection connection;

  @Override
  Map<String, String> database() {
    return Map.of("GATEHOUSE_DATABASE_DSN", directory.resolve("random.db").toString());
  }

  /** A number that changes with every commit of another connection that has changed anything. */
  @Override
  String state() throws Exception {
    if (connection == null) {
      connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("random.db"));
    }
    try (Statement statement = connection.createStatement();
        ResultSet version = statement.executeQuery("PRAGMA data_version")) {
      version.next();
      return version.getString(1);
    }
  }

  @AfterAll
  static void close() throws Exception {
    connection.close();
  }
}
