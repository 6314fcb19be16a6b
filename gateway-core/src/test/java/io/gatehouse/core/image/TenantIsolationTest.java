package io.gatehouse.core.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.gatehouse.core.image.ImageRewriter.Result;
import io.gatehouse.core.image.ImageRewriter.Rewritten;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;

/**
 * A world of tenants whose sources lie next to each other, and what each can reach of the others' with sources that are
 * spelled in all the ways by which servers are misled. What is read is decided by a model of many servers: whatever is
 * forwarded for a tenant has to be its own in the eyes of each of them.
 */
class TenantIsolationTest {

  private static final String[] NAMES = {"acme", "acme2", "acm", "Acme-x", "a", "ab"};
  private static final ImageRewriter REWRITER = ImageRewriter.unsigned();

  private final Random random = new Random(2411);

  /** One side of a pair: what is its own, and what it may read. */
  private record Tenant(String name, List<String> roots, List<Area> areas, ImagePolicy policy) {

    static Tenant of(String name, int number) {
      List<String> roots = List.of(
          "https://" + name.toLowerCase(Locale.ROOT) + ".example.com",
          "https://*." + name.toLowerCase(Locale.ROOT) + ".example.net",
          "https://shared.example.org/" + name,
          "http://ports.example.org:" + (8000 + number),
          "http://10.0.0." + number,
          "local:///tenants/" + name + "/",
          "s3://bucket-" + name + "/",
          "s3://shared/" + name + "/pictures",
          "gs://shared/" + name + "/",
          "abs://shared/x/" + name + "/",
          "swift://" + name + "/c/");
      ImagePolicy policy = ImagePolicy.builder().sources(roots.toArray(String[]::new)).build();
      return new Tenant(name, roots, roots.stream().map(Area::of).toList(), policy);
    }

    String source(Random random) {
      String root = roots.get(random.nextInt(roots.size()));
      return root.replace("*.", "img.") + (root.endsWith("/") ? "" : "/") + "dir/a.jpg";
    }
  }

  @Test
  void no_url_of_one_tenant_reads_a_source_of_another() {
    List<Tenant> tenants = new ArrayList<>();
    for (int i = 0; i < NAMES.length; i++) {
      tenants.add(Tenant.of(NAMES[i], i + 1));
    }
    int forwarded = 0;

    for (Tenant tenant : tenants) {
      for (Tenant other : tenants) {
        for (int i = 0; i < 1000; i++) {
          String source = mutated(tenant, other);
          Result result = REWRITER.rewrite(path(source), tenant.policy);
          if (result instanceof Rewritten rewritten) {
            String read = ImagePath.parse(rewritten.target()).source().url();
            for (Server server : Server.values()) {
              String owner = owner(server.reads(read), tenants);
              if (!owner.equals(tenant.name)) {
                fail("%s of %s is %s's to %s", source, tenant.name, owner, server);
              }
            }
            forwarded++;
          }
        }
      }
    }

    assertThat(forwarded).isBetween(5_000, 50_000);
  }

  @Test
  void every_tenant_reads_its_own() {
    for (int i = 0; i < NAMES.length; i++) {
      Tenant tenant = Tenant.of(NAMES[i], i + 1);
      for (int n = 0; n < 200; n++) {
        assertThat(REWRITER.rewrite(path(tenant.source(random)), tenant.policy)).isInstanceOf(Rewritten.class);
      }
    }
  }

  /** The model can be misled, or nothing would be shown by its not being misled. */
  @Test
  void the_servers_of_the_model_are_misled_by_what_is_not_forwarded() {
    List<Tenant> tenants = List.of(Tenant.of("acme", 1), Tenant.of("a", 5));

    assertThat(owner(Server.DECODES_TWICE.reads("local:///tenants/acme/%252e%252e/a/x"), tenants)).isEqualTo("a");
    assertThat(owner(Server.WINDOWS.reads("https://shared.example.org/acme/..\\a\\x"), tenants)).isEqualTo("a");
    assertThat(owner(Server.TOMCAT.reads("https://shared.example.org/acme/..;/a/x"), tenants)).isEqualTo("a");
    assertThat(owner(Server.PLAIN.reads("https://acme.example.com@a.example.com/x"), tenants)).isEqualTo("a");
    assertThat(owner(Server.PLAIN.reads("https://x.a.example.net/x"), tenants)).isEqualTo("a");
    assertThat(owner(Server.PLAIN.reads("https://a.example.net/x"), tenants)).isEqualTo("nobody");
    assertThat(owner(Server.TAKES_QUERIES_FOR_KEYS.reads("s3://shared/acme/pictures/?/../../../a/pictures/x"), tenants))
        .isEqualTo("a");
  }

