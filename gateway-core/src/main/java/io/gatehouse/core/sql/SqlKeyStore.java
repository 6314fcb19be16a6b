package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.API_KEYS;
import static io.gatehouse.core.sql.schema.Tables.USERS;

import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SelectJoinStep;

/** API keys in the database. {@link #find} is one query of one index. */
public final class SqlKeyStore implements KeyAdmin {

  /** Between scopes, which have spaces inside. */
  private static final String SCOPE_END = "\n";

  private final SqlDatabase database;

  public SqlKeyStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public Optional<ApiKey> find(KeyDigest digest) {
    return database.read("find key", db -> db
        .select(API_KEYS.fields())
        .select(USERS.ENABLED)
        .from(API_KEYS)
        .join(USERS).on(USERS.ID.eq(API_KEYS.USER_ID))
        .where(API_KEYS.DIGEST.eq(digest.hex()))
        .and(API_KEYS.DIGEST_VERSION.eq(digest.version()))
        .fetchOptional(row -> {
          ApiKey key = key(row);
          return key.withEnabled(key.enabled() && row.get(USERS.ENABLED));
        }));
  }

  @Override
  public void addKey(ApiKey key, KeyDigest digest) {
    database.change("add key", db -> {
      insert(db, key, digest);
      return SqlUserStore.changed(key.user());
    });
  }

  @Override
  public void rotateKey(ApiKey old, ApiKey fresh, KeyDigest digest) {
    database.change("rotate key", db -> {
      userOf(db, old.id()).filter(fresh.user()::equals).orElseThrow(() -> new IllegalArgumentException(
          "old: " + old.id() + " (expected: the id of a key of user " + fresh.user() + ")"));
      insert(db, fresh, digest);
      update(db, old);
      return SqlUserStore.changed(fresh.user());
    });
  }

  @Override
  public Optional<ApiKey> key(String id) {
    return database.read("read key", db -> selectKeys(db)
        .where(API_KEYS.ID.eq(id))
        .fetchOptional(SqlKeyStore::key));
  }

  @Override
  public List<ApiKey> keysOf(String user) {
    return database.read("list keys", db -> selectKeys(db)
        .where(API_KEYS.USER_ID.eq(user))
        .orderBy(API_KEYS.CREATED_AT, API_KEYS.ID)
        .fetch(SqlKeyStore::key));
  }

  @Override
  public boolean updateKey(ApiKey key) {
    return database.change("update key", db -> {
      Optional<String> user = userOf(db, key.id());
      user.ifPresent(there -> update(db, key));
      return user.map(SqlUserStore::changed).orElse(List.of());
    });
  }

  @Override
  public boolean deleteKey(String id) {
    return database.change("delete key", db -> {
      Optional<String> user = userOf(db, id);
      SqlLimitPolicy.forgetKey(db, id);
      db.deleteFrom(API_KEYS).where(API_KEYS.ID.eq(id)).execute();
      return user.map(SqlUserStore::changed).orElse(List.of());
    });
  }

  private static Optional<String> userOf(DSLContext db, String id) {
    return db.select(API_KEYS.USER_ID)
        .from(API_KEYS)
        .where(API_KEYS.ID.eq(id))
        .fetchOptional(API_KEYS.USER_ID);
  }

  private static void insert(DSLContext db, ApiKey key, KeyDigest digest) {
    SqlUserStore.require(db, key.user());
    if (userOf(db, key.id()).isPresent()) {
      throw new IllegalArgumentException("id: " + key.id() + " (expected: one that no key has)");
    }
    if (db.fetchExists(db.selectOne()
        .from(API_KEYS)
        .where(API_KEYS.DIGEST.eq(digest.hex()))
        .and(API_KEYS.DIGEST_VERSION.eq(digest.version())))) {
      throw new IllegalArgumentException("digest: (not shown) (expected: one that no key has)");
    }
    db.insertInto(API_KEYS)
        .set(API_KEYS.ID, key.id())
        .set(API_KEYS.USER_ID, key.user())
        .set(API_KEYS.NAME, key.name())
        .set(API_KEYS.DISPLAY_START, key.start())
        .set(API_KEYS.DIGEST, digest.hex())
        .set(API_KEYS.DIGEST_VERSION, digest.version())
        .set(API_KEYS.SCOPES, text(key.scopes()))
        .set(API_KEYS.ENABLED, key.enabled())
        .set(API_KEYS.CREATED_AT, key.createdAt())
        .set(API_KEYS.EXPIRES_AT, key.expiresAt().orElse(null))
        .set(API_KEYS.REPLACES, key.replaces().orElse(null))
        .set(API_KEYS.LINEAGE, key.lineage())
        .execute();
  }

  private static void update(DSLContext db, ApiKey key) {
    db.update(API_KEYS)
        .set(API_KEYS.NAME, key.name())
        .set(API_KEYS.DISPLAY_START, key.start())
        .set(API_KEYS.SCOPES, text(key.scopes()))
        .set(API_KEYS.ENABLED, key.enabled())
        .set(API_KEYS.CREATED_AT, key.createdAt())
        .set(API_KEYS.EXPIRES_AT, key.expiresAt().orElse(null))
        .set(API_KEYS.REPLACES, key.replaces().orElse(null))
        .set(API_KEYS.LINEAGE, key.lineage())
        .where(API_KEYS.ID.eq(key.id()))
        .execute();
  }

  private static SelectJoinStep<? extends Record> selectKeys(DSLContext db) {
    return db.select(API_KEYS.fields()).from(API_KEYS);
  }

  private static ApiKey key(Record row) {
    return new ApiKey(
        row.get(API_KEYS.ID),
        row.get(API_KEYS.USER_ID),
        row.get(API_KEYS.NAME),
        row.get(API_KEYS.DISPLAY_START),
        scopes(row.get(API_KEYS.SCOPES)),
        row.get(API_KEYS.ENABLED),
        row.get(API_KEYS.CREATED_AT),
        Optional.ofNullable(row.get(API_KEYS.EXPIRES_AT)),
        Optional.ofNullable(row.get(API_KEYS.REPLACES)),
        row.get(API_KEYS.LINEAGE));
  }

  private static String text(Set<String> scopes) {
    for (String scope : scopes) {
      // Either would be read back as something else, in the worst case as "everything".
      if (scope.isEmpty() || scope.contains(SCOPE_END)) {
        throw new IllegalArgumentException(
            "scope: \"" + scope.strip() + "\" (expected: one line that is not empty)");
      }
    }
    return String.join(SCOPE_END, scopes.stream().sorted().toList());
  }

  private static Set<String> scopes(String text) {
    return text.isEmpty() ? Set.of() : Set.of(text.split(SCOPE_END));
  }
}
