package io.gatehouse.jetty.demo;

import io.gatehouse.core.image.ImgproxySigner;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.DataDirectory;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.jetty.server.GatewayServer;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.User;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A gateway with everything that is needed to try it: two image backends with the weights {@value #WEIGHT_A}
 * and {@value #WEIGHT_B}, a user with a key, a website of that user whose pictures have signed URLs, and
 * limits that one can watch but hardly hits. Nothing is read from the environment or the usual file of
 * settings. Its keys begin with {@code gk_demo_}, so no other gateway takes them.
 */
public final class Demo implements AutoCloseable {

  static final int WEIGHT_A = 70;
  static final int WEIGHT_B = 30;
  private static final String NAME = "demo";

  private final GatewayServer server;
  private final Path data;
  private final URI uri;
  private final User user;
  private final IssuedKey key;
  private final String adminToken;
  private final URI page;

  /** Closed in this order. */
  private final Deque<AutoCloseable> resources;

  private Demo(GatewayServer server, String host, Path data, Deque<AutoCloseable> resources) throws IOException {
    this.server = server;
    this.data = data;
    this.uri = server.uri();
    Stores stores = server.gatehouse().stores();
    this.user = user(stores);
    this.key = key(stores, user);
    this.adminToken = new DataDirectory(data).secret(DataDirectory.ADMIN_TOKEN).secret();
    String secret = stores.signing().issue(key.key().id()).orElseThrow().secret();
    UrlSigner signer = new UrlSigner(key.key().id(), secret);
    Gallery gallery = Gallery.start(host, uri, signer, InstantSource.system());
    resources.push(gallery);
    this.page = gallery.uri(uri.getHost());
    this.resources = resources;
  }

  /** One thing to try: what it shows, and the line for a POSIX shell that does it. */
  public record Step(String title, String command) {}

  /**
   * Starts all of it; when this returns, the gateway answers.
   *
   * @param host the address to listen on
   * @param port 0 for any free one
   * @param data where to keep everything; empty: a directory that is deleted on closing
   * @throws IOException when a port cannot be had; nothing is left running
   * @throws io.gatehouse.StoreException when the directory cannot be used
   */
  public static Demo start(String host, int port, Optional<Path> data) throws IOException {
    Deque<AutoCloseable> resources = new ArrayDeque<>();
    try {
      Path directory = data.isPresent() ? data.get() : temporary(resources);
      String imageKey = random();
      String salt = random();
      ImgproxySigner signer = new ImgproxySigner(List.of(ImgproxySigner.Pair.ofHex(imageKey, salt)));
      Predicate<String> signed = path -> isSigned(path, signer);
      SampleBackend a = SampleBackend.start("a", signed);
      resources.push(a);
      SampleBackend b = SampleBackend.start("b", signed);
      resources.push(b);
      Map<String, String> settings = settings(host, port, directory, a.uri(), b.uri());
      settings.put("GATEHOUSE_IMAGES_KEY", imageKey);
      settings.put("GATEHOUSE_IMAGES_SALT", salt);
      settings.put("GATEHOUSE_IMAGES_SOURCES", "local:///");
      settings.put("GATEHOUSE_IMAGES_PRESETS", "thumb: rs:fill:150:150");
      GatewayServer server = GatewayServer.start(new SettingsSource(Optional.empty(), settings));
      resources.push(server);
      return new Demo(server, host, directory, resources);
    } catch (IOException | RuntimeException e) {
      close(resources);
      throw e;
    }
  }

  private static Path temporary(Deque<AutoCloseable> resources) throws IOException {
    Path directory = Files.createTempDirectory("gatehouse-demo");
    resources.push(() -> delete(directory));
    return directory;
  }

  private static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static boolean isSigned(String path, ImgproxySigner signer) {
    int end = path.indexOf('/', 1);
    return end > 0 && signer.verify(path.substring(1, end), path.substring(end));
  }

  private static Map<String, String> settings(String host, int port, Path data, URI a, URI b) {
    Map<String, String> settings = new HashMap<>();
    settings.put("GATEHOUSE_SERVER_HOST", host);
    settings.put("GATEHOUSE_SERVER_PORT", Integer.toString(port));
    settings.put("GATEHOUSE_SERVER_SHUTDOWN_TIMEOUT", "5s");
    settings.put("GATEHOUSE_DATA_DIR", data.toString());
    settings.put("GATEHOUSE_BACKENDS_0_URL", a.toString());
    settings.put("GATEHOUSE_BACKENDS_0_WEIGHT", Integer.toString(WEIGHT_A));
    settings.put("GATEHOUSE_BACKENDS_1_URL", b.toString());
    settings.put("GATEHOUSE_BACKENDS_1_WEIGHT", Integer.toString(WEIGHT_B));
    settings.put("GATEHOUSE_RATE_LIMITS_IP_LEVEL", "none");
    settings.put("GATEHOUSE_RATE_LIMITS_REFUSALS_PER_MINUTE", "0");
    settings.put("GATEHOUSE_RATE_LIMITS_USER_LEVEL_REQUESTS_PER_MINUTE", "600");
    settings.put("GATEHOUSE_QUOTAS_REQUESTS_PER_DAY", "10000");
    settings.put("GATEHOUSE_AUTH_ENVIRONMENT", NAME);
    return settings;
  }

  private static User user(Stores stores) {
    return stores.users().userNamed(NAME).orElseGet(() -> {
      InstantSource clock = InstantSource.system();
      User user =
          new User(TimeOrderedId.next(clock), NAME, true, clock.instant().truncatedTo(ChronoUnit.MILLIS));
      stores.users().addUser(user);
      return user;
    });
  }

  /** A new key at each start, because an old one cannot be shown again; the old one is deleted. */
  private static IssuedKey key(Stores stores, User user) {
    for (ApiKey old : stores.keys().keysOf(user.id())) {
      if (old.name().equals(NAME)) {
        stores.keys().deleteKey(old.id());
      }
    }
    return stores.issuer().issue(user.id(), NAME, Set.of(), Optional.empty());
  }

  /** Where the gateway is: without a slash at the end. */
  public URI uri() {
    return uri;
  }

  /** The key of the sample user. */
  public String key() {
    return key.secret();
  }

  /** The page with the signed pictures. */
  public URI page() {
    return page;
  }

  /** The token of the administrator of this demo. */
  public String adminToken() {
    return adminToken;
  }

  /** Where it keeps its data. */
  Path data() {
    return data;
  }

  /** What to try, in this order. */
  public List<Step> steps() {
    String withKey = " -H 'X-API-Key: " + key() + "' ";
    String sunset = "'" + uri + "/insecure/rs:fit:300:200/plain/local:///sunset.jpg@png'";
    String city = "'" + uri + "/insecure/rs:fill:400:400/plain/local:///city.jpg'";
    return List.of(
        new Step("A picture, made smaller and saved as sunset.png", "curl -o sunset.png" + withKey + sunset),
        new Step(
            "What is left of the limits, in the fields of the answer",
            "curl -s -o /dev/null -D -" + withKey + city),
        new Step("Without a key: 401", "curl -i " + sunset),
        new Step(
            "Who answers ten requests: seven times a, three times b",
            "for i in 1 2 3 4 5 6 7 8 9 10; do curl -s -o /dev/null -D -"
                + withKey + city + " | grep -i x-sample-backend; done | sort | uniq -c"),
        new Step(
            "What the user has used, for the administrator",
            "curl -s -H 'Authorization: Bearer "
                + adminToken + "' '" + uri + "/api/v1/users/" + user.id() + "/usage'"));
  }

  /** Waits until the gateway has stopped. */
  public void join() throws InterruptedException {
    server.join();
  }

  /** Stops all of it, and deletes what was kept in a directory of its own. */
  @Override
  public void close() {
    close(resources);
  }

  private static synchronized void close(Deque<AutoCloseable> resources) {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("a part of the demo cannot be stopped", e);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(Demo::deleteOne);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void deleteOne(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
