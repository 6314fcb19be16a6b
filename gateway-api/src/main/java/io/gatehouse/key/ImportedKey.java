package io.gatehouse.key;

import java.util.Objects;

/**
 * A key that somebody else has made, and of which only an image is known.
 *
 * @param key with a {@link ApiKey#start()} of {@value SlowHash#SHORTEST_START} to {@value SlowHash#LONGEST_START}
 *     characters when the image is a {@link SlowHash}
 */
public record ImportedKey(ApiKey key, KeyImage image) {

  public ImportedKey {
    Objects.requireNonNull(image, "image");
    int start = key.start().length();
    if (image instanceof SlowHash && (start < SlowHash.SHORTEST_START || start > SlowHash.LONGEST_START)) {
      throw new IllegalArgumentException(
          "start: " + start + " characters (expected: " + SlowHash.SHORTEST_START + " to " + SlowHash.LONGEST_START
              + ", by which the bcrypt hash is found)");
    }
  }
}
