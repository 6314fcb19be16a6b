package io.gatehouse.examples.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;

class ShortestTest {

  @Test
  void it_prints_a_key_that_works_five_times_a_minute() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    Tomcat tomcat;
    try {
      tomcat = Shortest.start(0);
    } finally {
      System.setOut(console);
    }
    try {
      String key = printed.toString(StandardCharsets.UTF_8).strip();
      int port = tomcat.getConnector().getLocalPort();

      for (int i = 0; i < 5; i++) {
        assertThat(status(port, key)).isEqualTo(200);
      }
      assertThat(status(port, key)).isEqualTo(429);
      assertThat(status(port, key.toLowerCase())).isEqualTo(401);
    } finally {
      tomcat.stop();
      tomcat.destroy();
    }
  }

  private static int status(int port, String key) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hello")).header("X-API-Key", key).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
  }
}
