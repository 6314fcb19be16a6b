package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.image.SignedUrl;
import io.gatehouse.image.UrlSigner;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesCommandTest {
  private static final String SECRET = "gss_3q2-7wAAESIzRFVmd4iZqrvM3e7_AQIDBAUGBwgJCgs";

  @TempDir Path directory;

  private Shell shell;

  @BeforeEach
  void shell() {
    shell = new Shell(directory);
  }

  @Test
  void a_url_is_signed_without_a_gateway() {
    shell.with("GATEHOUSE_SIGNING_SECRET", SECRET);

    Shell.Result result =
        shell.run("images", "sign", "--key", "k1", "--options", "rs:fit:300:200", "--expires-in", "1h", "local:///a.jpg");

    assertThat(result.exit()).as(result.err()).isZero();
    SignedUrl url = SignedUrl.parse("/i", result.out().strip()).orElseThrow();
    assertThat(new UrlSigner("k1", SECRET).verifies(url)).isTrue();
    assertThat(url.expiresAt()).contains(Shell.NOW.plus(Duration.ofHours(1)));
    assertThat(url.image()).isEqualTo("rs:fit:300:200/bG9jYWw6Ly8vYS5qcGc");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void the_secret_may_be_in_a_file_and_the_url_be_a_whole_one() {
    shell.file("secret", SECRET + "\n");

    String url = shell.json(
            "images", "sign", "--key", "k1", "--secret-file", "secret", "--below", "https://img.example.com/i", "local:///a.jpg")
        .path("url").asText();

    assertThat(url).isEqualTo(new UrlSigner("k1", SECRET).below("https://img.example.com/i")
        .sign("", "local:///a.jpg", Shell.NOW.plus(Duration.ofHours(24))));
  }

  @Test
  void without_a_secret_or_with_what_is_none_it_says_so_and_shows_nothing() {
    Shell.Result without = shell.run("images", "sign", "--key", "k1", "local:///a.jpg");
    Shell.Result missing = shell.run("images", "sign", "--key", "k1", "--secret-file", "nowhere", "local:///a.jpg");
    Shell.Result wrong = shell.with("GATEHOUSE_SIGNING_SECRET", "hush").run("images", "sign", "--key", "k1", "local:///a.jpg");

    assertThat(without.err()).contains("no signing secret").contains("GATEHOUSE_SIGNING_SECRET");
    assertThat(missing.err()).contains("cannot read nowhere");
    assertThat(wrong.err()).contains("secret: 4 characters").doesNotContain("hush");
    assertThat(new int[] {without.exit(), missing.exit(), wrong.exit()}).containsOnly(1);
  }
}
