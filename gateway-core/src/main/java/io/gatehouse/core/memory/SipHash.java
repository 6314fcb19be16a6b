package io.gatehouse.core.memory;

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012) of a number and a text: a hash whose collisions cannot be chosen by whoever
 * does not know the key, so that no client can aim its buckets at another's. Reads the characters as UTF-16LE and
 * allocates nothing.
 */
final class SipHash {

  private final long k0;
  private final long k1;

  SipHash(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  /** The hash of the eight bytes of {@code head} and of the characters. */
  long of(long head, String text) {
    long v0 = k0 ^ 0x736f6d6570736575L;
    long v1 = k1 ^ 0x646f72616e646f6dL;
    long v2 = k0 ^ 0x6c7967656e657261L;
    long v3 = k1 ^ 0x7465646279746573L;
    int length = text.length();
    int words = length >> 2;
    // Word -1 is the head, the last one holds what is left of the text and the length; after it come four rounds more.
    for (int word = -1; word <= words; word++) {
      long m = word < 0 ? head : word < words ? four(text, word << 2) : rest(text, word << 2);
      v3 ^= m;
      for (int round = 0; round < 2; round++) {
        v0 += v1;
        v2 += v3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= m;
    }
    v2 ^= 0xff;
    for (int round = 0; round < 4; round++) {
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private static long four(String text, int at) {
    return text.charAt(at)
        | (long) text.charAt(at + 1) << 16
        | (long) text.charAt(at + 2) << 32
        | (long) text.charAt(at + 3) << 48;
  }

  private static long rest(String text, int at) {
    long word = (8L + 2L * text.length()) << 56;
    for (int i = at; i < text.length(); i++) {
      word |= (long) text.charAt(i) << (16 * (i - at));
    }
    return word;
  }
}
