package io.gatehouse.core.image;

/**
 * A path that is not of imgproxy's language, or not of the part of it that is understood here. The message
 * says what stands there and what was expected, and repeats no more than {@value #SHOWN} characters of what
 * was sent. Has no stack trace, because strangers cause it.
 */
public final class ImageSyntaxException extends IllegalArgumentException {

  /** How much of a faulty part a message shows, in characters: {@value}. */
  public static final int SHOWN = 40;

  private final int position;
  private final String part;
  private final String expected;

  ImageSyntaxException(int position, String part, String found, String expected) {
    super(part + ": " + shown(found) + " at " + position + " (expected: " + expected + ")");
    this.position = position;
    this.part = part;
    this.expected = expected;
  }

  /** Where the faulty part begins in the text that was read, in characters from 0. */
  public int position() {
    return position;
  }

  /**
   * The long name of the option, or {@code signature}, {@code options}, {@code source}, {@code extension},
   * {@code path}.
   */
  public String part() {
    return part;
  }

  String expected() {
    return expected;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }

  /** Begun, and without what could break a line of a log or a header. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder(SHOWN + 3);
    for (int i = 0; i < text.length() && i < SHOWN; i++) {
      char c = text.charAt(i);
      shown.append(c > ' ' && c < 0x7f ? c : '?');
    }
    return text.isEmpty() ? "nothing" : text.length() > SHOWN ? shown.append("...").toString() : shown.toString();
  }
}
