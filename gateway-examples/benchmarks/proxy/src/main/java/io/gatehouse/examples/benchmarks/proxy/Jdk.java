package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** A Java to run proxies with. */
record Jdk(Path home, String version) {

  static Jdk of(Path home) {
    Properties release = new Properties();
    try (Reader reader = Files.newBufferedReader(home.resolve("release"))) {
      release.load(reader);
    } catch (IOException e) {
      throw new IllegalArgumentException("jdk: " + home + " (expected: the home of a JDK, with bin/ and release)", e);
    }
    return new Jdk(home, release.getProperty("JAVA_VERSION", "unknown").replace("\"", ""));
  }

  static Jdk running() {
    return of(Path.of(System.getProperty("java.home")));
  }

  String java() {
    return home.resolve("bin/java").toString();
  }

  String jcmd() {
    return home.resolve("bin/jcmd").toString();
  }

  /** Its first number: 17 of 17.0.15. */
  String feature() {
    return version.split("\\.")[0];
  }
}
