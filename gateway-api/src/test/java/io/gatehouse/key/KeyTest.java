package io.gatehouse.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.access.Cidr;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyDigest(-1, 1, 2, 3, 4))
        .withMessage("version: -1 (expected: 0 or more)");
    assertThatIllegalArgumentException().isThrownBy(() -> KeyDigest.ofHex(1, "ab"));
    assertThatIllegalArgumentException().isThrownBy(() -> KeyDigest.ofHex(1, "x".repeat(64)));
  }

  @Test
  void a_digest_is_read_from_its_digits() {
    KeyDigest digest = new KeyDigest(0, 1, -2, 3, Long.MIN_VALUE);

    assertThat(KeyDigest.ofHex(0, digest.hex())).isEqualTo(digest);
    assertThat(KeyDigest.ofHex(0, digest.hex().toUpperCase(Locale.ROOT))).isEqualTo(digest);
  }

  @Test
  void a_suspended_key_is_switched_off_until_it_is_switched_on_again() {
    ApiKey suspended = key(Optional.empty()).suspended(ApiKey.LEAKED);

    assertThat(suspended.usableAt(NOON)).isFalse();
    assertThat(suspended.withName("x").withEnabled(false).suspension()).contains("leaked");
    assertThat(suspended.withEnabled(true)).isEqualTo(key(Optional.empty()));
    assertThatIllegalArgumentException().isThrownBy(() -> new ApiKey("k", "u", "", "gk", Set.of(), List.of(), true,
            Optional.of("leaked"), NOON, Optional.empty(), Optional.empty(), Optional.empty(), "k"))
        .withMessage("enabled: true, suspension: leaked (expected: one of them)");
  }

  @Test
  void a_network_of_a_key_is_kept_once() {
    ApiKey key = key(Optional.empty()).withNetworks(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("10.1.2.3/8")));

    assertThat(key.networks()).containsExactly(Cidr.parse("10.0.0.0/8"));
  }

  @Test
  void routes_begin_with_a_method_or_a_star_and_permissions_with_a_small_letter() {
    assertThat(ApiKey.isRoute("GET")).isTrue();
    assertThat(ApiKey.isRoute("* /img/a:b")).isTrue();
    assertThat(ApiKey.isRoute("images:write")).isFalse();
  }

  @Test
  void a_slow_hash_is_a_bcrypt_of_bearable_cost_and_keeps_to_itself() {
    String tail = "a".repeat(53);
    SlowHash hash = new SlowHash("$2y$14$" + tail);

    assertThat(hash.toString()).doesNotContain("2y");
    for (String text : List.of("", "$2b$10$short", "$2b$15$" + tail, "$2b$03$" + tail, "$2c$10$" + tail, "$1$" + tail)) {
      assertThatIllegalArgumentException().isThrownBy(() -> new SlowHash(text))
          .withMessageStartingWith("hash: (not shown) (expected: ");
    }
  }

  @Test
  void a_key_with_a_slow_hash_needs_a_start_by_which_it_is_found() {
    SlowHash hash = new SlowHash("$2b$10$" + "a".repeat(53));
    for (String start : List.of("", "12345", "x".repeat(33))) {
      ApiKey key = new ApiKey("k", "u", "", start, Set.of(), true, NOON, Optional.empty(), Optional.empty());
      assertThatIllegalArgumentException().isThrownBy(() -> new ImportedKey(key, hash))
          .withMessageStartingWith("start: " + start.length() + " characters (expected: 6 to 32");
      assertThat(new ImportedKey(key, new KeyDigest(0, 1, 2, 3, 4)).key()).isEqualTo(key);
    }
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
