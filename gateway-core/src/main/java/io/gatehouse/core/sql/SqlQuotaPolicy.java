package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.USERS;

import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Record;
import org.jooq.Result;

/** The quotas of users, in the database. */
public final class SqlQuotaPolicy implements QuotaAdmin {

  private final SqlDatabase database;

  public SqlQuotaPolicy(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public Optional<List<Quota>> quotasOf(String owner) {
    // One statement, and so one moment: two could see the mark of before a change and the quotas of after it.
    Result<? extends Record> rows = database.read("read quotas", db -> db
        .select(QUOTAS.METER, QUOTAS.PERIOD, QUOTAS.MOST)
        .from(USERS)
        .leftJoin(QUOTAS).on(QUOTAS.USER_ID.eq(USERS.ID))
        .where(USERS.ID.eq(owner))
        .and(USERS.OWN_QUOTAS)
        .orderBy(QUOTAS.METER, QUOTAS.PERIOD)
        .fetch());
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(rows.stream()
        .filter(row -> row.get(QUOTAS.METER) != null)
        .map(row -> new Quota(row.get(QUOTAS.METER), row.get(QUOTAS.PERIOD), row.get(QUOTAS.MOST)))
        .toList());
  }

  /** @throws IllegalArgumentException also when {@code owner} is not the id of a user */
  @Override
  public void replaceQuotas(String owner, Optional<List<Quota>> quotas) {
    List<Quota> fresh = quotas.orElse(List.of());
    Set<String> policies = new HashSet<>();
    for (Quota quota : fresh) {
      if (!policies.add(quota.policy())) {
        throw new IllegalArgumentException(
            "quotas: two of " + quota.policy() + " (expected: one for each meter and window)");
      }
    }
    database.change("replace quotas", db -> {
      SqlUserStore.require(db, owner);
      db.update(USERS).set(USERS.OWN_QUOTAS, quotas.isPresent()).where(USERS.ID.eq(owner)).execute();
      db.deleteFrom(QUOTAS).where(QUOTAS.USER_ID.eq(owner)).execute();
      for (Quota quota : fresh) {
        db.insertInto(QUOTAS)
            .set(QUOTAS.USER_ID, owner)
            .set(QUOTAS.METER, quota.meter())
            .set(QUOTAS.PERIOD, quota.window())
            .set(QUOTAS.MOST, quota.most())
            .execute();
      }
      return SqlUserStore.changed(owner);
    });
  }
}
