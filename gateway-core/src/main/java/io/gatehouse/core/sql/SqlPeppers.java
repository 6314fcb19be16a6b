package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.PEPPERS;

import java.util.Set;

/** Which peppers the keys in the database were digested with, by their fingerprints. */
public final class SqlPeppers {

  private final SqlDatabase database;

  public SqlPeppers(SqlDatabase database) {
    this.database = database;
  }

  /**
   * Whether the pepper of this version has this fingerprint; the first that asks decides. Atomic among all nodes.
   *
   * @throws io.gatehouse.StoreException when the database cannot answer
   */
  public boolean confirm(int version, String fingerprint) {
    return database.write("confirm pepper", db -> {
      db.insertInto(PEPPERS)
          .set(PEPPERS.VERSION, version)
          .set(PEPPERS.FINGERPRINT, fingerprint)
          .onConflictDoNothing()
          .execute();
      return db.select(PEPPERS.FINGERPRINT)
          .from(PEPPERS)
          .where(PEPPERS.VERSION.eq(version))
          .fetchSingle(PEPPERS.FINGERPRINT)
          .equals(fingerprint);
    });
  }

  /** The versions that some node ever had. */
  public Set<Integer> versions() {
    return database.read("list peppers", db -> db.select(PEPPERS.VERSION).from(PEPPERS).fetchSet(PEPPERS.VERSION));
  }
}
