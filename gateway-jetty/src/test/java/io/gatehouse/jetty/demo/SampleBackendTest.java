package io.gatehouse.jetty.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleBackendTest {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static SampleBackend backend;

  @BeforeAll
  static void start() throws Exception {
    backend = SampleBackend.start("a");
  }

  @AfterAll
  static void stop() {
    backend.close();
  }

  @ParameterizedTest
  @CsvSource({
    "rs:fit:300:200, sunset.jpg@png, png, 300, 200",
    "resize:fill:64:48, city.jpg, jpeg, 64, 48",
    "rs:fill:1:1, portrait.jpg@png, png, 1, 1",
    "rs:fill:777:31, portrait.jpg, jpeg, 777, 31",
    "rs:force:31:777, sunset.png, png, 31, 777",
    "rs:fit:2100:1400, city.jpg@jpg, jpeg, 2100, 1400",
    "rs:fill:4000:3, sunset.jpg, jpeg, 4000, 3"
  })
  void pictures_have_exactly_the_size_and_format_that_was_asked_for(
      String options, String picture, String format, int width, int height) throws Exception {
    HttpResponse<byte[]> answer = get("/insecure/" + options + "/plain/local:///" + picture);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("image/" + format);
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(answer.body().length);
    assertThat(answer.headers().firstValue("X-Sample-Backend")).contains("a");
    assertThat(format(answer.body())).isEqualToIgnoringCase(format);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(answer.body()));
    assertThat(image.getWidth()).isEqualTo(width);
    assertThat(image.getHeight()).isEqualTo(height);
  }

  @ParameterizedTest
  @CsvSource({"sunset", "city", "portrait"})
  void pictures_show_something(String name) throws Exception {
    HttpResponse<byte[]> answer = get("/insecure/rs:fill:90:90/plain/local:///" + name + ".png");

    BufferedImage image = ImageIO.read(new ByteArrayInputStream(answer.body()));
    assertThat(IntStream.range(0, 90 * 90).map(i -> image.getRGB(i % 90, i / 90)).distinct().count())
        .isGreaterThan(40);
  }

  @Test
  void a_picture_that_is_known_is_not_sent_again() throws Exception {
    String path = "/insecure/rs:fit:30:20/plain/local:///sunset.jpg";
    String tag = get(path).headers().firstValue("ETag").orElseThrow();

    HttpResponse<byte[]> same = get(path, "If-None-Match", "\"other\", " + tag);
    HttpResponse<byte[]> other = get(path, "If-None-Match", "\"other\"");

    assertThat(same.statusCode()).isEqualTo(304);
    assertThat(same.body()).isEmpty();
    assertThat(other.statusCode()).isEqualTo(200);
  }

  @Test
  void it_is_well_and_says_so_like_imgproxy() throws Exception {
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(new String(get("/health").body())).isEqualTo("imgproxy is running");
  }

  @Test
  void what_it_does_not_have_is_told_in_plain_text() throws Exception {
    HttpResponse<byte[]> missing = get("/insecure/plain/local:///nothing.jpg");
    HttpResponse<byte[]> large = get("/insecure/rs:fit:4001:4001/plain/local:///city.jpg");

    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.headers().firstValue("Content-Type")).contains("text/plain");
    assertThat(large.statusCode()).isEqualTo(422);
  }

  @Test
  void a_head_has_the_fields_and_no_body_and_other_methods_are_refused() throws Exception {
    URI picture = backend.uri().resolve("/insecure/rs:fit:30:20/plain/local:///sunset.jpg");

    HttpResponse<byte[]> head =
        send(HttpRequest.newBuilder(picture).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    HttpResponse<byte[]> delete = send(HttpRequest.newBuilder(picture).DELETE());

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow()).isPositive();
    assertThat(head.body()).isEmpty();
    assertThat(delete.statusCode()).isEqualTo(405);
    assertThat(delete.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @Test
  void many_ask_at_once_and_all_are_answered() {
    List<CompletableFuture<HttpResponse<byte[]>>> answers =
        IntStream.range(0, 60)
            .mapToObj(
                i ->
                    HTTP.sendAsync(
                        HttpRequest.newBuilder(
                                backend.uri().resolve("/i/rs:fill:" + (200 + i % 7) + ":200/plain/local:///city.jpg"))
                            .build(),
                        HttpResponse.BodyHandlers.ofByteArray()))
            .toList();

    assertThat(answers).allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
  }

  private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(backend.uri().resolve(path));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String format(byte[] bytes) throws Exception {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      return readers.next().getFormatName();
    }
  }
}
