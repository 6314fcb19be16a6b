package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyFormatTest {

  private final KeyFormat format = new KeyFormat("gk", "live");

  @Test
  void a_new_key_has_the_published_form_and_a_right_checksum() {
    String key = format.mint();

    assertThat(key).matches("gk_live_[0-9A-Za-z]{48}");
    assertThat(format.test(key)).isTrue();
    assertThat(format.idOf(key)).hasSize(KeyFormat.ID_LENGTH);
    assertThat(key).startsWith(format.startOf(key)).contains(format.idOf(key));
  }

  @Test
  void no_two_keys_are_alike() {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      keys.add(format.mint());
    }
    assertThat(keys).hasSize(10_000);
  }

  @Test
  void every_single_changed_character_is_noticed() {
    String key = format.mint();
    Random random = new Random(1);
    for (int at = 0; at < key.length(); at++) {
      char other;
      do {
        other = (char) ('0' + random.nextInt(75));
      } while (other == key.charAt(at));
      String changed = key.substring(0, at) + other + key.substring(at + 1);
      assertThat(format.test(changed)).as("character %d", at).isFalse();
    }
  }

  @Test
  void no_character_passes_for_another_with_the_same_last_bits() {
    String key = format.mint();
    for (int at = 0; at < key.length(); at++) {
      for (int above = 0x80; above < 0x10000; above += above < 0x1000 ? 0x80 : 0x1000) {
        String changed = key.substring(0, at) + (char) (key.charAt(at) + above) + key.substring(at + 1);
        assertThat(format.test(changed)).as("character %d + %x", at, above).isFalse();
      }
    }
    assertThat(format.test(key)).isTrue();
  }

  @Test
  void other_lengths_prefixes_and_alphabets_are_no_keys() {
    String key = format.mint();

    assertThat(format.test("")).isFalse();
    assertThat(format.test(key + "0")).isFalse();
    assertThat(format.test(key.substring(1))).isFalse();
    assertThat(new KeyFormat("gk", "test").test(key)).isFalse();
    assertThat(format.test(key.substring(0, 20) + "é" + key.substring(21))).isFalse();
  }

  @Test
  void prefix_and_environment_are_short_words() {
    assertThatThrownBy(() -> new KeyFormat("GK", "live")).hasMessageContaining("expected: 1 to 10 lower-case letters");
    assertThatThrownBy(() -> new KeyFormat("gk", "")).isInstanceOf(IllegalArgumentException.class);
  }
}
