package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.api.Test;

class SipHashTest {

  /** The vectors of the reference implementation: key and input are the bytes 0, 1, 2... */
  @ParameterizedTest
  @CsvSource({"8, 6224939a79f5f593", "10, f3b9dd94c5bb5d7a", "12, fbe50e86bc8f1e75", "14, eef27a8e90ca23f7"})
  void it_is_siphash_2_4(int length, String littleEndian) {
    SipHash hash = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
    StringBuilder text = new StringBuilder();
    for (int i = 8; i < length; i += 2) {
      text.append((char) (i | (i + 1) << 8));
    }

    long value = hash.of(0x0706050403020100L, text.toString());

    assertThat(value).isEqualTo(Long.reverseBytes(Long.parseUnsignedLong(littleEndian, 16)));
  }

  @Test
  void another_key_another_hash_and_texts_that_share_a_start_differ() {
    SipHash hash = new SipHash(1, 2);
    Set<Long> seen = new HashSet<>();
    for (String text : new String[] {"", "\0", "\0\0", "a", "ab", "abc", "abcd", "abcde", "abcd\0", "äöüß€"}) {
      assertThat(seen.add(hash.of(7, text))).isTrue();
    }
    assertThat(hash.of(7, "a")).isNotEqualTo(hash.of(8, "a"));
    assertThat(hash.of(7, "a")).isNotEqualTo(new SipHash(1, 3).of(7, "a"));
  }
}
