package io.gatehouse.core.upload;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Objects as files below one directory, the root of imgproxy's local files. Content is gathered beside them, in the same file
 * system, and moved to its place in one step; a power cut leaves the file or none.
 */
public final class LocalObjects implements ObjectStore {

  /** Where content is gathered, below the root: {@value}. No tenant is called so. */
  public static final String INCOMING = ".incoming";

  private final Path root;

  private LocalObjects(Path root) {
    this.root = root;
  }

  /**
   * Objects below a directory, which is made when it is not there.
   *
   * @throws IOException when it cannot be made or written, or does not tell capital letters from small ones: tenants would see
   *     each other's files
   */
  public static LocalObjects open(Path root) throws IOException {
    Path incoming = root.resolve(INCOMING);
    Files.createDirectories(incoming);
    Path probe = Files.createTempFile(incoming, "Case", ".probe");
    try {
      if (Files.exists(probe.resolveSibling(probe.getFileName().toString().replace("Case", "cASE")))) {
        throw new IOException(root + " does not tell capital letters from small ones");
      }
    } finally {
      Files.delete(probe);
    }
    return new LocalObjects(root.toRealPath());
  }

  @Override
  public Path incoming() {
    return root.resolve(INCOMING);
  }

  @Override
  public void put(Path content, Incoming upload) throws IOException {
    Path file = file(upload.name());
    Path folder = file.getParent();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      sync(folder.getParent());
      sync(root);
    }
    Files.move(content, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(folder);
  }

  @Override
  public void delete(String name) throws IOException {
    Path file = file(name);
    if (Files.deleteIfExists(file)) {
      sync(file.getParent());
    }
  }

  @Override
  public String source(String name) {
    return "local:///" + ObjectName.require(name);
  }

  @Override
  public void close() {
    // holds nothing open
  }

  private Path file(String name) {
    return root.resolve(ObjectName.require(name));
  }

  /** Makes the entries of a directory durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
