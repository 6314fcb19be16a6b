package io.gatehouse.key;

import java.util.regex.Pattern;

/**
 * The bcrypt hash of a key that was imported. It has salt, and so cannot be searched for: the key is found by its
 * {@link ApiKey#start()}, and then compared, which is slow on purpose. Kept until the key is used for the first time.
 *
 * @param text in the form of crypt(3): {@code $2b$10$} and 53 characters, the cost being 4 to {@value #HIGHEST_COST}
 */
public record SlowHash(String text) implements KeyImage {

  /** The shortest start by which a key is found, in characters: {@value}. */
  public static final int SHORTEST_START = 6;

  /** The longest start by which a key is found, in characters: {@value}. */
  public static final int LONGEST_START = 32;

  /** Of 2^14 rounds, about a second: more would let one request hold a processor for long. */
  public static final int HIGHEST_COST = 14;

  private static final Pattern FORM = Pattern.compile("\\$2[aby]\\$(0[4-9]|1[0-4])\\$[./0-9A-Za-z]{53}");

  public SlowHash {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "hash: (not shown) (expected: bcrypt as $2b$10$ and 53 characters, of a cost of 4 to " + HIGHEST_COST + ")");
    }
  }

  /** Without the hash. */
  @Override
  public String toString() {
    return "SlowHash";
  }
}
