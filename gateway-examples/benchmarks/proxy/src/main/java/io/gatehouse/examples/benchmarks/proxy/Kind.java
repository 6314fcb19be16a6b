package io.gatehouse.examples.benchmarks.proxy;

import java.util.Arrays;
import java.util.Locale;

/** The proxies that there are. */
enum Kind {
  NGINX(false),
  HAPROXY(false),
  SPRING_CLOUD_GATEWAY(true),
  UNDERTOW(true),
  VERTX(true),
  JETTY(true),
  GATEHOUSE_BARE(true),
  GATEHOUSE(true),
  GATEHOUSE_SHARED(true);

  private final boolean java;

  Kind(boolean java) {
    this.java = java;
  }

  /** Whether it runs in a JVM. */
  boolean isJava() {
    return java;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Kind of(String text) {
    return Arrays.stream(values()).filter(kind -> kind.text().equals(text)).findFirst().orElseThrow(
        () -> new IllegalArgumentException(
            "contender: " + text + " (expected: " + String.join(", ", Arrays.stream(values()).map(Kind::text).toList())
                + ")"));
  }
}
