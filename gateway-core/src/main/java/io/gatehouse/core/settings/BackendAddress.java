package io.gatehouse.core.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Reads the addresses of backends. Two spellings of one address give the same URI, which is the identity of a backend,
 * wherever the address was written.
 */
public final class BackendAddress {

  /** What a backend's address has to be, for messages: {@value}. */
  public static final String EXPECTED = "an address such as http://127.0.0.1:8080, without a path";

  private static final int MOST_PORT = 65535;

  private BackendAddress() {}

  /**
   * Reads an address without anything behind the port but a slash; scheme and host are given in lower case.
   *
   * @throws IllegalArgumentException when it is none; the message does not quote it, since it may hold a password
   */
  public static URI parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw unexpected();
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean http = scheme.equals("http") || scheme.equals("https");
    if (!http || uri.getHost() == null || !bare(uri) || uri.getPort() == 0 || uri.getPort() > MOST_PORT) {
      throw unexpected();
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port);
  }

  private static boolean bare(URI uri) {
    return (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
        && uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
  }

  private static IllegalArgumentException unexpected() {
    return new IllegalArgumentException("url: not the address of a backend (expected: " + EXPECTED + ")");
  }
}
