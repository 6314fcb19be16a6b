package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.AUDIT_LOG;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.row;

import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.AuditRecord;
import java.time.Instant;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Record;

/** Changes in the database. */
public final class SqlAuditLog implements AuditLog {

  private final SqlDatabase database;

  public SqlAuditLog(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public void record(AuditRecord record) {
    database.write("audit", db -> db
        .insertInto(AUDIT_LOG)
        .set(AUDIT_LOG.MADE_AT, record.at())
        .set(AUDIT_LOG.ID, record.id())
        .set(AUDIT_LOG.ADMINISTRATOR, record.administrator())
        .set(AUDIT_LOG.ADMINISTRATOR_NAME, record.name())
        .set(AUDIT_LOG.ADDRESS, record.address())
        .set(AUDIT_LOG.REQUEST_ID, record.requestId())
        .set(AUDIT_LOG.OPERATION, record.operation())
        .set(AUDIT_LOG.SUBJECT, record.object())
        .set(AUDIT_LOG.STATE_BEFORE, record.before())
        .set(AUDIT_LOG.STATE_AFTER, record.after())
        .execute());
  }

  @Override
  public List<AuditRecord> newest(Question question, int most) {
    return database.read("read audit log", db -> db
        .select(AUDIT_LOG.fields())
        .from(AUDIT_LOG)
        .where(condition(question))
        .orderBy(AUDIT_LOG.MADE_AT.desc(), AUDIT_LOG.ID.desc())
        .limit(most)
        .fetch(SqlAuditLog::read));
  }

  private static Condition condition(Question question) {
    return AUDIT_LOG.MADE_AT.ge(question.from())
        .and(AUDIT_LOG.MADE_AT.lt(question.to()))
        .and(question.administrator().map(AUDIT_LOG.ADMINISTRATOR::eq).orElse(noCondition()))
        .and(question.operation().map(AUDIT_LOG.OPERATION::eq).orElse(noCondition()))
        .and(question.object().map(SqlAuditLog::on).orElse(noCondition()))
        .and(question.after()
            .map(after -> row(AUDIT_LOG.MADE_AT, AUDIT_LOG.ID).lt(after.at(), after.id()))
            .orElse(noCondition()));
  }

  private static Condition on(String object) {
    // What belongs to it begins with it and a slash; 0 is what follows the slash in the order of bytes.
    return AUDIT_LOG.SUBJECT.eq(object)
        .or(AUDIT_LOG.SUBJECT.ge(object + "/").and(AUDIT_LOG.SUBJECT.lt(object + "0")));
  }

  private static AuditRecord read(Record row) {
    return new AuditRecord(
        row.get(AUDIT_LOG.ID),
        row.get(AUDIT_LOG.MADE_AT),
        row.get(AUDIT_LOG.ADMINISTRATOR),
        row.get(AUDIT_LOG.ADMINISTRATOR_NAME),
        row.get(AUDIT_LOG.ADDRESS),
        row.get(AUDIT_LOG.REQUEST_ID),
        row.get(AUDIT_LOG.OPERATION),
        row.get(AUDIT_LOG.SUBJECT),
        row.get(AUDIT_LOG.STATE_BEFORE),
        row.get(AUDIT_LOG.STATE_AFTER));
  }

  @Override
  public void forget(Instant before) {
    database.write("forget old changes", db -> db.deleteFrom(AUDIT_LOG).where(AUDIT_LOG.MADE_AT.lt(before)).execute());
  }
}
