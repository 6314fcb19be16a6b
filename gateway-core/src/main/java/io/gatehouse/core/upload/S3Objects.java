package io.gatehouse.core.upload;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Objects in a bucket of a store that speaks S3, addressed by path. Content is gathered in a directory of this node and sent
 * whole, in one request: its name follows from its hash, which is not known before, and a PUT that breaks off leaves nothing.
 */
public final class S3Objects implements ObjectStore {

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** For a request without content, and for each MiB more. */
  private static final Duration ANSWER = Duration.ofSeconds(15);

  /** They are the client's own to send, and may not be said. */
  private static final Set<String> RESTRICTED = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    RESTRICTED.addAll(Set.of("Host", "Content-Length", "Connection", "Expect"));
  }

  private final Bucket bucket;
  private final AwsCredentialsIdentity identity;
  private final Path incoming;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  /**
   * A bucket.
   *
   * @param prefix what stands before the names of objects, without slashes around it; empty: nothing
   */
  public record Bucket(URI endpoint, String region, String name, Optional<String> prefix) {
    public Bucket {
      Objects.requireNonNull(endpoint, "endpoint");
      Objects.requireNonNull(region, "region");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(prefix, "prefix");
    }

    private String key(String object) {
      return prefix.map(before -> before + "/").orElse("") + ObjectName.require(object);
    }
  }

  private S3Objects(Bucket bucket, AwsCredentialsIdentity identity, Path incoming) {
    this.bucket = bucket;
    this.identity = identity;
    this.incoming = incoming;
  }

  /**
   * Opens it; the store is not asked for anything yet.
   *
   * @param accessKey the id of the key to sign with
   * @param secretKey that key
   * @param incoming where content is gathered on this node; made when it is not there
   * @throws IllegalStateException when the library that signs is missing; the message says which
   */
  public static S3Objects open(Bucket bucket, String accessKey, String secretKey, Path incoming) throws IOException {
    Files.createDirectories(incoming);
    try {
      return new S3Objects(bucket, AwsCredentialsIdentity.create(accessKey, secretKey), incoming);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "missing library: add software.amazon.awssdk:http-auth-aws to the class path", e);
    }
  }

  @Override
  public Path incoming() {
    return incoming;
  }

  @Override
  public void put(Path content, Incoming upload) throws IOException {
    SdkHttpRequest request = request(SdkHttpMethod.PUT, upload.name())
        .putHeader("Content-Type", upload.mediaType())
        .putHeader("Content-Length", Long.toString(upload.bytes()))
        .build();
    int status = send(sign(request, () -> read(content)), BodyPublishers.ofFile(content), upload.bytes());
    if (status != 200) {
      throw new IOException("PUT of an object was answered with " + status);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    int status = send(sign(request(SdkHttpMethod.DELETE, name).build(), InputStream::nullInputStream),
        BodyPublishers.noBody(), 0);
    if (status != 204 && status != 200 && status != 404) {
      throw new IOException("DELETE of an object was answered with " + status);
    }
  }

  @Override
  public String source(String name) {
    return "s3://" + bucket.name() + "/" + bucket.key(name);
  }

  @Override
  public void close() {
    // the client ends with its last request
  }

  private SdkHttpRequest.Builder request(SdkHttpMethod method, String object) {
    // Names have no character that would have to be encoded.
    return SdkHttpRequest.builder()
        .method(method)
        .uri(bucket.endpoint().resolve("/" + bucket.name() + "/" + bucket.key(object)));
  }

  private SdkHttpRequest sign(SdkHttpRequest request, ContentStreamProvider payload) {
    SignedRequest signed = signer.sign(signing -> signing
        .identity(identity)
        .request(request)
        .payload(payload)
        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
        .putProperty(AwsV4HttpSigner.REGION_NAME, bucket.region())
        .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
        .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
        .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, true));
    return signed.request();
  }

  private int send(SdkHttpRequest signed, BodyPublisher body, long length) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(signed.getUri())
        .timeout(ANSWER.plusSeconds(length >> 20))
        .method(signed.method().name(), body);
    signed.forEachHeader((name, values) -> {
      if (!RESTRICTED.contains(name)) {
        values.forEach(value -> request.header(name, value));
      }
    });
    try {
      HttpResponse<Void> answer = client.send(request.build(), BodyHandlers.discarding());
      return answer.statusCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static InputStream read(Path content) {
    try {
      return Files.newInputStream(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
