package io.gatehouse.core.usage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of the counter files. Several processes, and several gateways of one process, may use it at once: who has
 * a file open holds a lock on it, and a file without such a lock was left by somebody who was killed.
 *
 * <p>Any number of threads. A directory that cannot be written is no error; counters then have no files.
 */
public final class CounterDirectory {

  static final String SUFFIX = ".counters";

  private static final String UNFINISHED = ".new";
  private static final String ASIDE = ".damaged";
  private static final Duration ABANDONED_AFTER = Duration.ofMinutes(5);
  private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final Logger log = LoggerFactory.getLogger(CounterDirectory.class);

  /**
   * The files that this process has open. It must not open them again to ask for their locks: closing a file gives up
   * every lock that the process has on it (fcntl in POSIX).
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path directory;

  /** When a file may be made again after it could not, by {@link System#nanoTime}; 0 when it could. */
  private final AtomicLong pausedUntil = new AtomicLong();

  private final AtomicBoolean told = new AtomicBoolean();

  private CounterDirectory(Path directory) {
    this.directory = directory;
  }

  /** A directory, which is made when the first file is. */
  public static CounterDirectory at(Path directory) {
    return new CounterDirectory(directory.toAbsolutePath().normalize());
  }

  /** A file that its owner has left behind, locked against others until it is closed. */
  record Leftover(Path path, FileChannel channel) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      channel.close();
      OURS.remove(path);
    }

    void delete() throws IOException {
      Files.deleteIfExists(path);
    }

    /** Puts it where it is not found again. */
    Path setAside() throws IOException {
      return Files.move(
          path, path.resolveSibling(path.getFileName() + ASIDE), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Makes the next file of a source.
   *
   * @return empty when that did not work a moment ago either
   */
  Optional<CounterFile> create(String source, int number) throws IOException {
    long until = pausedUntil.get();
    if (until != 0 && System.nanoTime() - until < 0) {
      return Optional.empty();
    }
    try {
      CounterFile file = made(source, number);
      pausedUntil.set(0);
      return Optional.of(file);
    } catch (IOException e) {
      pausedUntil.set(System.nanoTime() + PAUSE_NANOS | 1);
      throw e;
    }
  }

  private CounterFile made(String source, int number) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, permissions("rwx------"));
    }
    Path path = directory.toRealPath().resolve(source + (number == 0 ? "" : "." + (number + 1)) + SUFFIX);
    Path unfinished = path.resolveSibling(path.getFileName() + UNFINISHED);
    FileChannel channel =
        FileChannel.open(
            unfinished,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            permissions("rw-------"));
    try {
      if (channel.tryLock() == null) {
        throw new IOException("cannot lock " + unfinished);
      }
      CounterFile file = CounterFile.format(path, channel, source);
      OURS.add(path);
      // Under its own name only now: nobody finds a file that is not locked and whole.
      Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      OURS.remove(path);
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  /** Says that counters have no file; aloud the first time. */
  void tell(String reason) {
    if (told.compareAndSet(false, true)) {
      log.warn(
          "No counter file in {}: what is counted between two writes to the database will be forgotten if this process"
              + " is killed ({})",
          directory,
          reason);
    } else {
      log.debug("No counter file in {}: {}", directory, reason);
    }
  }

  /** To be called when a file of this directory is closed. */
  void gone(CounterFile file) {
    OURS.remove(file.path());
  }

  /** The files that were left behind, locked. One that cannot be opened is told and left where it is. */
  List<Leftover> leftovers() {
    List<Leftover> found = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return found;
    }
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(directory.toRealPath(), "*{" + SUFFIX + "," + UNFINISHED + "}")) {
      for (Path path : entries) {
        if (path.toString().endsWith(UNFINISHED)) {
          deleteAbandoned(path);
        } else {
          lock(path).ifPresent(found::add);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.warn("Counter files of earlier starts cannot be looked for in {}: {}", directory, e.toString());
    }
    return found;
  }

  private static Optional<Leftover> lock(Path path) {
    if (!OURS.add(path)) {
      return Optional.empty();
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new Leftover(path, channel));
      }
    } catch (NoSuchFileException e) {
      log.debug("{} was deleted by its owner", path);
    } catch (IOException | OverlappingFileLockException e) {
      log.warn("The counter file {} cannot be opened: {}", path, e.toString());
    }
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        log.debug("{} cannot be closed: {}", path, e.toString());
      }
    }
    OURS.remove(path);
    return Optional.empty();
  }

  /** A file that was never finished holds nothing; the one who makes it needs milliseconds. */
  private static void deleteAbandoned(Path path) throws IOException {
    try {
      long age = System.currentTimeMillis() - Files.getLastModifiedTime(path).toMillis();
      if (age > ABANDONED_AFTER.toMillis()) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      log.debug("{} was finished meanwhile", path);
    }
  }

  private FileAttribute<?>[] permissions(String text) {
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))}
        : new FileAttribute<?>[0];
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
