package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.image.SignedUrl;
import io.gatehouse.image.UrlSigner;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the page of images says of signatures holds in Java and in JavaScript: both make what the vectors say. */
class SignedUrlVectorsTest {
  private static final File IMAGES = new File("../docs/images");

  @Test
  void java_signs_and_reads_what_the_vectors_say() throws Exception {
    JsonNode vectors = new ObjectMapper().readTree(new File(IMAGES, "vectors.json"));

    assertThat(vectors).hasSizeGreaterThan(3);
    for (JsonNode vector : vectors) {
      UrlSigner signer = new UrlSigner(vector.path("key").asText(), vector.path("secret").asText());
      long expiry = vector.path("expiry").asLong();
      Optional<Instant> end = expiry == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(expiry));
      String image = UrlSigner.image(vector.path("options").asText(), vector.path("source").asText());
      String path = vector.path("path").asText();

      assertThat(image).isEqualTo(vector.path("image").asText());
      assertThat(signer.sign(image, end)).isEqualTo(path);
      SignedUrl read = SignedUrl.parse("/i", path).orElseThrow();
      assertThat(read).isEqualTo(new SignedUrl(
          vector.path("key").asText(), end, vector.path("signature").asText(), image));
      assertThat(signer.verifies(read)).isTrue();
      assertThat(read.path("/i")).isEqualTo(path);
    }
  }

  @Test
  void javascript_signs_what_the_vectors_say() throws Exception {
    assumeTrue(isThere("node"), "node is not there: the JavaScript signer was not run");

    Process check = new ProcessBuilder("node", "check.mjs").directory(IMAGES).redirectErrorStream(true).start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(check.waitFor()).as(said).isZero();
    assertThat(said).contains("signed as they should be");
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      return new ProcessBuilder(program, "--version").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
