package io.gatehouse.core.sql;

import io.gatehouse.event.Change;
import java.util.List;
import java.util.Objects;

/** Tells all nodes of a change of something that is not in the database. Any number of threads; waits for the database. */
public final class SqlAnnouncements {

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
}
