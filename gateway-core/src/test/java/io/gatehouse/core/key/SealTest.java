package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SealTest {

  private final Seal seal = new Seal(new Pepper(1, "a pepper of more than 32 bytes, for tests".getBytes(StandardCharsets.UTF_8)));
  private final Seal other =
      new Seal(new Pepper(1, "another pepper of more than 32 bytes, too".getBytes(StandardCharsets.UTF_8)));

  @Test
  void what_was_sealed_is_opened_with_the_same_word_and_pepper_only() {
    String sealed = seal.close("word", "a secret: ü");

    assertThat(seal.open("word", sealed)).contains("a secret: ü");
    assertThat(seal.open("Word", sealed)).isEmpty();
    assertThat(other.open("word", sealed)).isEmpty();
  }

  @Test
  void what_was_touched_is_not_opened() {
    String sealed = seal.close("word", "a secret");
    char last = sealed.charAt(sealed.indexOf('.') + 1);
    String touched = sealed.replaceFirst("\\.(.)", "." + (last == 'A' ? 'B' : 'A'));

    assertThat(touched).isNotEqualTo(sealed);
    assertThat(seal.open("word", touched)).isEmpty();
    assertThat(seal.open("word", "")).isEmpty();
    assertThat(seal.open("word", "....")).isEmpty();
  }

  @Test
  void nothing_of_it_can_be_read_and_no_two_are_alike() {
    String first = seal.close("word", "a secret");

    assertThat(first).doesNotContain("word", "secret").isNotEqualTo(seal.close("word", "a secret"));
    assertThat(seal.digest("word")).matches("[0-9a-f]{64}").isEqualTo(seal.digest("word")).isNotEqualTo(other.digest("word"));
  }
}
