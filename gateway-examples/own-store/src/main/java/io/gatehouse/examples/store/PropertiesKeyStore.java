package io.gatehouse.examples.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.StoreException;
import io.gatehouse.access.Cidr;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keys as files that people can read and edit: one for each key, named by its digest, in the form of
 * {@link Properties}. Switching a key off is {@code enabled=false} in an editor; a directory that is shared by several
 * nodes gives all of them the same keys.
 *
 * <p>Any number of threads and processes. A file appears whole or not at all.
 */
public final class PropertiesKeyStore implements KeyStore {

  private final Path directory;

  /**
   * A store in a directory, which is made if it is not there.
   *
   * @throws StoreException when it cannot be made
   */
  public PropertiesKeyStore(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new StoreException("cannot make " + directory, e);
    }
  }

  @Override
  public Optional<ApiKey> find(KeyDigest digest) {
    Path file = file(digest);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, UTF_8)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      return requireDirectory(e);
    } catch (IOException | IllegalArgumentException e) {
      throw new StoreException("cannot read " + file, e);
    }
    try {
      return Optional.of(read(properties));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new StoreException("not a key: " + file, e);
    }
  }

  /** Keeps a key for good, in the place of what was kept under this digest. */
  public void put(KeyDigest digest, ApiKey key) {
    try {
      StringWriter text = new StringWriter();
      write(key).store(text, null);
      Path whole = Files.createTempFile(directory, "new", ".tmp");
      try {
        Files.writeString(whole, text.toString(), UTF_8, StandardOpenOption.SYNC);
        Files.move(whole, file(digest), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(whole);
      }
    } catch (IOException e) {
      throw new StoreException("cannot keep the key " + key.id() + " in " + directory, e);
    }
  }

  /** A missing file means that there is no such key only while the directory is there, say on its network share. */
  private Optional<ApiKey> requireDirectory(NoSuchFileException cause) {
    if (!Files.isDirectory(directory)) {
      throw new StoreException("away: " + directory, cause);
    }
    return Optional.empty();
  }

  private Path file(KeyDigest digest) {
    return directory.resolve(digest.version() + "-" + digest.hex() + ".properties");
  }

  private static Properties write(ApiKey key) {
    Properties properties = new Properties();
    properties.setProperty("id", key.id());
    properties.setProperty("user", key.user());
    properties.setProperty("name", key.name());
    properties.setProperty("start", key.start());
    properties.setProperty("scopes", String.join("\n", key.scopes()));
    properties.setProperty("networks", key.networks().stream().map(Cidr::toString).collect(Collectors.joining("\n")));
    properties.setProperty("enabled", Boolean.toString(key.enabled()));
    key.suspension().ifPresent(why -> properties.setProperty("suspension", why));
    properties.setProperty("created", key.createdAt().toString());
    key.expiresAt().ifPresent(end -> properties.setProperty("expires", end.toString()));
    key.replaces().ifPresent(id -> properties.setProperty("replaces", id));
    key.replacedBy().ifPresent(id -> properties.setProperty("replaced-by", id));
    properties.setProperty("lineage", key.lineage());
    return properties;
  }

  private static ApiKey read(Properties properties) {
    // One a line: a scope may hold any character but a line break.
    Set<String> scopes =
        properties.getProperty("scopes", "").lines().map(String::strip).collect(Collectors.toUnmodifiableSet());
    String id = required(properties, "id");
    Optional<String> replaces = Optional.ofNullable(properties.getProperty("replaces"));
    return new ApiKey(
        id,
        required(properties, "user"),
        properties.getProperty("name", ""),
        properties.getProperty("start", ""),
        scopes,
        properties.getProperty("networks", "").lines().map(String::strip).map(Cidr::parse).toList(),
        flag(properties.getProperty("enabled", "true")),
        Optional.ofNullable(properties.getProperty("suspension")),
        Instant.parse(required(properties, "created")),
        Optional.ofNullable(properties.getProperty("expires")).map(Instant::parse),
        replaces,
        Optional.ofNullable(properties.getProperty("replaced-by")),
        properties.getProperty("lineage", replaces.orElse(id)));
  }

  /** Not what Boolean reads, for which a slip of the pen is false, and "no" is too. */
  private static boolean flag(String text) {
    return switch (text.strip()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("enabled: " + text + " (expected: true or false)");
    };
  }

  private static String required(Properties properties, String name) {
    String value = properties.getProperty(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + ": absent (expected: a value)");
    }
    return value.strip();
  }
}
