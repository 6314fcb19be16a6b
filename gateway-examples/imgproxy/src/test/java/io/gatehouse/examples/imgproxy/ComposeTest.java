package io.gatehouse.examples.imgproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.settings.ImageSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.examples.imgproxy.Example.Node;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** compose.yaml and what it mounts fit together. No container is started: a build need not have Docker. */
class ComposeTest {

  private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{([A-Z_]+)(?::\\?[^}]*)?}");
  private static final Pattern PINNED = Pattern.compile("[a-z./-]+:v?[0-9]+(?:\\.[0-9]+)+[0-9a-z._-]*");
  private static final List<String> IMGPROXIES = List.of("imgproxy-a", "imgproxy-b");

  @TempDir static Path directory;
  private static Node compose;
  private static Map<String, String> secrets;
  private static Settings settings;

  @BeforeAll
  static void read() throws Exception {
    compose = Example.yaml("compose.yaml");
    secrets = secrets();
    Map<String, String> environment = new HashMap<>();
    service("gatehouse").at("environment").members().forEach((name, value) -> environment.put(name, resolved(value)));
    Path file = Example.FOLDER.resolve("gatehouse.yaml");
    settings = new SettingsSource(Optional.of(file), environment).read().settings();
  }

  /** What init.sh writes, in a folder of its own. */
  private static Map<String, String> secrets() throws Exception {
    Path script = Files.copy(Example.FOLDER.resolve("init.sh"), directory.resolve("init.sh"));
    for (int run = 0; run < 2; run++) { // the second changes nothing
      Process init = new ProcessBuilder("sh", script.toString()).redirectErrorStream(true).start();
      String said = new String(init.getInputStream().readAllBytes());
      assertThat(init.waitFor()).as(said).isZero();
      assertThat(said.isEmpty()).as(said).isEqualTo(run == 0);
    }
    return Example.assignments(directory.resolve(".env"));
  }

  @Test
  void each_secret_that_is_asked_for_is_made_and_no_two_are_alike() throws Exception {
    Set<String> asked = new TreeSet<>();
    VARIABLE.matcher(Example.text("compose.yaml").replaceAll("(?m)^\\s*#.*", "")).results()
        .map(each -> each.group(1)).forEach(asked::add);

    assertThat(secrets.keySet()).containsExactlyInAnyOrderElementsOf(asked);
    assertThat(secrets.values()).doesNotHaveDuplicates().allMatch(value -> value.matches("[0-9a-f]{64}"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(".env"))))
        .isEqualTo("rw-------");
    assertThat(Example.text(".gitignore").lines()).contains(".env");
  }

  @Test
  void images_are_pinned_and_what_is_mounted_and_waited_for_is_there() throws Exception {
    Map<String, Node> services = compose.at("services").members();
    for (Map.Entry<String, Node> each : services.entrySet()) {
      Node service = each.getValue();
      if (service.has("image")) {
        assertThat(service.at("image").text()).as(each.getKey()).matches(PINNED);
      }
      for (Mount mount : mounts(service)) {
        if (mount.from().startsWith(".")) {
          assertThat(Example.FOLDER.resolve(mount.from())).as(each.getKey()).exists();
          assertThat(mount.readOnly()).as(each.getKey() + " " + mount.from()).isTrue();
        } else {
          assertThat(compose.at("volumes").members()).as(each.getKey()).containsKey(mount.from());
        }
      }
      if (service.has("depends_on")) {
        service.at("depends_on").members().forEach((name, condition) -> {
          assertThat(condition.at("condition").text()).isEqualTo("service_healthy");
          assertThat(service(name).has("healthcheck")).as(name).isTrue();
        });
      }
      if (service.has("ports")) {
        assertThat(service.at("ports").texts()).as("nothing is open to others")
            .allMatch(port -> port.startsWith("127.0.0.1:"));
      }
    }
    assertThat(Example.text("Dockerfile")).containsPattern("(?m)^FROM " + PINNED + "$");
  }

  @Test
  void the_jar_that_the_readme_builds_is_what_is_copied_and_nothing_else_is_sent() throws Exception {
    Node build = service("gatehouse").at("build");
    Path context = Example.FOLDER.resolve(build.at("context").text()).normalize();
    String jar = "gateway-jetty/target/gatehouse.jar";

    assertThat(context.resolve("mvnw")).exists();
    assertThat(context.resolve(build.at("dockerfile").text())).isEqualTo(Example.FOLDER.resolve("Dockerfile"));
    assertThat(Example.text("Dockerfile")).contains("COPY " + jar + " ");
    assertThat(Example.text("Dockerfile.dockerignore").lines()).containsExactly("*", "!" + jar);
    assertThat(Files.readString(context.resolve("gateway-jetty/pom.xml"))).contains("/gatehouse.jar</outputFile>");
    assertThat(Files.readString(context.resolve("README.md"))).contains("java -jar " + jar);
    assertThat(Example.text("Dockerfile"))
        .contains("\"--config\", \"" + mount("gatehouse", "./gatehouse.yaml").to() + "\"")
        .contains("install -d -o gatehouse " + settings.dataDir() + " " + settings.upload().directory().orElseThrow());
  }

  @Test
  void a_gateway_can_be_opened_by_the_settings() {
    Gatehouse.check(settings); // throws with all that is wrong

    assertThat(settings.redis()).isPresent();
    assertThat(settings.routes()).hasSize(2);
    assertThat(mount("gatehouse", "gatehouse").to()).isEqualTo(settings.dataDir().toString());
  }

  @Test
  void imgproxy_has_the_key_the_files_and_the_debug_fields_that_the_gateway_counts_on() {
    ImageSettings images = settings.images().orElseThrow();
    for (String name : IMGPROXIES) {
      Map<String, Node> environment = service(name).at("environment").members();
      assertThat(resolved(environment.get("IMGPROXY_KEY"))).isEqualTo(images.pairs().get(0).key().reveal());
      assertThat(resolved(environment.get("IMGPROXY_SALT"))).isEqualTo(images.pairs().get(0).salt().reveal());
      assertThat(resolved(environment.get("IMGPROXY_SECRET"))).isEqualTo(images.secret().orElseThrow().reveal());
      assertThat(environment.get("IMGPROXY_ENABLE_DEBUG_HEADERS").text()).isEqualTo("true");
      assertThat(images.negotiation().autoFormats()).containsExactlyInAnyOrderElementsOf(
          List.of("avif", "webp", "jxl").stream()
              .filter(format -> environment.containsKey("IMGPROXY_AUTO_" + format.toUpperCase(Locale.ROOT)))
              .toList());
      String root = environment.get("IMGPROXY_LOCAL_FILESYSTEM_ROOT").text();
      assertThat(mount(name, "images")).isEqualTo(new Mount("images", root, true));
      assertThat(environment.keySet()).as("what would change paths, answers or signatures behind the gateway's back")
          .noneMatch(each -> each.matches(
              "IMGPROXY_(PATH_PREFIX|BASE_URL|URL_REPLACEMENTS|PRESETS.*|ONLY_PRESETS|SIGNATURE_SIZE|BIND"
                  + "|ARGUMENTS_SEPARATOR)"));
    }
    assertThat(mount("gatehouse", "images"))
        .isEqualTo(new Mount("images", settings.upload().directory().orElseThrow().toString(), false));
    assertThat(images.signatureSize()).isEqualTo(32);
  }

  @Test
  void every_address_is_that_of_a_service() {
    assertThat(backends(settings.images().orElseThrow().pool()))
        .containsExactly(URI.create("http://imgproxy-a:8080"), URI.create("http://imgproxy-b:8080"));
    assertThat(backends("pages")).containsExactly(URI.create("http://gallery:80"));
    assertThat(compose.at("services").members()).containsKeys("imgproxy-a", "imgproxy-b", "gallery");

    Map<String, Node> postgres = service("postgres").at("environment").members();
    assertThat(settings.database().dsn().orElseThrow().reveal()).isEqualTo(
        "postgres://" + postgres.get("POSTGRES_USER").text() + ":" + resolved(postgres.get("POSTGRES_PASSWORD"))
            + "@postgres:5432/" + postgres.get("POSTGRES_DB").text());
    assertThat(settings.redis().orElseThrow().address().getHostString()).isEqualTo("redis");
    assertThat(settings.redis().orElseThrow().password().orElseThrow().reveal())
        .isEqualTo(resolved(service("redis").at("environment", "REDIS_PASSWORD")));
    assertThat(service("gatehouse").at("ports").texts()).containsExactly(
        "127.0.0.1:8080:" + settings.server().port(),
        "127.0.0.1:8081:" + settings.admin().listen().orElseThrow().getPort());
  }

  @Test
  void prometheus_asks_the_gateway_where_it_may_be_asked() throws Exception {
    Node job = Example.yaml("prometheus/prometheus.yml").at("scrape_configs", "0");

    assertThat(job.at("metrics_path").text()).isEqualTo(settings.observability().prometheusPath());
    assertThat(job.at("static_configs", "0", "targets").texts())
        .containsExactly("gatehouse:" + settings.admin().listen().orElseThrow().getPort());
    assertThat(settings.observability().metricsAllow())
        .containsExactly(Cidr.parse(compose.at("networks", "default", "ipam", "config", "0", "subnet").text()));
  }

  @Test
  void grafana_finds_prometheus_and_the_dashboard() throws Exception {
    Node source = Example.yaml("grafana/provisioning/datasources/prometheus.yaml").at("datasources", "0");
    Node provider = Example.yaml("grafana/provisioning/dashboards/gatehouse.yaml").at("providers", "0");

    assertThat(source.at("url").text()).isEqualTo("http://prometheus:9090");
    assertThat(compose.at("services").members()).containsKey("prometheus");
    assertThat(mount("grafana", "./grafana/provisioning").to()).isEqualTo("/etc/grafana/provisioning");
    assertThat(mount("grafana", "./grafana/dashboards").to()).isEqualTo(provider.at("options", "path").text());
    for (Node panel : Example.yaml("grafana/dashboards/gatehouse.json").at("panels").elements()) {
      assertThat(panel.at("datasource", "uid").text()).isEqualTo(source.at("uid").text());
    }
  }

  /** A volume of a service, in the short form. */
  private record Mount(String from, String to, boolean readOnly) {}

  private static List<Mount> mounts(Node service) {
    List<Mount> mounts = new ArrayList<>();
    if (service.has("volumes")) {
      for (String text : service.at("volumes").texts()) {
        String[] parts = text.split(":");
        mounts.add(new Mount(parts[0], parts[1], parts.length > 2 && parts[2].equals("ro")));
      }
    }
    return mounts;
  }

  private static Mount mount(String service, String from) {
    return mounts(service(service)).stream().filter(each -> each.from().equals(from)).findFirst().orElseThrow();
  }

  private static Node service(String name) {
    return compose.at("services", name);
  }

  private static List<URI> backends(String pool) {
    return settings.backends().stream().filter(each -> each.pool().equals(pool)).map(each -> each.uri()).toList();
  }

  /** As compose does it, for the forms that are used here. */
  private static String resolved(Node value) {
    return VARIABLE.matcher(value.text()).replaceAll((MatchResult each) -> secrets.get(each.group(1)));
  }
}
