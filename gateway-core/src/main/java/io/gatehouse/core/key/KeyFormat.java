package io.gatehouse.core.key;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * How our API keys look: {@code <prefix>_<environment>_<key id><secret><checksum>}, such as {@code gk_live_} and 48
 * letters and digits. The key id has {@value #ID_LENGTH} characters (71 bits, public), the secret
 * {@value #SECRET_LENGTH} (178 bits), the checksum {@value #CHECKSUM_LENGTH}: the CRC-32 of all that precedes, in base
 * 62. A typing error or a made-up key is told from the checksum alone, without a look-up. The underscores let a double
 * click select the whole key.
 *
 * <p>For secret scanners: {@code [a-z]{1,10}_[a-z]{1,10}_[0-9A-Za-z]{48}}. Immutable; any number of threads.
 */
public final class KeyFormat implements Predicate<String> {

  /** Characters of a key id: {@value}. */
  public static final int ID_LENGTH = 12;

  private static final int SECRET_LENGTH = 30;
  private static final int CHECKSUM_LENGTH = 6;
  private static final int START_LENGTH = 4;
  private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /** Of each ASCII character, 1 if it is not one of the digits. */
  private static final byte[] FOREIGN = new byte[128];

  static {
    Arrays.fill(FOREIGN, (byte) 1);
    DIGITS.chars().forEach(c -> FOREIGN[c] = 0);
  }

  private static final Pattern WORD = Pattern.compile("[a-z]{1,10}");

  private final String lead;

  /** For the characters of one text, as bytes; nothing stays in it. */
  private final ThreadLocal<byte[]> scratches;

  private final SecureRandom random = new SecureRandom();

  /**
   * The format with a prefix and environment of 1 to 10 lower-case letters each.
   *
   * @throws IllegalArgumentException when one is not
   */
  public KeyFormat(String prefix, String environment) {
    if (!WORD.matcher(prefix).matches() || !WORD.matcher(environment).matches()) {
      throw new IllegalArgumentException(
          "prefix, environment: " + prefix + ", " + environment + " (expected: 1 to 10 lower-case letters)");
    }
    this.lead = prefix + "_" + environment + "_";
    int length = lead.length() + ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH;
    this.scratches = ThreadLocal.withInitial(() -> new byte[length]);
  }

  /** Makes a new key. */
  String mint() {
    StringBuilder text = new StringBuilder(lead);
    for (int i = 0; i < ID_LENGTH + SECRET_LENGTH; i++) {
      text.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    return text.append(checksum(text)).toString();
  }

  /** Whether the text has this form and its checksum is right. */
  @Override
  public boolean test(String text) {
    int checked = lead.length() + ID_LENGTH + SECRET_LENGTH;
    if (text.length() != checked + CHECKSUM_LENGTH || !text.startsWith(lead)) {
      return false;
    }
    byte[] ascii = scratches.get();
    int foreign = 0;
    for (int i = 0; i < lead.length(); i++) {
      ascii[i] = (byte) text.charAt(i);
    }
    // No branch for each kind of character: they come in no order, and the processor would guess wrong half of the time.
    for (int i = lead.length(); i < text.length(); i++) {
      char c = text.charAt(i);
      foreign |= c < FOREIGN.length ? FOREIGN[c] : 1;
      ascii[i] = (byte) c;
    }
    long crc = crc(ascii, checked);
    Arrays.fill(ascii, (byte) 0);
    return foreign == 0 && endsWith(text, crc);
  }

  /** The public id inside a key of this form. */
  String idOf(String text) {
    return text.substring(lead.length(), lead.length() + ID_LENGTH);
  }

  /** What may be shown of a key so that people recognise it. */
  String startOf(String text) {
    return text.substring(0, lead.length() + START_LENGTH);
  }

  private static String checksum(CharSequence text) {
    byte[] ascii = text.toString().getBytes(StandardCharsets.US_ASCII);
    long rest = crc(ascii, ascii.length);
    char[] digits = new char[CHECKSUM_LENGTH];
    for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
      digits[i] = digit(rest);
      rest /= DIGITS.length();
    }
    return new String(digits);
  }

  /** Whether the text ends with this checksum; asked of every request, and so without writing the checksum down. */
  private static boolean endsWith(String text, long crc) {
    long rest = crc;
    for (int i = 1; i <= CHECKSUM_LENGTH; i++) {
      if (text.charAt(text.length() - i) != digit(rest)) {
        return false;
      }
      rest /= DIGITS.length();
    }
    return true;
  }

  private static char digit(long rest) {
    return DIGITS.charAt((int) (rest % DIGITS.length()));
  }

  private static long crc(byte[] ascii, int end) {
    CRC32 crc = new CRC32();
    crc.update(ascii, 0, end);
    return crc.getValue();
  }
}
