package io.gatehouse.core.sql;


import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.DSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of the request log in PostgreSQL, one for each day in UTC, by their names: {@code request_logs_20261124}.
 *
 * <p>Making one takes a lock that lets others read and write: a table of its own, then ATTACH ({@code CREATE TABLE ...
 * PARTITION OF} would shut everybody out). Dropping one takes DETACH CONCURRENTLY first, which waits for those who are at
 * it and holds up nobody. It cannot be in a transaction, so it may stop half way: such a partition is finalized by the
 * next who comes, and one that is detached and not dropped yet is dropped. Whoever wants to keep a day gives the detached
 * table another name.
 *
 * <p>Two advisory locks of the database, one for making and one for dropping, keep nodes from doing the same at once.
 */
final class RequestDays {

  static final String TABLE = "request_logs";

  /** How many days ahead there are partitions: {@value}. */
  static final int DAYS_AHEAD = 2;

  /** Anything that no other program is likely to lock in the same database. */
  private static final long MAKING = 0x6761746568_01L;

  static final long DROPPING = 0x6761746568_02L;
  private static final DateTimeFormatter SUFFIX = DateTimeFormatter.BASIC_ISO_DATE;
  private static final Logger log = LoggerFactory.getLogger(RequestDays.class);

  /** A table with the name of a day. */
  private record Piece(LocalDate day, State state) {}

  private enum State {
    ATTACHED,
    /** DETACH CONCURRENTLY was broken off in it. */
    HALF_DETACHED,
    ALONE
  }

  private final SqlDatabase database;

  RequestDays(SqlDatabase database) {
    this.database = database;
  }

  static LocalDate dayOf(Instant moment) {
    return LocalDate.ofInstant(moment, ZoneOffset.UTC);
  }

  /** Makes what is missing from today on, and says whether today and tomorrow are there. */
  boolean prepare(Instant now) {
    LocalDate today = dayOf(now);
    Set<LocalDate> wanted = new TreeSet<>();
    for (int ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
      wanted.add(today.plusDays(ahead));
    }
    Set<LocalDate> missing = missing(wanted);
    if (!missing.isEmpty()) {
      create(missing);
      missing = missing(wanted);
    }
    return !missing.contains(today) && !missing.contains(today.plusDays(1));
  }

  /** Those of the days that have no partition. */
  Set<LocalDate> missing(Collection<LocalDate> days) {
    Set<LocalDate> missing = new TreeSet<>(days);
    database.read("look for days of the request log", RequestDays::pieces).stream()
        .filter(piece -> piece.state() == State.ATTACHED)
        .forEach(piece -> missing.remove(piece.day()));
    return missing;
  }

  /** Makes partitions, unless another node has done it meanwhile. */
  void create(Collection<LocalDate> days) {
    for (LocalDate day : days) {
      database.write("make a day of the request log", db -> {
        db.execute("SELECT pg_advisory_xact_lock(" + MAKING + ")");
        boolean there = pieces(db).stream().anyMatch(piece -> piece.equals(new Piece(day, State.ATTACHED)));
        if (!there) {
          String table = TABLE + "_" + SUFFIX.format(day);
          db.execute("CREATE TABLE IF NOT EXISTS " + table + " (LIKE " + TABLE + " INCLUDING ALL)");
          db.execute("ALTER TABLE " + TABLE + " ATTACH PARTITION " + table
              + " FOR VALUES FROM (" + start(day) + ") TO (" + start(day.plusDays(1)) + ")");
        }
        return there;
      });
    }
  }

  /** Drops the days before a day. When another node is at it, leaves it to that one. */
  void dropBefore(LocalDate first) {
    // By statements of their own, not in a transaction.
    database.read("drop days of the request log", db -> {
      boolean mine = Boolean.TRUE.equals(db.fetchValue("SELECT pg_try_advisory_lock(" + DROPPING + ")"));
      if (!mine) {
        return false;
      }
      try {
        for (Piece piece : pieces(db)) {
          if (piece.day().isBefore(first)) {
            drop(db, piece);
          }
        }
        return true;
      } finally {
        db.execute("SELECT pg_advisory_unlock(" + DROPPING + ")");
      }
    });
  }

  private static void drop(DSLContext db, Piece piece) {
    String table = TABLE + "_" + SUFFIX.format(piece.day());
    switch (piece.state()) {
      case ATTACHED -> db.execute("ALTER TABLE " + TABLE + " DETACH PARTITION " + table + detaching(db));
      case HALF_DETACHED -> db.execute("ALTER TABLE " + TABLE + " DETACH PARTITION " + table + " FINALIZE");
      case ALONE -> log.debug("{} was detached before", table);
    }
    db.execute("DROP TABLE " + table);
    log.info("The request log of {} was dropped", piece.day());
  }

  /** PostgreSQL before 14 can detach only while nobody uses the table. */
  private static String detaching(DSLContext db) {
    return version(db) >= 140_000 ? " CONCURRENTLY" : "";
  }

  private static int version(DSLContext db) {
    return Integer.parseInt(String.valueOf(db.fetchValue("SHOW server_version_num")));
  }

  /** All tables with the name of a day, oldest first. */
  private static List<Piece> pieces(DSLContext db) {
    String pending = version(db) >= 140_000 ? "i.inhdetachpending" : "false";
    return db.fetch(
            "SELECT c.relname, CASE WHEN i.inhrelid IS NULL THEN 'ALONE' WHEN " + pending
                + " THEN 'HALF_DETACHED' ELSE 'ATTACHED' END"
                + " FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
                + " WHERE c.relkind = 'r' AND c.relname ~ '^" + TABLE + "_[0-9]{8}$'"
                + " AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('" + TABLE + "'))"
                + " ORDER BY c.relname")
        .map(row -> new Piece(
            LocalDate.parse(row.get(0, String.class).substring(TABLE.length() + 1), SUFFIX),
            State.valueOf(row.get(1, String.class))));
  }

  private static long start(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
  }
}
