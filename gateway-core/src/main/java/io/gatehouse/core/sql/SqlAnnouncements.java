package io.gatehouse.core.sql;

import io.gatehouse.event.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Tells all nodes of a change of something that is not in the database. Any number of threads; waits for the database. */
public final class SqlAnnouncements {

  /** For how long what was announced can be asked for. */
  public static final Duration KEPT = Duration.ofMinutes(ChangeLog.KEPT_MINUTES);

  private final SqlDatabase database;

  public SqlAnnouncements(SqlDatabase database) {
    this.database = Objects.requireNonNull(database, "database");
  }

  /**
   * Enters it into the change log, from which every node hears of it, this one too.
   *
   * @throws io.gatehouse.StoreException when the database cannot take it
   */
  public void announce(Change change) {
    database.change("announce", db -> List.of(change));
  }

  /**
   * The references of what was announced on a topic since a moment, which is no longer ago than {@link #KEPT}, in order.
   *
   * @throws io.gatehouse.StoreException when the database does not answer
   */
  public List<String> since(Change.Topic topic, Instant moment) {
    return database.read("read changes", db -> ChangeLog.since(db, topic.name(), moment));
  }
}
