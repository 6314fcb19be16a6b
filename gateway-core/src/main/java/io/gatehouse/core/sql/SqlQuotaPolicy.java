package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.SHADOW_QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;

import io.gatehouse.Enforcement;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.Table;

/** The quotas of users, in the database. */
public final class SqlQuotaPolicy implements QuotaAdmin {

  /** Of a row, from which of the two tables it is. */
  private static final Field<String> ENFORCEMENT = field(name("enforcement"), String.class);

  private final SqlDatabase database;

  public SqlQuotaPolicy(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public Optional<List<Quota>> quotasOf(String owner) {
    // One statement, and so one moment: two could see the mark of before a change and the quotas of after it.
    Result<? extends Record> rows = database.read("read quotas", db -> {
      Table<?> quotas = quotas(owner);
      return db
          .select(quotas.fields())
          .from(USERS)
          .leftJoin(quotas).on(quotas.field(QUOTAS.USER_ID).eq(USERS.ID))
          .where(USERS.ID.eq(owner))
          .and(USERS.OWN_QUOTAS)
          .orderBy(quotas.field(QUOTAS.METER), quotas.field(QUOTAS.PERIOD), quotas.field(ENFORCEMENT))
          .fetch();
    });
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(rows.stream()
        .filter(row -> row.get(QUOTAS.METER) != null)
        .map(row -> new Quota(
            row.get(QUOTAS.METER),
            row.get(QUOTAS.PERIOD),
            row.get(QUOTAS.MOST),
            Enforcement.valueOf(row.get(ENFORCEMENT))))
        .toList());
  }

  private static Table<?> quotas(String owner) {
    return select(
            QUOTAS.USER_ID,
            QUOTAS.METER,
            QUOTAS.PERIOD,
            QUOTAS.MOST,
            inline(Enforcement.ENFORCED.name()).as(ENFORCEMENT))
        .from(QUOTAS)
        .where(QUOTAS.USER_ID.eq(owner))
        .unionAll(
            select(
                SHADOW_QUOTAS.USER_ID,
                SHADOW_QUOTAS.METER,
                SHADOW_QUOTAS.PERIOD,
                SHADOW_QUOTAS.MOST,
                inline(Enforcement.SHADOW.name()).as(ENFORCEMENT))
            .from(SHADOW_QUOTAS)
            .where(SHADOW_QUOTAS.USER_ID.eq(owner)))
        .asTable(QUOTAS.getName());
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
      db.deleteFrom(SHADOW_QUOTAS).where(SHADOW_QUOTAS.USER_ID.eq(owner)).execute();
      for (Quota quota : fresh) {
        if (quota.isShadow()) {
          db.insertInto(SHADOW_QUOTAS)
              .set(SHADOW_QUOTAS.USER_ID, owner)
              .set(SHADOW_QUOTAS.METER, quota.meter())
              .set(SHADOW_QUOTAS.PERIOD, quota.window())
              .set(SHADOW_QUOTAS.MOST, quota.most())
              .execute();
        } else {
          db.insertInto(QUOTAS)
              .set(QUOTAS.USER_ID, owner)
              .set(QUOTAS.METER, quota.meter())
              .set(QUOTAS.PERIOD, quota.window())
              .set(QUOTAS.MOST, quota.most())
              .execute();
        }
      }
      return SqlUserStore.changed(owner);
    });
  }
}
