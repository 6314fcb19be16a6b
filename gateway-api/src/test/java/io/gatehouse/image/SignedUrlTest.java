package io.gatehouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedUrlTest {
  private static final String SECRET = "gss_3q2-7wAAESIzRFVmd4iZqrvM3e7_AQIDBAUGBwgJCgs";
  private static final Instant END = Instant.ofEpochSecond(1_764_000_000);
  private static final String BASE64URL = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

  private final UrlSigner signer = new UrlSigner("4fzyo82mvyr9", SECRET);

  @Test
  void what_was_signed_is_read_and_verified() {
    String path = signer.sign("rs:fit:300:200", "local:///a.jpg", END.plusMillis(999));

    SignedUrl url = SignedUrl.parse("/i", path).orElseThrow();

    assertThat(path).startsWith("/i/4fzyo82mvyr9/1764000000/").endsWith("/rs:fit:300:200/bG9jYWw6Ly8vYS5qcGc");
    assertThat(url.expiresAt()).contains(END);
    assertThat(signer.verifies(url)).isTrue();
    assertThat(url.expiredAt(END.minusMillis(1))).isFalse();
    assertThat(url.expiredAt(END)).isTrue();
    assertThat(new UrlSigner("4fzyo82mvyr9", SECRET.replace('3', '4')).verifies(url)).isFalse();
    assertThat(new UrlSigner("4fzyo82mvyr8", SECRET).verifies(url)).isFalse();
  }

  @Test
  void a_url_may_have_no_end_no_options_and_begin_otherwise() {
    String whole = signer.below("https://img.example.com/pictures").sign("", "local:///a.jpg");

    assertThat(whole).startsWith("https://img.example.com/pictures/4fzyo82mvyr9/0/").endsWith("/bG9jYWw6Ly8vYS5qcGc");
    SignedUrl url = SignedUrl.parse("/pictures", whole.substring("https://img.example.com".length())).orElseThrow();
    assertThat(url.expiresAt()).isEmpty();
    assertThat(url.expiredAt(Instant.MAX)).isFalse();
    assertThat(signer.verifies(url)).isTrue();
  }

  @Test
  void of_ten_thousand_urls_that_were_changed_none_is_verified() {
    Random random = new Random(4);
    String path = signer.sign("rs:fit:300:200/q:80", "https://example.com/pictures/a.jpg", END);
    Set<String> seen = new HashSet<>(Set.of(path));

    while (seen.size() <= 10_000) {
      String changed = changed(path, random);
      if (seen.add(changed)) {
        assertThat(SignedUrl.parse("/i", changed).filter(signer::verifies)).as(changed).isEmpty();
      }
    }
  }

  /** One to three times a character is replaced, put in or taken away, or two parts change places. */
  private static String changed(String path, Random random) {
    StringBuilder text = new StringBuilder(path);
    for (int times = random.nextInt(3); times >= 0; times--) {
      int at = 3 + random.nextInt(text.length() - 3);
      char c = random.nextInt(8) == 0
          ? (char) (0x20 + random.nextInt(0x60)) : BASE64URL.charAt(random.nextInt(BASE64URL.length()));
      switch (random.nextInt(4)) {
        case 0 -> text.setCharAt(at, c);
        case 1 -> text.insert(at, c);
        case 2 -> text.deleteCharAt(at);
        default -> {
          char other = text.charAt(at);
          int with = 3 + random.nextInt(text.length() - 3);
          text.setCharAt(at, text.charAt(with));
          text.setCharAt(with, other);
        }
      }
    }
    return text.toString();
  }

  @Test
  void every_last_character_of_a_signature_but_one_is_wrong() {
    SignedUrl url = SignedUrl.parse("/i", signer.sign("w:1", "local:///a.jpg", END)).orElseThrow();
    String begin = url.signature().substring(0, 42);

    long verified = BASE64URL.chars()
        .filter(last -> signer.verifies(new SignedUrl(url.key(), url.expiresAt(), begin + (char) last, url.image())))
        .count();

    assertThat(verified).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "/i", "/i/", "/i/k/0/s/x", "/image/k/0/SIG/x", "/i/k/00/SIG/x", "/i/k/01/SIG/x", "/i/k/-1/SIG/x", "/i/k/+1/SIG/x",
    "/i/k/100000000000/SIG/x", "/i/k/-/SIG/x", "/i/k.x/1/SIG/x", "/i//1/SIG/x", "/i/k/1/SIG=/x", "/i/k/1/SIG/", "/i/k/1/SIG",
    "/i/k/1/SIG//x", "/i/k/1/SIG/a b", "/i/k/1/SIG/a?b", "/i/k/1/SIG/a#b", "/i/k/1/SIG/a\\b", "/i/k/1/SIG/\u00fc",
    "/i/k/1/SIG/a\n", "/i/k/1/SIG\n/a", "/i/k%2F/1/SIG/a"
  })
  void what_is_written_otherwise_is_none(String path) {
    assertThat(SignedUrl.parse("/i", path.replace("SIG", "A".repeat(43)))).isEmpty();
  }

  @Test
  void a_path_that_is_too_long_is_none() {
    String path = "/i/k/1/" + "A".repeat(43) + "/";

    assertThat(SignedUrl.parse("/i", path + "x".repeat(SignedUrl.LONGEST - path.length()))).isPresent();
    assertThat(SignedUrl.parse("/i", path + "x".repeat(SignedUrl.LONGEST - path.length() + 1))).isEmpty();
  }

  @Test
  void misuse_is_told_without_the_secret() {
    assertThatThrownBy(() -> new UrlSigner("k", "short")).hasMessageStartingWith("secret: 5 characters (expected:")
        .hasMessageNotContaining("short");
    assertThatThrownBy(() -> new UrlSigner("a/b", SECRET)).hasMessageStartingWith("key: a/b (expected:");
    assertThatThrownBy(() -> signer.sign("rs: 1", "x", END)).hasMessageStartingWith("image: rs: 1/");
    assertThatThrownBy(() -> signer.sign("w:1", "x", Instant.EPOCH)).hasMessageStartingWith("expiresAt:");
    assertThatThrownBy(() -> signer.sign("w:1", Optional.of(END.plusMillis(1)))).hasMessageStartingWith("expiresAt:");
    assertThat(signer.toString()).isEqualTo("UrlSigner[key=4fzyo82mvyr9]");
  }
}
