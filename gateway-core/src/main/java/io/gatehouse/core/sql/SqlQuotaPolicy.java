package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.FURTHER_QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.KEY_QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.KEY_QUOTA_RESETS;
import static io.gatehouse.core.sql.schema.Tables.QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.QUOTA_RESETS;
import static io.gatehouse.core.sql.schema.Tables.SHADOW_QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;

import io.gatehouse.Enforcement;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.Window;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record1;
import org.jooq.Result;
import org.jooq.Select;
import org.jooq.Table;

/** The quotas of users and keys, calendars, and the counts that were begun anew, in the database. */
public final class SqlQuotaPolicy implements QuotaAdmin {

  /** What the table {@code quotas} is for; all else has a table that older gateways do not know. */
  private static final Set<Meter> FIRST_METERS = Set.of(Meter.REQUESTS, Meter.BYTES);

  /** Days after which a count that was begun anew is over in any calendar. */
  private static final int DAYS_KEPT = 62;

  /** Of a row, from which of the tables it is. */
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
            Beyond.valueOf(row.get(FURTHER_QUOTAS.BEYOND)),
            Optional.ofNullable(row.get(FURTHER_QUOTAS.CAP)).orElse(Quota.UNCAPPED),
            Enforcement.valueOf(row.get(ENFORCEMENT))))
        .toList());
  }

  private static Table<?> quotas(String owner) {
    return select(
            QUOTAS.USER_ID,
            QUOTAS.METER,
            QUOTAS.PERIOD,
            QUOTAS.MOST,
            inline(Beyond.HARD.name()).as(FURTHER_QUOTAS.BEYOND),
            inline((Long) null).as(FURTHER_QUOTAS.CAP),
            inline(Enforcement.ENFORCED.name()).as(ENFORCEMENT))
        .from(QUOTAS)
        .where(QUOTAS.USER_ID.eq(owner))
        .unionAll(
            select(
                SHADOW_QUOTAS.USER_ID,
                SHADOW_QUOTAS.METER,
                SHADOW_QUOTAS.PERIOD,
                SHADOW_QUOTAS.MOST,
                inline(Beyond.HARD.name()),
                inline((Long) null),
                inline(Enforcement.SHADOW.name()).as(ENFORCEMENT))
            .from(SHADOW_QUOTAS)
            .where(SHADOW_QUOTAS.USER_ID.eq(owner)))
        .unionAll(
            select(
                FURTHER_QUOTAS.USER_ID,
                FURTHER_QUOTAS.METER,
                FURTHER_QUOTAS.PERIOD,
                FURTHER_QUOTAS.MOST,
                FURTHER_QUOTAS.BEYOND,
                FURTHER_QUOTAS.CAP,
                inline(Enforcement.ENFORCED.name()))
            .from(FURTHER_QUOTAS)
            .where(FURTHER_QUOTAS.USER_ID.eq(owner)))
        .asTable(QUOTAS.getName());
  }

  /** @throws IllegalArgumentException also when {@code owner} is not the id of a user */
  @Override
  public void replaceQuotas(String owner, Optional<List<Quota>> quotas) {
    List<Quota> fresh = quotas.orElse(List.of());
    requireOnePerCount(fresh);
    database.change("replace quotas", db -> {
      SqlUserStore.require(db, owner);
      db.update(USERS).set(USERS.OWN_QUOTAS, quotas.isPresent()).where(USERS.ID.eq(owner)).execute();
      db.deleteFrom(QUOTAS).where(QUOTAS.USER_ID.eq(owner)).execute();
      db.deleteFrom(SHADOW_QUOTAS).where(SHADOW_QUOTAS.USER_ID.eq(owner)).execute();
      db.deleteFrom(FURTHER_QUOTAS).where(FURTHER_QUOTAS.USER_ID.eq(owner)).execute();
      for (Quota quota : fresh) {
        if (quota.isShadow()) {
          db.insertInto(SHADOW_QUOTAS)
              .set(SHADOW_QUOTAS.USER_ID, owner)
              .set(SHADOW_QUOTAS.METER, quota.meter())
              .set(SHADOW_QUOTAS.PERIOD, quota.window())
              .set(SHADOW_QUOTAS.MOST, quota.most())
              .execute();
        } else if (quota.beyond() != Beyond.HARD || !FIRST_METERS.contains(quota.meter())) {
          db.insertInto(FURTHER_QUOTAS)
              .set(FURTHER_QUOTAS.USER_ID, owner)
              .set(FURTHER_QUOTAS.METER, quota.meter())
              .set(FURTHER_QUOTAS.PERIOD, quota.window())
              .set(FURTHER_QUOTAS.MOST, quota.most())
              .set(FURTHER_QUOTAS.BEYOND, quota.beyond().name())
              .set(FURTHER_QUOTAS.CAP, quota.cap() == Quota.UNCAPPED ? null : quota.cap())
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

  private static void requireOnePerCount(List<Quota> quotas) {
    Set<String> policies = new HashSet<>();
    for (Quota quota : quotas) {
      if (!policies.add(quota.policy())) {
        throw new IllegalArgumentException(
            "quotas: two of " + quota.policy() + " (expected: one for each meter and window)");
      }
    }
  }

  @Override
  public List<Quota> keyQuotasOf(String lineage) {
    return database.read("read quotas of a key", db -> db
        .selectFrom(KEY_QUOTAS)
        .where(KEY_QUOTAS.LINEAGE.eq(lineage))
        .orderBy(KEY_QUOTAS.METER, KEY_QUOTAS.PERIOD, KEY_QUOTAS.ENFORCEMENT)
        .fetch(row -> new Quota(
            row.get(KEY_QUOTAS.METER),
            row.get(KEY_QUOTAS.PERIOD),
            row.get(KEY_QUOTAS.MOST),
            Beyond.valueOf(row.get(KEY_QUOTAS.BEYOND)),
            Optional.ofNullable(row.get(KEY_QUOTAS.CAP)).orElse(Quota.UNCAPPED),
            row.get(KEY_QUOTAS.ENFORCEMENT))));
  }

  @Override
  public void replaceKeyQuotas(String lineage, List<Quota> quotas) {
    List<Quota> fresh = List.copyOf(quotas);
    requireOnePerCount(fresh);
    for (Quota quota : fresh) {
      if (!quota.meter().isTransferred()) {
        throw new IllegalArgumentException("quotas: of " + quota.meter() + " (expected: of what requests move)");
      }
    }
    database.change("replace quotas of a key", db -> {
      String user = SqlKeyStore.userOfLineage(db, lineage);
      db.deleteFrom(KEY_QUOTAS).where(KEY_QUOTAS.LINEAGE.eq(lineage)).execute();
      for (Quota quota : fresh) {
        db.insertInto(KEY_QUOTAS)
            .set(KEY_QUOTAS.LINEAGE, lineage)
            .set(KEY_QUOTAS.METER, quota.meter())
            .set(KEY_QUOTAS.PERIOD, quota.window())
            .set(KEY_QUOTAS.ENFORCEMENT, quota.enforcement())
            .set(KEY_QUOTAS.MOST, quota.most())
            .set(KEY_QUOTAS.BEYOND, quota.beyond().name())
            .set(KEY_QUOTAS.CAP, quota.cap() == Quota.UNCAPPED ? null : quota.cap())
            .execute();
      }
      return SqlUserStore.changed(user);
    });
  }

  /** Forgets the quotas of keys that are about to be deleted. What they have used stays counted. */
  static void forgetKeys(DSLContext db, Select<Record1<String>> lineages) {
    db.deleteFrom(KEY_QUOTAS).where(KEY_QUOTAS.LINEAGE.in(lineages)).execute();
    db.deleteFrom(KEY_QUOTA_RESETS).where(KEY_QUOTA_RESETS.LINEAGE.in(lineages)).execute();
  }

  @Override
  public Optional<BillingCalendar> calendarOf(String owner) {
    return database.read("read calendar", db -> db
        .select(USERS.TIME_ZONE, USERS.BILLING_DAY)
        .from(USERS)
        .where(USERS.ID.eq(owner))
        .and(USERS.TIME_ZONE.isNotNull())
        .fetchOptional(SqlQuotaPolicy::calendar));
  }

  /** The calendar in a row of a user who has one. */
  static BillingCalendar calendar(Record row) {
    return new BillingCalendar(ZoneId.of(row.get(USERS.TIME_ZONE)), row.get(USERS.BILLING_DAY));
  }

  /** @throws IllegalArgumentException also when {@code owner} is not the id of a user */
  @Override
  public void replaceCalendar(String owner, Optional<BillingCalendar> calendar) {
    database.change("replace calendar", db -> {
      SqlUserStore.require(db, owner);
      db.update(USERS)
          .set(USERS.TIME_ZONE, calendar.map(each -> each.zone().getId()).orElse(null))
          .set(USERS.BILLING_DAY, calendar.map(BillingCalendar::billingDay).orElse(null))
          .where(USERS.ID.eq(owner))
          .execute();
      return SqlUserStore.changed(owner);
    });
  }

  @Override
  public List<QuotaKey> resetsOf(String owner) {
    Resets resets = Resets.of(QuotaOwner.of(owner));
    return database.read("read resets", db -> resets.read(db, owner));
  }

  /** @throws IllegalArgumentException also when {@code owner} is not the id of a user, or no key has that lineage */
  @Override
  public void beginAnew(String owner, Collection<QuotaKey> counts) {
    for (QuotaKey count : counts) {
      if (!count.owner().equals(owner)) {
        throw new IllegalArgumentException("counts: one of " + count.owner() + " (expected: of " + owner + ")");
      }
    }
    QuotaOwner whose = QuotaOwner.of(owner);
    Resets resets = Resets.of(whose);
    database.change("begin counts anew", db -> {
      if (whose.lineage().isPresent()) {
        SqlKeyStore.userOfLineage(db, whose.lineage().get());
      } else {
        SqlUserStore.require(db, owner);
      }
      counts.forEach(count -> resets.add(db, count));
      return SqlUserStore.changed(whose.user());
    });
  }

  /** Where it is kept which counts of one owner were begun anew, of a user or of a key. */
  private record Resets(
      Table<?> table,
      String id,
      Field<String> owner,
      Field<Meter> meter,
      Field<Window> window,
      Field<LocalDate> start,
      Field<Integer> resets) {

    static Resets of(QuotaOwner owner) {
      return owner.lineage()
          .map(lineage -> new Resets(
              KEY_QUOTA_RESETS,
              lineage,
              KEY_QUOTA_RESETS.LINEAGE,
              KEY_QUOTA_RESETS.METER,
              KEY_QUOTA_RESETS.PERIOD,
              KEY_QUOTA_RESETS.PERIOD_START,
              KEY_QUOTA_RESETS.RESETS))
          .orElseGet(() -> new Resets(
              QUOTA_RESETS,
              owner.user(),
              QUOTA_RESETS.USER_ID,
              QUOTA_RESETS.METER,
              QUOTA_RESETS.PERIOD,
              QUOTA_RESETS.PERIOD_START,
              QUOTA_RESETS.RESETS));
    }

    List<QuotaKey> read(DSLContext db, String text) {
      return db
          .select(meter, window, start, resets)
          .from(table)
          .where(owner.eq(id))
          .orderBy(meter, window, start)
          .fetch(row -> new QuotaKey(text, row.value1(), row.value2(), row.value3(), row.value4()));
    }

    /** Also drops those of periods that are long over. */
    void add(DSLContext db, QuotaKey count) {
      db.deleteFrom(table)
          .where(owner.eq(id))
          .and(meter.eq(count.meter()))
          .and(window.eq(count.window()))
          .and(start.lt(count.start().minusDays(DAYS_KEPT)))
          .execute();
      db.insertInto(table)
          .set(owner, id)
          .set(meter, count.meter())
          .set(window, count.window())
          .set(start, count.start())
          .set(resets, count.resets() + 1)
          .onConflict(owner, meter, window, start)
          .doUpdate()
          .set(resets, greatest(resets, excluded(resets)))
          .execute();
    }
  }
}
