package io.gatehouse.core.settings;

/** A text that a type cannot read. Says what was expected, and perhaps what would be right; never quotes the text. */
final class BadValue extends Exception {

  private final String hint;

  BadValue(String expected) {
    this(expected, "");
  }

  BadValue(String expected, String hint) {
    super(expected, null, false, false);
    this.hint = hint;
  }

  String expected() {
    return getMessage();
  }

  String hint() {
    return hint;
  }
}
