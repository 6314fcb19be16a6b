package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.API_KEYS;
import static io.gatehouse.core.sql.schema.Tables.IP_DENYLIST;
import static io.gatehouse.core.sql.schema.Tables.IP_WHITELIST;
import static io.gatehouse.core.sql.schema.Tables.KEY_QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.LIMITED_OWNERS;
import static io.gatehouse.core.sql.schema.Tables.PLANS;
import static io.gatehouse.core.sql.schema.Tables.QUOTA_RESETS;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static io.gatehouse.core.sql.schema.Tables.USER_PLANS;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.selectOne;

import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistStore;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.Tenants;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitPolicy;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.Plans;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectField;
import org.jooq.Table;

/**
 * Keys with all that the database says of them. Most keys have nothing of their own but a row, and a user on a plan: for
 * those, {@link #find} is the only round trip. Its row says as well which lists there is something in, and only these are
 * asked for, each in a round trip of its own, when the file is read.
 *
 * <p>Any number of threads. Blocks as {@link SqlDatabase} does.
 */
public final class SqlKeyFiles {

  private static final Field<Boolean> KEY_LIMITED = limited("key_limited", Level.KEY, API_KEYS.LINEAGE);
  private static final Field<Boolean> USER_LIMITED = limited("user_limited", Level.USER, USERS.ID);
  private static final Field<Boolean> TENANT_LIMITED = limited("tenant_limited", Level.TENANT, USERS.TENANT);
  private static final Field<Boolean> KEY_QUOTAED = any("has_key_quotas", KEY_QUOTAS, KEY_QUOTAS.LINEAGE.eq(API_KEYS.LINEAGE));
  private static final Field<Boolean> BEGUN_ANEW = any("has_resets", QUOTA_RESETS, QUOTA_RESETS.USER_ID.eq(USERS.ID));
  private static final Field<Boolean> ALLOWED = any("has_networks", IP_WHITELIST, IP_WHITELIST.USER_ID.eq(USERS.ID));
  private static final Field<Boolean> DENIED = any("has_denied", IP_DENYLIST, IP_DENYLIST.USER_ID.eq(USERS.ID));

  private static final List<SelectField<?>> COLUMNS = Stream.of(
          Arrays.stream(API_KEYS.fields()),
          Stream.of(USERS.ENABLED, USERS.TENANT, USERS.OWN_QUOTAS, USERS.TIME_ZONE, USERS.BILLING_DAY),
          Arrays.stream(PLANS.fields()),
          Stream.of(KEY_LIMITED, USER_LIMITED, TENANT_LIMITED, KEY_QUOTAED, BEGUN_ANEW, ALLOWED, DENIED))
      .<SelectField<?>>flatMap(fields -> fields)
      .toList();

  private final SqlDatabase database;
  private final SqlLimitPolicy limits;
  private final SqlQuotaPolicy quotas;
  private final SqlWhitelistStore networks;

  public SqlKeyFiles(SqlDatabase database) {
    this.database = database;
    this.limits = new SqlLimitPolicy(database);
    this.quotas = new SqlQuotaPolicy(database);
    this.networks = new SqlWhitelistStore(database);
  }

  /**
   * The key with this digest, enabled only if its user is as well, and what there is of it.
   *
   * @throws io.gatehouse.StoreException when the database cannot answer
   */
  public Optional<KeyFile> find(KeyDigest digest) {
    return database.read("find key with all of it", db -> db
        .select(COLUMNS)
        .from(API_KEYS)
        .join(USERS).on(USERS.ID.eq(API_KEYS.USER_ID))
        .leftJoin(USER_PLANS).on(USER_PLANS.USER_ID.eq(USERS.ID))
        .leftJoin(PLANS).on(PLANS.NAME.eq(USER_PLANS.PLAN))
        .where(API_KEYS.DIGEST.eq(digest.hex()))
        .and(API_KEYS.DIGEST_VERSION.eq(digest.version()))
        .fetchOptional(KeyFile::new));
  }

  private static Field<Boolean> limited(String name, Level level, Field<String> owner) {
    return any(name, LIMITED_OWNERS, LIMITED_OWNERS.OWNER_LEVEL.eq(level).and(LIMITED_OWNERS.OWNER.eq(owner)));
  }

  private static Field<Boolean> any(String name, Table<?> table, Condition which) {
    return field(exists(selectOne().from(table).where(which))).as(name);
  }

  /**
   * What there is of one key. Answers for this key, its user and its tenant, whoever is named, as the stores of this
   * package would; what the row has said to be empty costs nothing, the rest is read when it is asked for.
   */
  public final class KeyFile implements Tenants, Plans, LimitPolicy, QuotaPolicy, WhitelistStore {

    private final Record row;
    private final ApiKey key;

    private KeyFile(Record row) {
      this.row = row;
      this.key = SqlKeyStore.effective(row);
    }

    /** Enabled only if its user is as well. */
    public ApiKey key() {
      return key;
    }

    @Override
    public Optional<String> tenantOf(String user) {
      return Optional.ofNullable(row.get(USERS.TENANT));
    }

    @Override
    public Optional<Plan> planOf(String user) {
      return row.get(PLANS.NAME) == null ? Optional.empty() : Optional.of(SqlPlanStore.plan(row));
    }

    @Override
    public Optional<List<Limit>> limitsOf(Level level, String owner) {
      Field<Boolean> limited = switch (level) {
        case KEY -> KEY_LIMITED;
        case USER -> USER_LIMITED;
        case TENANT -> TENANT_LIMITED;
      };
      return row.get(limited) ? limits.limitsOf(level, owner) : Optional.empty();
    }

    @Override
    public Optional<List<Quota>> quotasOf(String owner) {
      return row.get(USERS.OWN_QUOTAS) ? quotas.quotasOf(owner) : Optional.empty();
    }

    @Override
    public List<Quota> keyQuotasOf(String lineage) {
      return listed(KEY_QUOTAED, () -> quotas.keyQuotasOf(lineage));
    }

    @Override
    public Optional<BillingCalendar> calendarOf(String owner) {
      return row.get(USERS.TIME_ZONE) == null ? Optional.empty() : Optional.of(SqlQuotaPolicy.calendar(row));
    }

    @Override
    public List<QuotaKey> resetsOf(String owner) {
      return owner.equals(key.user()) ? listed(BEGUN_ANEW, () -> quotas.resetsOf(owner)) : quotas.resetsOf(owner);
    }

    @Override
    public List<Cidr> networksOf(String owner) {
      return listed(ALLOWED, () -> networks.networksOf(owner));
    }

    @Override
    public List<Cidr> deniedTo(String owner) {
      return listed(DENIED, () -> networks.deniedTo(owner));
    }

    private <T> List<T> listed(Field<Boolean> any, Supplier<List<T>> list) {
      return row.get(any) ? list.get() : List.of();
    }
  }
}
