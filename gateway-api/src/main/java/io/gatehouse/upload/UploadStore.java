package io.gatehouse.upload;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Keeps who owns which objects, and what is under way. An upload has a row from before its first byte is charged until
 * after its last trace is gone, and at every stage the row says what would have to be undone if the process died:
 *
 * <ol>
 *   <li>{@link #begin}: nothing is there but the row; {@link #reserve} says how much is about to be charged.
 *   <li>{@link #place}: the object is about to be put into the store.
 *   <li>{@link #stored}: the object is there. Only now is the upload shown to anybody.
 *   <li>{@link #condemn}: the object is about to be deleted, if no other row needs it.
 *   <li>{@link #forget}: the row is gone.
 * </ol>
 *
 * <p>A row that is not stored belongs to one start of one node; who finds that start dead goes on with {@link #abandon}. So
 * there is never an object without a row.
 *
 * <p>Each call is atomic among all nodes, and durable when it returns. Any number of threads; all methods may block, and throw
 * {@link io.gatehouse.StoreException} when the store cannot answer: what was to be changed may then have been changed.
 */
public interface UploadStore {

  /** What became of {@link #place}. */
  sealed interface Placement {

    /** The object may be put, and is to be. */
    record Granted() implements Placement {}

    /** The user has this object already; the row in hand is of no use. */
    record Known(Upload upload) implements Placement {}

    /** The object is just being deleted, or put for the same user: that is over soon. */
    record Busy() implements Placement {}
  }

  /**
   * What is to be done for a condemned upload.
   *
   * @param bytes what is charged for it, or was about to be
   * @param unneeded the object to delete; empty when it was not named yet, or somebody else needs it
   */
  record Condemned(String id, String user, long bytes, Optional<String> unneeded) {}

  /**
   * Makes a row.
   *
   * @param start the start of a node that is at it
   */
  void begin(String id, String user, String key, String start, Instant at);

  /**
   * Says how much is charged for an upload that has begun, before it is.
   *
   * @param bytes in all, 0 or more
   */
  void reserve(String id, long bytes);

  /** Names the object of an upload that has begun and says what is known of it. */
  Placement place(Upload upload);

  /** Shows an upload whose object is there. */
  void stored(String id);

  /** An upload of a user. */
  Optional<Upload> upload(String user, String id);

  /** What all rows of a user say is charged, at whatever stage they are, in bytes. */
  long bytesOf(String user);

  /**
   * A page of the uploads of a user, newest first.
   *
   * @param after the last one that is known already; empty for the first page
   * @param most how many at the most, 1 or more
   */
  List<Upload> uploads(String user, Optional<After> after, int most);

  /** A place in a list of uploads: behind the one with this time and id. */
  record After(Instant createdAt, String id) {}

  /**
   * Takes an upload away from its user.
   *
   * @param start the start of a node that goes on with it
   * @return empty when the user has no such upload
   */
  Optional<Condemned> condemn(String user, String id, String start);

  /**
   * Takes away an upload that is not stored, or is condemned already.
   *
   * @param start the start of a node that goes on with it
   * @return empty when it is not there any more, or is stored
   */
  Optional<Condemned> abandon(String id, String start);

  /** Drops a row. Does nothing when there is none. */
  void forget(String id);

  /**
   * The ids of uploads that were left unfinished, oldest first.
   *
   * @param starts by these starts of nodes
   * @param before or, whoever was at it, begun before this moment
   * @param most how many at the most, 1 or more
   */
  List<String> unfinished(Collection<String> starts, Instant before, int most);

  /** Stored uploads of users that are not there any more, in no order. */
  List<Upload> ownerless(int most);
}
