package io.gatehouse.core.setup;

import io.gatehouse.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directory of a standalone gateway, and the secrets that it makes there at the first start: for its user only, and
 * the same for every process that uses the directory, even if two start at once.
 */
public final class DataDirectory {

  /** The file of the administrator's token: {@value}. */
  public static final String ADMIN_TOKEN = "admin-token";

  /** The file of the first pepper: {@value}; that of another one has its number behind it, {@code pepper-2}. */
  public static final String PEPPER = "pepper";

  private static final Pattern PEPPER_FILE = Pattern.compile(PEPPER + "(?:-([1-9][0-9]{0,6}))?");

  private static final int SECRET_BYTES = 32;

  private final Path directory;

  public DataDirectory(Path directory) {
    this.directory = directory;
  }

  public Path resolve(String name) {
    return directory.resolve(name);
  }

  /** A secret, and whether this call has made it. */
  public record Kept(String secret, boolean fresh) {

    /** Without the secret. */
    @Override
    public String toString() {
      return "Kept[fresh=" + fresh + "]";
    }
  }

  /**
   * The secret in a file of this name; a new one of 64 hexadecimal digits if there is none.
   *
   * @throws StoreException when the file can be neither read nor made
   */
  public Kept secret(String name) {
    Path file = resolve(name);
    try {
      return new Kept(read(file), false);
    } catch (NoSuchFileException e) {
      return make(file);
    } catch (IOException e) {
      throw new StoreException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * The secret in a file of this name, if there is one.
   *
   * @throws StoreException when the file cannot be read
   */
  public Optional<String> known(String name) {
    Path file = resolve(name);
    try {
      return Optional.of(read(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StoreException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** The name of the file of a pepper. */
  static String pepperFile(int version) {
    return version == 1 ? PEPPER : PEPPER + "-" + version;
  }

  /**
   * The peppers that are there, by their numbers.
   *
   * @throws StoreException when one cannot be read
   */
  SortedMap<Integer, String> peppers() {
    SortedMap<Integer, String> peppers = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Matcher name = PEPPER_FILE.matcher(file.getFileName().toString());
        if (name.matches()) {
          peppers.put(name.group(1) == null ? 1 : Integer.parseInt(name.group(1)), read(file));
        }
      }
    } catch (NoSuchFileException e) {
      return peppers; // nothing was ever kept
    } catch (IOException e) {
      throw new StoreException("cannot read the peppers in " + directory + ": " + e.getMessage(), e);
    }
    return peppers;
  }

  private Kept make(Path file) {
    byte[] random = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(random);
    String secret = HexFormat.of().formatHex(random);
    try {
      Files.createDirectories(directory, permissions("rwx------"));
      Path whole = Files.createTempFile(directory, file.getFileName().toString(), ".new", permissions("rw-------"));
      try {
        Files.writeString(whole, secret + "\n");
        // A link appears whole or not at all, and never replaces the file of a process that was quicker.
        Files.createLink(file, whole);
        return new Kept(secret, true);
      } catch (FileAlreadyExistsException e) {
        return new Kept(read(file), false);
      } finally {
        Files.delete(whole);
      }
    } catch (IOException e) {
      throw new StoreException("cannot make " + file + ": " + e.getMessage(), e);
    }
  }

  private static String read(Path file) throws IOException {
    String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
    if (secret.length() < 16) {
      throw new IOException(secret.length() + " characters (expected: 16 or more)");
    }
    return secret;
  }

  private static FileAttribute<?>[] permissions(String text) {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))}
        : new FileAttribute<?>[0];
  }
}
