package io.gatehouse.core.settings;

import java.util.List;

/** A piece of a YAML file, and where it begins. */
sealed interface Node {

  Origin origin();

  /** What it is, for people. */
  String kind();

  record Scalar(String text, Origin origin) implements Node {
    @Override
    public String kind() {
      return "a single value";
    }
  }

  /** A key without a value, {@code ~}, or {@code null}. */
  record Nothing(Origin origin) implements Node {
    @Override
    public String kind() {
      return "no value";
    }
  }

  /** {@code *name}: not followed. */
  record Alias(Origin origin) implements Node {
    @Override
    public String kind() {
      return "an alias";
    }
  }

  record Sequence(List<Node> items, Origin origin) implements Node {
    @Override
    public String kind() {
      return "a list";
    }
  }

  record Mapping(List<Entry> entries, Origin origin) implements Node {
    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /** One key of a mapping; {@code origin} is the key's. */
  record Entry(String name, Origin origin, Node value) {}
}
