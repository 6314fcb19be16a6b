package io.gatehouse.core.settings;

import java.util.List;

/**
 * What a file or the environment says of one setting, as it stands there.
 *
 * @param path with the numbers of elements: {@code backends[0].url}
 * @param form how its texts are to be understood
 * @param texts the value; one text unless it is a sequence
 * @param origin of the whole
 */
record Given(Setting<?> setting, String path, Form form, List<Text> texts, Origin origin) {

  /** A text, and its own path and place. */
  record Text(String text, String path, Origin origin) {}

  /** How texts are to be understood. */
  enum Form {
    /** One text of a file. */
    SCALAR,
    /** Texts of a file, each one element; those of a mapping are {@code name: value}. */
    SEQUENCE,
    /** One text that stands for itself; nothing is filled in. */
    LITERAL
  }

  static Given of(Setting<?> setting, String path, Form form, String text, Origin origin) {
    return new Given(setting, path, form, List.of(new Text(text, path, origin)), origin);
  }
}
