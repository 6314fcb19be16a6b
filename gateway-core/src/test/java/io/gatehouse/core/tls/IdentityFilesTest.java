package io.gatehouse.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class IdentityFilesTest {

  private static final String LOCALHOST = "dns:localhost";

  @TempDir static Path made;
  private static Authority authority;
  private static Authority.Pair first;
  private static Authority.Pair second;

  @TempDir Path directory;

  @BeforeAll
  static void make() throws Exception {
    authority = new Authority(made);
    first = authority.issue("first", "EC", LOCALHOST);
    second = authority.issue("second", "EC", LOCALHOST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void a_chain_and_its_key_are_read(String algorithm) throws Exception {
    Authority.Pair pair = authority.issue("server", algorithm, LOCALHOST);

    Identity identity = new IdentityFiles(pair.certificate(), pair.key()).read();

    assertThat(identity.chain()).hasSize(2);
    assertThat(identity.subject().getName()).isEqualTo("CN=server");
    assertThat(identity.key().getFormat()).isEqualTo("PKCS#8");
    assertThat(identity.toString()).startsWith("CN=server until 20").doesNotContain("rivate");
  }

  @Test
  void one_file_may_hold_both() throws Exception {
    Path both = Files.writeString(directory.resolve("both.pem"),
        Files.readString(first.key()) + Files.readString(first.certificate()));

    assertThat(new IdentityFiles(both, both).read().subject().getName()).isEqualTo("CN=first");
  }

  @Test
  void what_cannot_be_used_is_told_with_the_file_and_without_its_content() throws Exception {
    String base64 = Files.readString(first.key()).lines().skip(1).findFirst().orElseThrow();
    Path directoryItself = directory;
    Path missing = directory.resolve("missing.pem");

    assertThat(fault(missing, first.key())).isEqualTo(missing + ": no such file");
    assertThat(fault(directoryItself, first.key())).isEqualTo(directory + ": a directory (expected: a PEM file)");
    assertThat(fault(file("empty", ""), first.key()))
        .endsWith("empty: no PEM block (expected: -----BEGIN CERTIFICATE-----)");
    assertThat(fault(first.key(), first.key()))
        .endsWith(".key: only PRIVATE KEY (expected: -----BEGIN CERTIFICATE-----)");
    assertThat(fault(first.certificate(), first.certificate())).endsWith(
        ".pem: only CERTIFICATE (expected: -----BEGIN PRIVATE KEY-----, PKCS#8 and not encrypted)");
    assertThat(fault(first.certificate(), file("pkcs1", Authority.pem("RSA PRIVATE KEY", new byte[99])))).endsWith(
        "pkcs1: only RSA PRIVATE KEY (expected: -----BEGIN PRIVATE KEY-----, PKCS#8 and not encrypted)"
            + " (openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW makes one of it)");
    assertThat(fault(first.certificate(), file("locked", Authority.pem("ENCRYPTED PRIVATE KEY", new byte[99]))))
        .contains("locked: an encrypted private key (expected:").endsWith("makes one of it)");
    assertThat(fault(first.certificate(), file("old-locked",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
            + "-----END EC PRIVATE KEY-----\n"))).contains("old-locked: an encrypted private key (expected:");
    assertThat(fault(first.certificate(), file("two", Files.readString(first.key()) + Files.readString(second.key()))))
        .endsWith("two: 2 private keys (expected: one)");
    assertThat(fault(first.certificate(), second.key())).contains("the key of another certificate (expected: that of"
        + " the first one in " + first.certificate() + ", CN=first)");
    assertThat(fault(first.certificate(), file("cut", Files.readString(first.key()).replace(base64, base64.substring(8)))))
        .endsWith("cut: not a key for EC (expected: one, as the certificate is)").doesNotContain(base64);
    assertThat(fault(file("junk", Authority.pem("CERTIFICATE", new byte[99])), first.key()))
        .endsWith("junk: a block CERTIFICATE that is no X.509 certificate");
  }

  @Test
  void a_key_of_another_kind_is_told_from_one_of_another_certificate() throws Exception {
    Authority.Pair rsa = authority.issue("rsa", "RSA", LOCALHOST);

    assertThat(fault(first.certificate(), rsa.key()))
        .endsWith(".key: not a key for EC (expected: one, as the certificate is)");
  }

  @Test
  void a_replaced_pair_is_seen_once_and_half_a_pair_never() throws Exception {
    Authority.Pair live = copy(first);
    IdentityFiles files = new IdentityFiles(live.certificate(), live.key());
    files.read();
    assertThat(files.changed()).isEmpty();

    Authority.Pair.replace(second.certificate(), live.certificate());
    assertThat(files.changed()).isEmpty();
    Authority.Pair.replace(second.key(), live.key());

    assertThat(files.changed()).hasValueSatisfying(
        identity -> assertThat(identity.subject().getName()).isEqualTo("CN=second"));
    assertThat(files.changed()).isEmpty();
  }

  @Test
  void a_pair_that_stays_unfit_is_complained_of_once_and_its_repair_is_seen() throws Exception {
    Authority.Pair live = copy(first);
    IdentityFiles files = new IdentityFiles(live.certificate(), live.key());
    files.read();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(IdentityFiles.class);
    logger.addAppender(log);
    try {
      Authority.Pair.replace(second.certificate(), live.certificate());
      assertThat(files.changed()).isEmpty();
      assertThat(log.list).isEmpty();
      for (int look = 0; look < 5; look++) {
        assertThat(files.changed()).isEmpty();
      }
      assertThat(log.list).hasSize(1);
      assertThat(log.list.get(0).getFormattedMessage()).contains("the one before stays", live.key().toString());

      Files.delete(live.certificate());
      for (int look = 0; look < 5; look++) {
        assertThat(files.changed()).isEmpty();
      }
      assertThat(log.list).hasSize(2);

      live.become(first);
      assertThat(files.changed()).as("what is in use already").isEmpty();
      live.become(second);
      assertThat(files.changed()).isPresent();
      assertThat(log.list).hasSize(2);
    } finally {
      logger.detachAppender(log);
    }
  }

  private Authority.Pair copy(Authority.Pair pair) throws IOException {
    return new Authority.Pair(
        Files.copy(pair.certificate(), directory.resolve("live.pem")), Files.copy(pair.key(), directory.resolve("live.key")));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static String fault(Path certificate, Path key) {
    return catchThrowableOfType(PemException.class, () -> new IdentityFiles(certificate, key).read()).getMessage();
  }
}
