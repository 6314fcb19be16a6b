package io.gatehouse.core.image;

/**
 * Where a tenant's pictures may come from: a website or a part of it, or a root in a store. Compared as
 * parsed URLs and not as text: {@code https://example.com} covers neither {@code https://example.com@bad.com}
 * nor {@code https://example.com.bad.com}, and {@code /photos} covers {@code /photos} and {@code /photos/a},
 * not {@code /photosets}. Immutable; equal when written alike.
 */
public final class AllowedSource {

  private static final String ANY = "*.";

  private final String text;
  private final String scheme;
  private final int port;

  /** With a dot in front if the names below are meant. */
  private final String host;

  private final boolean below;

  /** Without a slash at its end, and so empty if everything is meant. */
  private final String root;

  private AllowedSource(String text, SourceUrl url, boolean below) {
    this.text = text;
    this.scheme = url.scheme();
    this.port = url.port();
    this.host = below ? "." + url.host() : url.host();
    this.below = below;
    String path = url.path();
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    this.root = path;
  }

  /**
   * A source that is allowed.
   *
   * @param text {@code https://img.example.com/photos}, {@code https://*.example.com} for every name below,
   *     {@code http://10.0.0.5:8080}, {@code local:///tenants/acme/}, {@code s3://bucket/prefix/}, and
   *     {@code gs}, {@code abs}, {@code swift} likewise. Without a port, the usual one of the scheme. A root
   *     covers what is below it
   * @throws IllegalArgumentException it is none of these
   */
  public static AllowedSource parse(String text) {
    int host = text.indexOf("://") + 3;
    boolean any = host > 2 && text.startsWith(ANY, host);
    SourceUrl url;
    try {
      url = SourceUrl.parse(any ? text.substring(0, host) + text.substring(host + ANY.length()) : text);
    } catch (ImageSyntaxException fault) {
      throw new IllegalArgumentException(fault.getMessage(), fault);
    }
    if (!url.query().isEmpty()) {
      throw new IllegalArgumentException("source: " + text + " (expected: no query)");
    }
    if (any && !(url.web() && url.named() && url.host().contains("."))) {
      throw new IllegalArgumentException(
          "source: " + text + " (expected: *. before a host name with a dot, of http or https)");
    }
    return new AllowedSource(text, url, any);
  }

  boolean covers(SourceUrl url) {
    return scheme.equals(url.scheme()) && port == url.port() && coversHost(url.host()) && coversPath(url);
  }

  private boolean coversHost(String other) {
    return below ? other.length() > host.length() && other.endsWith(host) : other.equals(host);
  }

  private boolean coversPath(SourceUrl url) {
    String path = url.path();
    if (!path.startsWith(root)) {
      return false;
    }
    if (path.length() == root.length()) {
      return url.web();
    }
    // Of a store, something has to follow the slash, or it is the root itself that would be read.
    return path.charAt(root.length()) == '/' && (url.web() || path.length() > root.length() + 1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AllowedSource source && text.equals(source.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** As it was given. */
  @Override
  public String toString() {
    return text;
  }
}
