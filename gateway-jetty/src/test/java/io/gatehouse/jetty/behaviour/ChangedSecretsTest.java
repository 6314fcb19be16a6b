package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.SigningSecrets;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.NodePair;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways: a secret that one of them makes or deletes signs, or signs no more, on the other within a second. */
class ChangedSecretsTest {
  private static final Duration BOUND = Duration.ofSeconds(1);

  @TempDir static Path directory;
  private static NodePair nodes;

  @BeforeAll
  static void start() throws Exception {
    nodes = NodePair.start(directory, PostgresFixture.shared().newDatabase(), """
        images: {key: ab12, salt: cd34, sources: ["local:///"]}
        """);
  }

  @AfterAll
  static void stop() throws Exception {
    nodes.close();
  }

  @Test
  void secrets_made_and_deleted_on_one_node_hold_on_the_other() throws Exception {
    IssuedKey key = nodes.first().key(nodes.first().user("alice"));
    SigningSecrets ofFirst = nodes.first().gatehouse().stores().signing();
    SigningSecrets.Issued old = ofFirst.issue(key.key().id()).orElseThrow();
    String signedWithOld = signed(key, old);
    assertThat(status(nodes.second(), signedWithOld)).isEqualTo(200);
    assertThat(status(nodes.first(), signedWithOld)).isEqualTo(200);

    String signedWithNew = signed(key, ofFirst.issue(key.key().id()).orElseThrow());
    await().atMost(BOUND).pollInterval(Duration.ofMillis(20)).until(() -> status(nodes.second(), signedWithNew) == 200);
    assertThat(status(nodes.second(), signedWithOld)).as("both sign").isEqualTo(200);

    nodes.second().gatehouse().stores().signing().store().deleteSecret(key.key().id(), old.kept().id());
    await().atMost(BOUND).pollInterval(Duration.ofMillis(20)).until(
        () -> status(nodes.first(), signedWithOld) == 403 && status(nodes.second(), signedWithOld) == 403);
    assertThat(status(nodes.first(), signedWithNew)).isEqualTo(200);
  }

  private static String signed(IssuedKey key, SigningSecrets.Issued secret) {
    return new UrlSigner(key.key().id(), secret.secret())
        .sign("w:1/h:1", "local:///a.jpg", Instant.now().plusSeconds(3600));
  }

  private static int status(GatewayNode node, String path) throws Exception {
    return node.get(path).statusCode();
  }
}
