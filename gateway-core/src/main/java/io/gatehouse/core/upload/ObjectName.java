package io.gatehouse.core.upload;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** How objects and the folders that they are in are named: {@code acme/ab/ab01….jpg}. */
public final class ObjectName {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern OBJECT =
      Pattern.compile("~{0,2}[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[0-9a-f]{2}/[0-9a-f]{64}\\.[a-z0-9]{1,8}");

  private ObjectName() {}

  /**
   * The folder of a tenant; of users who belong to none, their own. No two have the same, whatever they are called: tenants are
   * not called anything with a tilde, and whoever is called something else than letters, digits, dots, underscores and hyphens
   * has a folder that is called by its SHA-256.
   */
  public static String folder(Optional<String> tenant, String user) {
    return tenant.map(ObjectName::safe).orElseGet(() -> "~" + safe(user));
  }

  private static String safe(String name) {
    return PLAIN.matcher(name).matches() ? name : "~" + HexFormat.of().formatHex(sha256().digest(utf8(name)));
  }

  /** The name of some content. */
  static String of(String folder, byte[] sha256, ImageType type) {
    String hex = HexFormat.of().formatHex(sha256);
    return folder + "/" + hex.substring(0, 2) + "/" + hex + "." + type.extension();
  }

  /**
   * The name itself, if it is one.
   *
   * @throws IllegalArgumentException when not: whatever else it may be, it must not become a path
   */
  static String require(String name) {
    if (!OBJECT.matcher(name).matches()) {
      throw new IllegalArgumentException("name: " + name.length() + " characters (expected: that of an object)");
    }
    return name;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
