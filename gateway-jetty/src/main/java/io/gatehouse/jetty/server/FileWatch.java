package io.gatehouse.jetty.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a file at an interval, and tells when its content is another and the same in two looks: what is being written
 * is not taken for what was meant. By content, because what replaces files (a rename, a volume of Kubernetes with its
 * links) is free with times and inodes. A file that is missing for a while has not changed.
 *
 * <p>Runs on a daemon thread named {@code gatehouse-settings}, which is where is told.
 */
final class FileWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FileWatch.class);

  private final Path file;
  private final Runnable whenChanged;
  private byte[] told;
  private byte[] seen;
  private volatile boolean open = true;
  private @Nullable Thread thread;

  /** What the file holds now is known. */
  FileWatch(Path file, Runnable whenChanged) {
    this.file = file;
    this.whenChanged = whenChanged;
    this.told = content();
    this.seen = told;
  }

  /** Begins to look. Whoever calls owes {@link #close}. */
  static FileWatch start(Path file, Duration interval, Runnable whenChanged) {
    FileWatch watch = new FileWatch(file, whenChanged);
    Thread thread = new Thread(() -> watch.run(interval.toNanos()), "gatehouse-settings");
    thread.setDaemon(true);
    watch.thread = thread;
    thread.start();
    return watch;
  }

  private void run(long intervalNanos) {
    while (open) {
      LockSupport.parkNanos(this, intervalNanos);
      if (open) {
        look();
      }
    }
  }

  void look() {
    byte[] now = content();
    boolean settled = Arrays.equals(now, seen);
    seen = now;
    if (settled && now.length > 0 && !Arrays.equals(now, told)) {
      told = now;
      whenChanged.run();
    }
  }

  private byte[] content() {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      log.debug("{} cannot be read for now", file, e);
      return new byte[0];
    }
  }

  /** Stops looking; does not wait for those who were told. */
  @Override
  public void close() {
    open = false;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
