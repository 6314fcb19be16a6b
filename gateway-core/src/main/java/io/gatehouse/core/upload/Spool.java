package io.gatehouse.core.upload;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where content is gathered: a folder for each start of each node, which holds a lock on a file in it as long as it lives. A
 * folder whose lock can be had is that of a start that is over. For any number of threads.
 */
final class Spool implements AutoCloseable {

  private static final String LOCK = "lock";

  private final Path incoming;
  private final Folder own;

  private Spool(Path incoming, Folder own) {
    this.incoming = incoming;
    this.own = own;
  }

  /**
   * A folder of a directory and the lock on it.
   *
   * @param name of the start
   */
  record Folder(String name, Path path, FileChannel channel, FileLock lock) {

    /** Deletes it with all that it holds. */
    void bury() throws IOException {
      try (channel; DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(path);
    }
  }

  /** @param start what this start is called, unlike any other */
  static Spool open(Path incoming, String start) throws IOException {
    Files.createDirectories(incoming.resolve(start));
    Folder own = lock(incoming.resolve(start), StandardOpenOption.CREATE)
        .orElseThrow(() -> new IOException(incoming.resolve(start) + " is locked by another process"));
    return new Spool(incoming, own);
  }

  /** What this start is called. */
  String start() {
    return own.name();
  }

  /** Where the content of one upload is gathered. */
  Path file(String id) {
    return own.path().resolve(id);
  }

  /** The folders of starts that are over, locked. */
  List<Folder> dead() throws IOException {
    List<Folder> dead = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(incoming, Files::isDirectory)) {
      for (Path folder : folders) {
        if (!folder.equals(own.path())) {
          // Without its file a folder is being made or buried by somebody.
          lock(folder).ifPresent(dead::add);
        }
      }
    }
    return dead;
  }

  @Override
  public void close() throws IOException {
    own.bury();
  }

  private static Optional<Folder> lock(Path folder, StandardOpenOption... how) throws IOException {
    FileChannel channel;
    try {
      List<StandardOpenOption> options = new ArrayList<>(List.of(how));
      options.add(StandardOpenOption.WRITE);
      channel = FileChannel.open(folder.resolve(LOCK), options.toArray(StandardOpenOption[]::new));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another gateway of this process holds it.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null
        ? Optional.empty()
        : Optional.of(new Folder(folder.getFileName().toString(), folder, channel, lock));
  }
}
