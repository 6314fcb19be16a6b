package io.gatehouse.jetty.admin;

import io.gatehouse.core.fixture.PostgresFixture;
import java.util.Map;

class RandomDocumentsInPostgresTest extends RandomDocumentsTest {

  @Override
  Map<String, String> database() {
    return Map.of(
        "GATEHOUSE_DATABASE_DRIVER", "postgres",
        "GATEHOUSE_DATABASE_DSN", PostgresFixture.shared().newDatabase());
  }
}
