package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.GIVEN_ANSWERS;

import io.gatehouse.admin.GivenAnswer;
import io.gatehouse.admin.GivenAnswers;
import java.time.Instant;
import java.util.Optional;

/** Answers that may be asked for again, in the database. */
public final class SqlGivenAnswers implements GivenAnswers {

  private final SqlDatabase database;

  public SqlGivenAnswers(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public void keep(GivenAnswer answer) {
    database.write("keep answer", db -> {
      // The oldest of those that may stay; all of the same moment as the first that may not go with it.
      db.select(GIVEN_ANSWERS.GIVEN_AT)
          .from(GIVEN_ANSWERS)
          .where(GIVEN_ANSWERS.CALLER.eq(answer.caller()))
          .orderBy(GIVEN_ANSWERS.GIVEN_AT.desc())
          .limit(1)
          .offset(MOST_OF_ONE - 1)
          .fetchOptional(GIVEN_ANSWERS.GIVEN_AT)
          .ifPresent(oldest -> db.deleteFrom(GIVEN_ANSWERS)
              .where(GIVEN_ANSWERS.CALLER.eq(answer.caller()))
              .and(GIVEN_ANSWERS.GIVEN_AT.le(oldest))
              .execute());
      return db.insertInto(GIVEN_ANSWERS)
          .set(GIVEN_ANSWERS.CALLER, answer.caller())
          .set(GIVEN_ANSWERS.ANSWER_KEY, answer.key())
          .set(GIVEN_ANSWERS.REQUEST_DIGEST, answer.request())
          .set(GIVEN_ANSWERS.SEALED, answer.sealed())
          .set(GIVEN_ANSWERS.GIVEN_AT, answer.at())
          .onConflict(GIVEN_ANSWERS.CALLER, GIVEN_ANSWERS.ANSWER_KEY)
          .doUpdate()
          .set(GIVEN_ANSWERS.REQUEST_DIGEST, answer.request())
          .set(GIVEN_ANSWERS.SEALED, answer.sealed())
          .set(GIVEN_ANSWERS.GIVEN_AT, answer.at())
          .execute();
    });
  }

  @Override
  public Optional<GivenAnswer> find(String caller, String key, Instant since) {
    return database.read("find answer", db -> db
        .select(GIVEN_ANSWERS.fields())
        .from(GIVEN_ANSWERS)
        .where(GIVEN_ANSWERS.CALLER.eq(caller))
        .and(GIVEN_ANSWERS.ANSWER_KEY.eq(key))
        .and(GIVEN_ANSWERS.GIVEN_AT.ge(since))
        .fetchOptional(row -> new GivenAnswer(
            row.get(GIVEN_ANSWERS.CALLER),
            row.get(GIVEN_ANSWERS.ANSWER_KEY),
            row.get(GIVEN_ANSWERS.REQUEST_DIGEST),
            row.get(GIVEN_ANSWERS.SEALED),
            row.get(GIVEN_ANSWERS.GIVEN_AT))));
  }

  @Override
  public void forget(Instant before) {
    database.write(
        "forget old answers",
        db -> db.deleteFrom(GIVEN_ANSWERS).where(GIVEN_ANSWERS.GIVEN_AT.lt(before)).execute());
  }
}
