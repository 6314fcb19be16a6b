package io.gatehouse.core.upload;

import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.upload.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of one upload while it arrives: written to a file, hashed and counted piece by piece, refused as soon as it is
 * known that it will be. {@link #close} undoes all of it unless {@link #finish} has stored it. For one thread.
 */
public final class Arrival implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Arrival.class);

  /** The first room that is taken for content of unknown length, then twice as much each time. */
  private static final long FIRST_STEP = 256 * 1024;

  /** When so much has come, the header is looked at for the first time: in most images it is there by then. */
  private static final int EARLY = 64 * 1024;

  private final Uploads uploads;
  private final Uploader uploader;
  private final String id;
  private final UploadRules rules;
  private final MessageDigest digest = ObjectName.sha256();
  private final byte[] head = new byte[ImageType.SNIFFED];

  private @Nullable FileChannel file;
  private @Nullable ImageType type;

  /** Whether there is a row of it. */
  private boolean begun;

  /** Whether nothing is to be undone any more. */
  private boolean settled;

  private boolean lookedEarly;
  private long charged;
  private long written;

  Arrival(Uploads uploads, Uploader uploader, String id, UploadRules rules) {
    this.uploads = uploads;
    this.uploader = uploader;
    this.id = id;
    this.rules = rules;
  }

  void open(long declared) throws IOException, RefusedUpload {
    file = FileChannel.open(
        path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    begun = true;
    uploads.rows().begin(id, uploader.user(), uploader.key(), uploads.spool().start(), uploads.now());
    Optional<Refusal> refusal = declared == 0 ? Optional.empty() : charge(declared);
    if (refusal.isPresent()) {
      throw new RefusedUpload(refusal.get());
    }
  }

  /** How many bytes have come. */
  public long written() {
    return written;
  }

  /**
   * Takes the next piece.
   *
   * @throws RefusedUpload when it is known by now that the content is not taken
   */
  public void write(byte[] bytes, int offset, int length) throws IOException, RefusedUpload {
    rules.checkBytes(written + length);
    makeRoom(written + length);
    if (written < head.length) {
      System.arraycopy(bytes, offset, head, (int) written, (int) Math.min(length, head.length - written));
    }
    digest.update(bytes, offset, length);
    ByteBuffer piece = ByteBuffer.wrap(bytes, offset, length);
    while (piece.hasRemaining()) {
      channel().write(piece);
    }
    written += length;
    if (type == null && written >= head.length) {
      type = ImageType.of(head);
    }
    if (type != null && !lookedEarly && written >= EARLY) {
      lookedEarly = true;
      lookEarly(type);
    }
  }

  /**
   * Looks at all of it and stores it.
   *
   * @throws RefusedUpload when it is not taken
   */
  public Uploads.Stored finish() throws IOException, RefusedUpload {
    if (written == 0) {
      throw new RefusedUpload(RefusedUpload.Why.EMPTY, "There is no content.");
    }
    ImageType found = type == null ? ImageType.of(Arrays.copyOf(head, (int) Math.min(written, head.length))) : type;
    ImageHeader image = header(found);
    rules.check(image);
    channel().force(true);
    if (charged > written) {
      uploads.rows().reserve(id, written);
      uploads.room().giveBack(uploader.user(), charged - written);
      charged = written;
    }
    Upload upload = new Upload(
        id,
        uploader.user(),
        uploader.key(),
        ObjectName.of(uploader.folder(), digest.digest(), found),
        written,
        found.mediaType(),
        image.width(),
        image.height(),
        uploads.now().truncatedTo(ChronoUnit.MILLIS));
    Uploads.Stored stored = uploads.store(upload, path());
    settled = stored.fresh();
    return stored;
  }

  /** Undoes it, if it was not stored. What cannot be undone now is when the next start finds it. */
  @Override
  public void close() {
    try {
      if (file != null) {
        file.close();
      }
      Files.deleteIfExists(path());
      if (begun && !settled) {
        uploads.undo(id, charged);
      }
    } catch (IOException | StoreException e) {
      log.warn("An upload of user {} that was not stored is undone by the next start only: {}", uploader.user(), e.toString());
    }
    settled = true;
  }

  private void makeRoom(long needed) throws RefusedUpload {
    if (needed <= charged) {
      return;
    }
    long step = Math.min(Math.max(Math.max(FIRST_STEP, 2 * charged), needed), rules.bytes());
    // Where there is no room for a whole step there may be for what is here.
    if (charge(step).isPresent()) {
      Optional<Refusal> refusal = charge(needed);
      if (refusal.isPresent()) {
        throw new RefusedUpload(refusal.get());
      }
    }
  }

  /** Takes room until so much is taken in all. */
  private Optional<Refusal> charge(long all) {
    uploads.rows().reserve(id, all);
    Optional<Refusal> refusal = uploads.room().take(uploader.user(), all - charged);
    if (refusal.isEmpty()) {
      charged = all;
    } else {
      uploads.rows().reserve(id, charged);
    }
    return refusal;
  }

  /** What is not known yet is no fault here. */
  private void lookEarly(ImageType found) throws IOException, RefusedUpload {
    ImageHeader image;
    try {
      image = header(found);
    } catch (RefusedUpload e) {
      return;
    }
    rules.check(image);
  }

  private ImageHeader header(ImageType found) throws IOException, RefusedUpload {
    FileChannel channel = channel();
    return ImageHeader.read(
        found, new Content((at, into) -> channel.read(ByteBuffer.wrap(into), at), written), rules.frames());
  }

  private Path path() {
    return uploads.spool().file(id);
  }

  private FileChannel channel() {
    FileChannel open = file;
    if (open == null) {
      throw new IllegalStateException("closed");
    }
    return open;
  }
}
