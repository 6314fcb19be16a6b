package io.gatehouse.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyTest {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

  @Test
  void a_digest_is_its_32_bytes_and_its_version() {
    byte[] bytes = new byte[32];
    for (int i = 0; i < 32; i++) {
      bytes[i] = (byte) (i * 9);
    }

    KeyDigest digest = KeyDigest.of(2, bytes);

    assertThat(digest).isEqualTo(KeyDigest.of(2, bytes.clone())).isNotEqualTo(KeyDigest.of(1, bytes));
    assertThat(digest.a()).isEqualTo(0x0009121b242d363fL);
    assertThat(digest.hex()).hasSize(64).startsWith("0009121b242d363f").endsWith(String.format("%016x", digest.d()));
    bytes[31]++;
    assertThat(digest).isNotEqualTo(KeyDigest.of(2, bytes));
  }

  @Test
  void a_digest_of_another_size_or_version_is_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> KeyDigest.of(1, new byte[31]))
        .withMessage("bytes: 31 (expected: 32)");
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyDigest(0, 1, 2, 3, 4))
        .withMessage("version: 0 (expected: 1 or more)");
  }

  @Test
  void a_key_is_usable_until_the_moment_it_expires() {
    ApiKey key = key(Optional.of(NOON));

    assertThat(key.usableAt(NOON.minusNanos(1))).isTrue();
    assertThat(key.usableAt(NOON)).isFalse();
    assertThat(key.expiredAt(NOON)).isTrue();
    assertThat(key.withExpiresAt(Optional.empty()).usableAt(Instant.MAX)).isTrue();
    assertThat(key.withEnabled(false).usableAt(NOON.minusNanos(1))).isFalse();
    assertThat(key.withEnabled(false).expiredAt(NOON.minusNanos(1))).isFalse();
    assertThat(key.withEnabled(false).withEnabled(true)).isEqualTo(key);
  }

  @Test
  void the_scopes_of_a_key_cannot_be_changed_afterwards() {
    Set<String> scopes = new HashSet<>(Set.of("GET"));
    ApiKey key = new ApiKey("k", "u", "", "gh", scopes, true, NOON, Optional.empty(), Optional.empty());

    scopes.add("POST");

    assertThat(key.scopes()).containsExactly("GET");
  }

  @Test
  void a_name_of_a_user_is_short_visible_and_in_one_line() {
    assertThat(new User("u", "x".repeat(100), true, NOON).withEnabled(false).enabled()).isFalse();
    for (String name : new String[] {"", "  ", "x".repeat(101), "a\nb", "a\u0000", "a\u0085b"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new User("u", name, true, NOON))
          .withMessageStartingWith("name: \"")
          .withMessageEndingWith("\" (expected: 1 to 100 characters, no control characters)")
          .satisfies(thrown -> assertThat(thrown.getMessage().chars().noneMatch(Character::isISOControl)).isTrue());
    }
  }

  @Test
  void a_tenant_has_a_name_that_fits_into_a_path() {
    for (String tenant : new String[] {"a", "Acme", "0", "a.b_c-d", "x".repeat(64)}) {
      assertThat(new User("u", "n", true, NOON, Optional.of(tenant)).withEnabled(false).tenant()).contains(tenant);
    }
    for (String tenant : new String[] {"", ".", "..", "-a", "a b", "a/b", "ä", "a\nb", "x".repeat(65)}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new User("u", "n", true, NOON, Optional.of(tenant)))
          .withMessageStartingWith("tenant: \"")
          .withMessageEndingWith("\" (expected: 1 to 64 letters, digits, ., _ and -)");
    }
  }

  private static ApiKey key(Optional<Instant> expiresAt) {
    return new ApiKey("k", "u", "", "gh", Set.of(), true, NOON.minusSeconds(60), expiresAt, Optional.empty());
  }
}
