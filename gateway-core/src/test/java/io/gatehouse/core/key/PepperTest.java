package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PepperTest {

  @Test
  void the_digest_is_hmac_sha_256() {
    // RFC 4231, test case 6: a key of 131 bytes 0xaa
    byte[] secret = new byte[131];
    java.util.Arrays.fill(secret, (byte) 0xaa);

    String hex = new Pepper(1, secret).digest("Test Using Larger Than Block-Size Key - Hash Key First").hex();

    assertThat(hex).isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  }

  @Test
  void another_pepper_makes_another_digest_and_the_version_is_kept() {
    Pepper one = new Pepper(1, "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
    Pepper two = new Pepper(2, "fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.US_ASCII));

    assertThat(one.digest("k")).isEqualTo(one.digest("k")).isNotEqualTo(two.digest("k"));
    assertThat(two.digest("k").version()).isEqualTo(2);
    assertThat(HexFormat.of().parseHex(one.digest("k").hex())).hasSize(32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "gk_live_ünïcode", "a key of more than the sixty-four characters that have room in a scratch"})
  void a_text_of_any_length_and_alphabet_is_digested_as_its_bytes_in_utf_8(String key) throws Exception {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    Pepper pepper = new Pepper(1, secret);
    pepper.digest("what was digested before leaves nothing behind");

    assertThat(pepper.digest(key).hex())
        .isEqualTo(HexFormat.of().formatHex(mac.doFinal(key.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void digests_of_late_are_not_taken_for_those_of_other_keys() {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    Pepper pepper = new Pepper(1, secret);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 1_000; i++) {
        assertThat(pepper.digest("key " + i)).isEqualTo(new Pepper(1, secret).digest("key " + i));
      }
    }
  }

  @Test
  void a_short_secret_is_refused_without_being_told() {
    assertThatThrownBy(() -> new Pepper(1, "hunter2".getBytes(StandardCharsets.US_ASCII)))
        .hasMessage("secret: 7 bytes (expected: 32 or more)");
  }
}
