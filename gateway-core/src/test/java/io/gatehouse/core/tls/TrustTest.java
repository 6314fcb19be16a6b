package io.gatehouse.core.tls;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.gatehouse.core.upstream.HttpProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a probe believes, over real sockets. */
class TrustTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @TempDir static Path directory;
  private static Authority authority;
  private static HttpsServer server;

  @BeforeAll
  static void serve() throws Exception {
    authority = new Authority(directory.resolve("ours"));
    Authority.Pair pair = authority.issue("localhost", "EC", "dns:localhost");
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(pair.context()));
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  @Test
  void who_is_certified_by_the_given_authority_is_believed() throws Exception {
    HttpProbe probe = probe(Trust.of(authority.certificate()));

    assertThatCode(() -> probe.check(health("localhost"), TIMEOUT)).doesNotThrowAnyException();
  }

  @Test
  void a_certificate_for_another_name_is_not_believed() throws Exception {
    HttpProbe probe = probe(Trust.of(authority.certificate()));

    assertThatThrownBy(() -> probe.check(health("127.0.0.1"), TIMEOUT)).isInstanceOf(IOException.class);
  }

  @Test
  void neither_java_nor_another_authority_vouches_for_it() throws Exception {
    Authority other = new Authority(directory.resolve("other"));

    assertThatThrownBy(() -> probe(Trust.ofJava()).check(health("localhost"), TIMEOUT))
        .isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> new HttpProbe().check(health("localhost"), TIMEOUT)).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> probe(Trust.of(other.certificate())).check(health("localhost"), TIMEOUT))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void who_trusts_anybody_asks_neither_for_authority_nor_for_a_name() {
    HttpProbe probe = probe(Trust.ofAnybody());

    assertThatCode(() -> probe.check(health("127.0.0.1"), TIMEOUT)).doesNotThrowAnyException();
  }

  @Test
  void a_file_without_certificates_is_refused() throws Exception {
    Path key = authority.issue("other", "EC", "dns:other").key();

    assertThatThrownBy(() -> Trust.of(key)).isInstanceOf(PemException.class)
        .hasMessage(key + ": only PRIVATE KEY (expected: -----BEGIN CERTIFICATE-----)");
  }

  private static HttpProbe probe(Trust trust) {
    return new HttpProbe(trust.context(), trust.verified());
  }

  private static URI health(String host) {
    return URI.create("https://" + host + ":" + server.getAddress().getPort() + "/health");
  }
}
