package io.gatehouse.jetty.admin;

import java.util.Map;

class RandomDocumentsInSqliteTest extends RandomDocumentsTest {

  @Override
  Map<String, String> database() {
    return Map.of();
  }
}
