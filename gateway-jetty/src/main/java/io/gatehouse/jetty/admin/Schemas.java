package io.gatehouse.jetty.admin;

import java.util.LinkedHashMap;
import java.util.Map;

/** The documents that administration takes and gives, by name. */
final class Schemas {

  static final Map<String, Schema> ALL = new LinkedHashMap<>();

  private Schemas() {}
}
