package io.gatehouse.core.upload;

import io.gatehouse.StoreException;
import io.gatehouse.upload.Upload;
import io.gatehouse.upload.UploadStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes images and stores them, lists and deletes them. The content of each is gathered in a file, in constant memory, and
 * looked at there; then it gets its place under the name that its hash gives it.
 *
 * <p>Order of what is done, so that a process that dies at any moment leaves nothing but what {@link #recover} undoes: the
 * row, the charge, the content; the name in the row, the object, the row shown. When something is deleted: the row hidden,
 * the object, the charge, the row. So no object is without a row, and while row and charge may differ there is a row that is
 * not stored, by which the next start finds whose charge to work out anew.
 *
 * <p>Any number of threads; blocks as files, database and store of objects do. {@link StoreException} when the database
 * cannot answer, {@link IOException} when the objects cannot be reached.
 */
public final class Uploads implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Uploads.class);

  /** No upload takes so long; what is older than this and not stored is nobody's, even if its node never came back. */
  private static final Duration LONGEST = Duration.ofDays(7);

  private static final int ROWS = 500;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int PAUSES = 150;

  private final ObjectStore objects;
  private final UploadStore rows;
  private final Room room;
  private final Supplier<UploadRules> rules;
  private final Supplier<String> ids;
  private final InstantSource clock;
  private final Spool spool;

  private Uploads(
      ObjectStore objects,
      UploadStore rows,
      Room room,
      Supplier<UploadRules> rules,
      Supplier<String> ids,
      InstantSource clock)
      throws IOException {
    this.objects = objects;
    this.rows = rows;
    this.room = room;
    this.rules = rules;
    this.ids = ids;
    this.clock = clock;
    this.spool = Spool.open(objects.incoming(), ids.get());
  }

  /**
   * Opens it.
   *
   * @param objects closed with it
   * @param rules asked for each upload
   * @param ids makes ids that are ordered by time
   * @throws IOException when content cannot be gathered where it is to be
   */
  public static Uploads open(
      ObjectStore objects,
      UploadStore rows,
      Room room,
      Supplier<UploadRules> rules,
      Supplier<String> ids,
      InstantSource clock)
      throws IOException {
    return new Uploads(objects, rows, room, rules, ids, clock);
  }

  /**
   * Begins an upload.
   *
   * @param declared how many bytes the content will have, for which there is room afterwards; negative: unknown
   * @return to be closed
   * @throws RefusedUpload when it is too long already, or there is no room for it
   */
  public Arrival begin(Uploader uploader, long declared) throws IOException, RefusedUpload {
    UploadRules now = rules.get();
    now.checkBytes(declared);
    Arrival arrival = new Arrival(this, uploader, ids.get(), now);
    try {
      arrival.open(Math.max(0, declared));
      return arrival;
    } catch (IOException | RefusedUpload | RuntimeException e) {
      arrival.close();
      throw e;
    }
  }

  /** The rules of this moment. */
  public UploadRules rules() {
    return rules.get();
  }

  /** An upload of a user; empty when they have no such one. */
  public Optional<Upload> upload(String user, String id) {
    return rows.upload(user, id);
  }

  /** A page of the uploads of a user, newest first. */
  public List<Upload> uploads(String user, Optional<UploadStore.After> after, int most) {
    return rows.uploads(user, after, most);
  }

  /** How imgproxy is asked for it. */
  public String source(Upload upload) {
    return objects.source(upload.object());
  }

  /** Deletes an upload of a user. False when they have no such one. */
  public boolean delete(String user, String id) throws IOException {
    Optional<UploadStore.Condemned> condemned = rows.condemn(user, id, spool.start());
    if (condemned.isPresent()) {
      remove(condemned.get(), condemned.get().bytes());
    }
    return condemned.isPresent();
  }

  /**
   * Undoes what starts of nodes have left that are over, and deletes what belongs to users who are not there any more. For the
   * start, and now and then; any number of nodes may do it at once. Bounded: what is left over is for the next time.
   */
  public void recover() throws IOException {
    List<Spool.Folder> dead = spool.dead();
    try {
      recover(dead);
    } finally {
      for (Spool.Folder folder : dead) {
        folder.channel().close(); // those that are not buried are found again
      }
    }
    for (Upload upload : rows.ownerless(ROWS)) {
      delete(upload.user(), upload.id());
    }
  }

  private void recover(List<Spool.Folder> dead) throws IOException {
    List<String> starts = dead.stream().map(Spool.Folder::name).toList();
    List<String> unfinished = rows.unfinished(starts, clock.instant().minus(LONGEST), ROWS);
    Set<String> users = new TreeSet<>();
    for (String id : unfinished) {
      Optional<UploadStore.Condemned> condemned = rows.abandon(id, spool.start());
      if (condemned.isPresent()) {
        deleteUnneeded(condemned.get());
        rows.forget(id);
        users.add(condemned.get().user());
      }
    }
    // Nobody knows how far the counting had come; the rows that are left know what it should have come to.
    for (String user : users) {
      room.correct(user, rows.bytesOf(user));
    }
    if (unfinished.size() < ROWS) {
      for (Spool.Folder folder : dead) {
        folder.bury();
      }
    }
    if (!unfinished.isEmpty()) {
      log.info("{} uploads that were left unfinished are undone", unfinished.size());
    }
  }

  /** Takes back an upload, unless it is stored: then it stays as it is, with its charge. */
  void undo(String id, long charged) throws IOException {
    Optional<UploadStore.Condemned> condemned = rows.abandon(id, spool.start());
    if (condemned.isPresent()) {
      remove(condemned.get(), charged);
    }
  }

  /** The row goes last: while it is there, the next start makes good whatever is not done. */
  private void remove(UploadStore.Condemned condemned, long charged) throws IOException {
    deleteUnneeded(condemned);
    room.giveBack(condemned.user(), charged);
    rows.forget(condemned.id());
  }

  private void deleteUnneeded(UploadStore.Condemned condemned) throws IOException {
    if (condemned.unneeded().isPresent()) {
      objects.delete(condemned.unneeded().get());
    }
  }

  Spool spool() {
    return spool;
  }

  Room room() {
    return room;
  }

  UploadStore rows() {
    return rows;
  }

  Instant now() {
    return clock.instant();
  }

  /** Stores what has arrived, or finds it stored. The row of the upload is stored afterwards, or as it was. */
  Stored store(Upload upload, Path content) throws IOException, RefusedUpload {
    for (int pause = 0; pause <= PAUSES; pause++) {
      UploadStore.Placement placement = rows.place(upload);
      if (placement instanceof UploadStore.Placement.Known known) {
        return new Stored(known.upload(), false);
      } else if (placement instanceof UploadStore.Placement.Granted) {
        objects.put(
            content, new ObjectStore.Incoming(upload.object(), upload.bytes(), upload.sha256(), upload.type()));
        rows.stored(upload.id());
        return new Stored(upload, true);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new RefusedUpload(RefusedUpload.Why.BUSY, "The same content is just being stored or deleted.");
  }

  /**
   * What became of an upload.
   *
   * @param fresh whether it was not there before
   */
  public record Stored(Upload upload, boolean fresh) {}

  /** Ends it. What is under way fails, and is undone by the next start unless it undoes itself. */
  @Override
  public void close() {
    try (objects) {
      spool.close();
    } catch (IOException e) {
      // The folder is found by the next start, which deletes it.
      log.debug("The folder of incoming uploads stays: {}", e.toString());
    }
  }
}