  private String path(String source) {
    if (random.nextBoolean()) {
      return "/rs:fill:10:10/" + Base64Url.encode(source);
    }
    StringBuilder plain = new StringBuilder("/plain/");
    for (byte b : source.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      boolean safe = Word.letterOrDigit(c) || "-._~/:;=&+,".indexOf(c) >= 0;
      plain.append(safe ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return plain.toString();
  }

  /** A source of the other one, or of its own with a way to the other's, spelled in misleading ways. */
  private String mutated(Tenant tenant, Tenant other) {
    String source = switch (random.nextInt(6)) {
      case 0 -> other.source(random);
      case 1 -> tenant.source(random);
      case 2 -> climbing(tenant.source(random), other);
      case 3 -> authorities(tenant, other);
      case 4 -> tenant.source(random).replace(tenant.name, other.name);
      default -> tenant.source(random).replaceFirst("(?<=[a-z])/dir",
          oneOf("", "x", ".", "%00", "%20") + oneOf("/", "") + other.name + "/dir");
    };
    for (int i = random.nextInt(4); i > 0; i--) {
      source = spelled(source, tenant, other);
    }
    return source;
  }

  private String climbing(String source, Tenant other) {
    String up = oneOf("../", "..%2f", "%2e%2e/", "%2E%2E%2F", "%252e%252e%252f", "..\\", "..%5c", "..;/",
        "..;a=b/", ".%2e/", "%c0%ae%c0%ae/", "．．/", "..／", "./../", "/../", "%25252e%25252e/", "..%00/", "..%u2215", "?/../", "#/../");
    return source.replaceFirst("dir/a.jpg$",
        Matcher.quoteReplacement(up.repeat(1 + random.nextInt(4)) + oneOf("", "tenants/") + other.name
            + oneOf("", "/pictures") + "/dir/a.jpg"));
  }

  private String authorities(Tenant tenant, Tenant other) {
    String own = tenant.name.toLowerCase(Locale.ROOT) + ".example.com";
    String others = other.name.toLowerCase(Locale.ROOT) + ".example.com";
    String authority = oneOf(own + "@" + others, own + "%40" + others, own + "\\@" + others, others + "#@" + own,
        others + "?@" + own, others + "/@" + own, own + "." + others, others + "." + own, own + ":443@" + others,
        own + ":8443", others + "\u3002",
        own.replace(".", "\u3002"), own + "\t@" + others, own + "/\\" + others, "[" + own + "]", own + ":@" + others,
        "x." + own, own + ".", others + ".", "10.0.0." + (1 + random.nextInt(9)), "10.1", "167772162", "0x0a000002",
        "[::ffff:10.0.0.2]", "xn--" + others, own.replace('a', '\u0430'));
    return oneOf("http", "https", "HTTPS") + oneOf("://", ":/", ":", "://") + authority
        + oneOf("/dir/a.jpg", "", ":80/a");
  }

  private String spelled(String source, Tenant tenant, Tenant other) {
    int at = random.nextInt(source.length());
    String character = source.substring(at, at + 1);
    return switch (random.nextInt(12)) {
      case 0 -> source.toUpperCase(Locale.ROOT);
      case 1 -> source.substring(0, at) + String.format("%%%02x", (int) character.charAt(0)) + source.substring(at + 1);
      case 2 -> source.replace("%", "%25");
      case 3 -> source.replace("/", oneOf("//", "/./", "\\", "%2f", "/x/../"));
      case 4 -> source.replace("://", oneOf(":///", ":/", "://" + other.name + "@", "://" + tenant.name + "/"));
      case 5 -> source.substring(0, at)
          + oneOf(" ", "\t", "\u0000", "\u200b", "..", "/", "?", "#", "@", ";", ":") + source.substring(at);
      case 6 -> source + oneOf("/..", "/../../" + other.name + "/a", "?x", "#x", "/.", "%2e%2e", "/..;/a");
      case 7 -> source.replace(".", oneOf("\u3002", "%2e", "．", ".."));
      case 8 -> source.replaceFirst("example", oneOf("EXAMPLE", "ex\u0430mple", "%65xample"));
      case 9 -> source.replace(tenant.name,
          oneOf(tenant.name.toUpperCase(Locale.ROOT), other.name, tenant.name + ".", tenant.name + " "));
      case 10 -> source.replaceFirst("^[a-z0-9]+:",
          oneOf("http:", "local:", "s3:", "gs:", "abs:", "swift:", "file:", "S3:"));
      default -> source.substring(0, at) + source.substring(Math.min(source.length(), at + 1 + random.nextInt(3)));
    };
  }

  private String oneOf(String... of) {
    return of[random.nextInt(of.length)];
  }

  /** How a server, a store or a version of imgproxy may understand a source. */
  private enum Server {
    PLAIN(0), DECODES_ONCE(1), DECODES_TWICE(2), DECODES_THRICE(3), WINDOWS(1), TOMCAT(1), TAKES_QUERIES_FOR_KEYS(0),
    TAKES_DECODED_QUERIES_FOR_KEYS(1), COLLAPSES_SLASHES(1);

    private final int decodes;

    Server(int decodes) {
      this.decodes = decodes;
    }

    /** What is read in the end: {@code scheme://host:port/path} without dots. */
    String reads(String url) {
      int colon = url.indexOf("://");
      if (colon < 0) {
        return url;
      }
      String scheme = url.substring(0, colon);
      String rest = url.substring(colon + 3);
      boolean web = scheme.startsWith("http");
      boolean wholeKey = !web && name().contains("QUERIES");
      if (!wholeKey) {
        rest = rest.split("[?#]", 2)[0];
      }
      int slash = rest.indexOf('/');
      String authority = slash < 0 ? rest : rest.substring(0, slash);
      String path = slash < 0 ? "/" : rest.substring(slash);
      authority = authority.substring(authority.lastIndexOf('@') + 1);
      if (web && authority.indexOf(':') < 0) {
        authority += scheme.equals("http") ? ":80" : ":443";
      }
      for (int i = 0; i < decodes; i++) {
        path = decoded(path);
      }
      if (this == WINDOWS) {
        path = path.replace('\\', '/').replace('．', '.').replace('／', '/').replace('\u2215', '/');
      }
      if (this == TOMCAT) {
        path = path.indexOf(';') < 0 ? path : path.replaceAll(";[^/]*", "");
      }
      if (this == COLLAPSES_SLASHES) {
        path = path.contains("//") ? path.replaceAll("/+", "/") : path;
      }
      return scheme + "://" + authority + resolved(path);
    }

    private static String decoded(String path) {
      StringBuilder decoded = new StringBuilder();
      for (int i = 0; i < path.length(); i++) {
        char c = path.charAt(i);
        boolean encoded = c == '%' && i + 2 < path.length()
            && Word.hexDigit(path.charAt(i + 1)) && Word.hexDigit(path.charAt(i + 2));
        if (encoded) {
          decoded.append((char) Integer.parseInt(path.substring(i + 1, i + 3), 16));
          i += 2;
        } else {
          decoded.append(c);
        }
      }
      return decoded.toString().replace("\u00c0\u00ae", ".");
    }

    private static String resolved(String path) {
      Deque<String> segments = new ArrayDeque<>();
      for (String segment : path.substring(1).split("/", -1)) {
        if (segment.equals("..")) {
          segments.pollLast();
        } else if (!segment.equals(".")) {
          segments.addLast(segment);
        }
      }
      return "/" + String.join("/", segments);
    }
  }

  /** Whose it is, by the longest root that it lies below; nobody's otherwise. */
  private static String owner(String read, List<Tenant> tenants) {
    String owner = "nobody";
    int longest = 0;
    for (Tenant tenant : tenants) {
      for (Area area : tenant.areas) {
        if (area.end.length() > longest && area.holds(read)) {
          owner = tenant.name;
          longest = area.end.length();
        }
      }
    }
    return owner;
  }

  /** A root as the servers read it, without slash at its end; all names below one if its host begins with a dot. */
  private record Area(String scheme, String end) {

    static Area of(String root) {
      String canonical = Server.PLAIN.reads(root.replace("*.", "."));
      int host = canonical.indexOf("://") + 3;
      String end = canonical.substring(host);
      return new Area(canonical.substring(0, host), end.endsWith("/") ? end.substring(0, end.length() - 1) : end);
    }

    boolean holds(String read) {
      if (!read.startsWith(scheme)) {
        return false;
      }
      int from = scheme.length();
      if (end.startsWith(".")) {
        int slash = read.indexOf('/', from);
        from = Math.max(from, slash - end.length());
      }
      int after = from + end.length();
      return read.startsWith(end, from) && (read.length() == after || read.charAt(after) == '/');
    }
  }
}
