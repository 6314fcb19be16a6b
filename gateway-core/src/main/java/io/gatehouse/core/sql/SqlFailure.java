package io.gatehouse.core.sql;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** What kind of failure an exception of a driver, the pool or jOOQ stands for. */
enum SqlFailure {
  /** The database could not be reached, or broke off. */
  AWAY,
  /** A constraint holds what was asked for to be wrong. */
  CONSTRAINT,
  /** A text or number that the database cannot hold. */
  UNFIT,
  OTHER;

  private static final int SQLITE_CONSTRAINT = 19;

  static SqlFailure of(Exception failure) {
    SQLException cause = sqlCause(failure);
    if (cause == null) {
      return isOverflow(failure) ? UNFIT : OTHER;
    }
    String state = cause.getSQLState() == null ? "" : cause.getSQLState();
    // 57P01 to 57P03: the server shuts down, crashed, or starts. 53300: too many connections.
    if (cause instanceof SQLTransientConnectionException || state.startsWith("08") || state.startsWith("57P0")
        || state.equals("53300") || cause.getCause() instanceof IOException) {
      return AWAY;
    }
    if (state.startsWith("23") || isSqliteConstraint(cause)) {
      return CONSTRAINT;
    }
    return state.startsWith("22") ? UNFIT : OTHER;
  }

  /** The first exception of JDBC in the chain. */
  static @Nullable SQLException sqlCause(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }

  /** A moment or a length of time that no 64-bit number can say. */
  private static boolean isOverflow(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ArithmeticException) {
        return true;
      }
    }
    return false;
  }

  /** PostgreSQL has no error codes but 0. */
  private static boolean isSqliteConstraint(SQLException failure) {
    return (failure.getErrorCode() & 0xff) == SQLITE_CONSTRAINT;
  }
}
