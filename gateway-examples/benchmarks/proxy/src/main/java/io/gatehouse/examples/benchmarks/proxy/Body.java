package io.gatehouse.examples.benchmarks.proxy;

import java.util.Locale;

/**
 * What the backends are asked for.
 *
 * @param name the file, by its size: {@code 1k}, {@code 64k}, {@code 1m}
 */
record Body(String name) {

  Body {
    if (!name.matches("[1-9][0-9]{0,4}[km]")) {
      throw new IllegalArgumentException("body: " + name + " (expected: a size such as 1k, 64k or 1m)");
    }
  }

  static Body of(String name) {
    return new Body(name.toLowerCase(Locale.ROOT));
  }

  int bytes() {
    int count = Integer.parseInt(name.substring(0, name.length() - 1));
    return count * (name.endsWith("k") ? 1024 : 1024 * 1024);
  }

  String path() {
    return "/" + name;
  }

  /** As people write it. */
  String text() {
    return name.substring(0, name.length() - 1) + (name.endsWith("k") ? " KiB" : " MiB");
  }
}
