package io.gatehouse.core.sql;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where a PostgreSQL server is and who logs in, read from
 * {@code postgres://user:password@host:5432/database?sslmode=…}, {@code postgresql://…} or
 * {@code jdbc:postgresql://…}. Not a record: the password must never be printed.
 */
final class PostgresDsn {

  private static final List<String> SCHEMES = List.of("jdbc:postgresql://", "postgresql://", "postgres://");

  /** What libpq, which the short forms come from, calls differently from the driver. */
  private static final Map<String, String> DRIVER_NAMES =
      Map.of("connect_timeout", "connectTimeout", "application_name", "ApplicationName");

  private static final Pattern HOSTS = Pattern.compile("HOST(:PORT)?(,HOST(:PORT)?)*"
      .replace("HOST", "([A-Za-z0-9._-]+|\\[[0-9a-fA-F:.]+\\])")
      .replace("PORT", "[0-9]{1,5}"));
  private static final Pattern WITHOUT_PORT = Pattern.compile("[^:,]+|\\[[^,]+\\]");

  private final String hosts;
  private final String url;
  private final String user;
  private final String password;

  private PostgresDsn(String hosts, String url, String user, String password) {
    this.hosts = hosts;
    this.url = url;
    this.user = user;
    this.password = password;
  }

  /**
   * Reads any of the three forms. User and password are percent-decoded.
   *
   * @throws IllegalArgumentException when it is none of them; the message does not quote it
   */
  static PostgresDsn parse(String dsn) {
    String scheme = SCHEMES.stream().filter(dsn::startsWith).findFirst().orElseThrow(PostgresDsn::malformed);
    String rest = dsn.substring(scheme.length());
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String location = question < 0 ? rest : rest.substring(0, question);
    int at = location.lastIndexOf('@');
    String login = at < 0 ? "" : location.substring(0, at);
    location = location.substring(at + 1);
    int slash = location.indexOf('/');
    String hosts = slash < 0 ? location : location.substring(0, slash);
    String database = slash < 0 ? "" : location.substring(slash + 1);
    if (!HOSTS.matcher(hosts).matches() || database.indexOf('/') >= 0) {
      throw malformed();
    }

    int colon = login.indexOf(':');
    String user = decoded(colon < 0 ? login : login.substring(0, colon));
    String password = colon < 0 ? "" : decoded(login.substring(colon + 1));
    List<String> parameters = new ArrayList<>();
    for (String parameter : query.isEmpty() ? new String[0] : query.split("&")) {
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      String value = equals < 0 ? "" : parameter.substring(equals + 1);
      switch (name) {
        case "user" -> user = decoded(value);
        case "password" -> password = decoded(value);
        default -> parameters.add(DRIVER_NAMES.getOrDefault(name, name) + (equals < 0 ? "" : "=" + value));
      }
    }
    if (database.isEmpty()) {
      database = URLEncoder.encode(user, StandardCharsets.UTF_8);
    }
    String url = "jdbc:postgresql://" + hosts + "/" + database
        + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
    return new PostgresDsn(hosts, url, user, password);
  }

  /** Host and port, for people: {@code db:5432}. */
  String hosts() {
    return WITHOUT_PORT.matcher(hosts).matches() ? hosts + ":5432" : hosts;
  }

  /** For the driver; without user and password. */
  String url() {
    return url;
  }

  /** Empty: the driver's default. */
  String user() {
    return user;
  }

  /** Empty: none. */
  String password() {
    return password;
  }

  @Override
  public String toString() {
    return "PostgreSQL at " + hosts();
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "dsn: (not shown) (expected: postgres://user:password@host:5432/database, with %40 for @, %2F for /,"
            + " %3F for ? and %25 for % inside user and password)");
  }
}
