package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.API_KEYS;
import static io.gatehouse.core.sql.schema.Tables.KEY_USES;
import static io.gatehouse.core.sql.schema.Tables.SLOW_HASHES;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.length;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.val;

import io.gatehouse.access.Cidr;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.SlowHash;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.InsertQuery;
import org.jooq.Record;
import org.jooq.Record1;
import org.jooq.Record2;
import org.jooq.Select;
import org.jooq.SelectJoinStep;
import org.jooq.Table;

/** API keys in the database, and when they were used. {@link #find} is one query of one index. */
public final class SqlKeyStore implements KeyAdmin {

  /** Between scopes, which have spaces inside, and between networks. */
  private static final String LINE_END = "\n";

  /** In the place of a digest, with the id of the key, when only a slow hash is known: no digest looks so. */
  private static final String NO_DIGEST = "bcrypt ";

  /** Rows in one round trip. */
  private static final int CHUNK = 500;

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
        .fetchOptional(SqlKeyStore::effective));
  }

  /** The key with this id, enabled only if its user is as well. */
  static Optional<ApiKey> effective(DSLContext db, String id) {
    return db.select(API_KEYS.fields())
        .select(USERS.ENABLED)
        .from(API_KEYS)
        .join(USERS).on(USERS.ID.eq(API_KEYS.USER_ID))
        .where(API_KEYS.ID.eq(id))
        .fetchOptional(SqlKeyStore::effective);
  }

  @Override
  public void addKey(ApiKey key, KeyDigest digest) {
    database.change("add key", db -> {
      insert(db, key, digest);
      return SqlUserStore.changed(key.user());
    });
  }

  @Override
  public void importKeys(Iterable<ImportedKey> keys) {
    database.change("import keys", db -> {
      Set<String> owners = new LinkedHashSet<>();
      List<ImportedKey> chunk = new ArrayList<>(CHUNK);
      for (ImportedKey each : keys) {
        if (owners.add(each.key().user())) {
          SqlUserStore.require(db, each.key().user());
        }
        chunk.add(each);
        if (chunk.size() == CHUNK) {
          insert(db, chunk);
          chunk.clear();
        }
      }
      insert(db, chunk);
      return owners.stream().flatMap(owner -> SqlUserStore.changed(owner).stream()).toList();
    });
  }

  private static void insert(DSLContext db, List<ImportedKey> keys) {
    List<Map<Field<?>, Object>> rows = new ArrayList<>();
    List<Map<Field<?>, Object>> hashes = new ArrayList<>();
    for (ImportedKey each : keys) {
      if (each.image() instanceof KeyDigest digest) {
        rows.add(row(each.key(), digest.hex(), digest.version()));
      } else if (each.image() instanceof SlowHash hash) {
        rows.add(row(each.key(), NO_DIGEST + each.key().id(), KeyDigest.UNPEPPERED));
        hashes.add(Map.of(
            SLOW_HASHES.KEY_ID, each.key().id(),
            SLOW_HASHES.DISPLAY_START, each.key().start(),
            SLOW_HASHES.HASH, hash.text()));
      }
    }
    insert(db, API_KEYS, rows);
    insert(db, SLOW_HASHES, hashes);
  }

  /** In one statement. */
  private static void insert(DSLContext db, Table<?> table, List<Map<Field<?>, Object>> rows) {
    if (rows.isEmpty()) {
      return;
    }
    InsertQuery<?> insert = db.insertQuery(table);
    for (Map<Field<?>, Object> row : rows) {
      insert.newRecord();
      insert.addValues(row);
    }
    insert.execute();
  }

  @Override
  public List<ImportedKey> slowlyHashed(Collection<String> starts) {
    return database.read("find imported key", db -> db
        .select(API_KEYS.fields())
        .select(USERS.ENABLED, SLOW_HASHES.HASH)
        .from(SLOW_HASHES)
        .join(API_KEYS).on(API_KEYS.ID.eq(SLOW_HASHES.KEY_ID))
        .join(USERS).on(USERS.ID.eq(API_KEYS.USER_ID))
        .where(SLOW_HASHES.DISPLAY_START.in(starts))
        .orderBy(length(SLOW_HASHES.DISPLAY_START).desc())
        .fetch(row -> new ImportedKey(effective(row), new SlowHash(row.get(SLOW_HASHES.HASH)))));
  }

  @Override
  public boolean upgrade(String id, KeyDigest fresh) {
    return database.write("upgrade key", db -> {
      var others = API_KEYS.as("others");
      boolean older = db.update(API_KEYS)
          .set(API_KEYS.DIGEST, fresh.hex())
          .set(API_KEYS.DIGEST_VERSION, fresh.version())
          .where(API_KEYS.ID.eq(id))
          .and(API_KEYS.DIGEST_VERSION.lt(fresh.version()))
          .andNotExists(selectOne()
              .from(others)
              .where(others.DIGEST.eq(fresh.hex()))
              .and(others.DIGEST_VERSION.eq(fresh.version())))
          .execute() == 1;
      if (older) {
        db.deleteFrom(SLOW_HASHES).where(SLOW_HASHES.KEY_ID.eq(id)).execute();
      }
      return older;
    });
  }

  @Override
  public Map<Integer, Long> keysByVersion() {
    return database.read("count keys", db -> db
        .select(API_KEYS.DIGEST_VERSION, count().cast(Long.class))
        .from(API_KEYS)
        .groupBy(API_KEYS.DIGEST_VERSION)
        .fetchMap(Record2::value1, Record2::value2));
  }

  @Override
  public void noteUses(Map<String, Instant> uses) {
    if (uses.isEmpty()) {
      return;
    }
    Map<Instant, List<String>> byTime = uses.entrySet().stream().collect(groupingBy(
        Map.Entry::getValue, TreeMap::new, mapping(Map.Entry::getKey, toList())));
    database.write("note uses of keys", db -> {
      byTime.forEach((at, keys) -> {
        for (int i = 0; i < keys.size(); i += CHUNK) {
          note(db, at, keys.subList(i, Math.min(i + CHUNK, keys.size())));
        }
      });
      return null;
    });
  }

  private static void note(DSLContext db, Instant at, List<String> keys) {
    // In the order of the ids, so that two transactions never wait for each other's rows.
    db.insertInto(KEY_USES, KEY_USES.KEY_ID, KEY_USES.USED_AT)
        .select(select(API_KEYS.ID, val(at, KEY_USES.USED_AT))
            .from(API_KEYS)
            .where(API_KEYS.ID.in(keys))
            .orderBy(API_KEYS.ID))
        .onConflict(KEY_USES.KEY_ID)
        .doUpdate()
        .set(KEY_USES.USED_AT, excluded(KEY_USES.USED_AT))
        .where(KEY_USES.USED_AT.lt(excluded(KEY_USES.USED_AT)))
        .execute();
  }

  @Override
  public Map<String, Instant> lastUses(Collection<String> keys) {
    Map<String, Instant> found = new HashMap<>();
    List<String> all = List.copyOf(keys);
    for (int i = 0; i < all.size(); i += CHUNK) {
      List<String> chunk = all.subList(i, Math.min(i + CHUNK, all.size()));
      found.putAll(database.read("read uses of keys", db -> db
          .select(KEY_USES.KEY_ID, KEY_USES.USED_AT)
          .from(KEY_USES)
          .where(KEY_USES.KEY_ID.in(chunk))
          .fetchMap(KEY_USES.KEY_ID, KEY_USES.USED_AT)));
    }
    return found;
  }

  @Override
  public List<KeyDigest> usedLast(int most) {
    return database.read("list keys used last", db -> db
        .select(API_KEYS.DIGEST, API_KEYS.DIGEST_VERSION)
        .from(KEY_USES)
        .join(API_KEYS).on(API_KEYS.ID.eq(KEY_USES.KEY_ID))
        .where(API_KEYS.DIGEST.notLike(NO_DIGEST + "%"))
        .orderBy(KEY_USES.USED_AT.desc())
        .limit(most)
        .fetch(row -> KeyDigest.ofHex(row.value2(), row.value1())));
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

  /** Forgets the limits and quotas of all keys of a user who is about to be deleted. */
  static void forgetRulesOfUser(DSLContext db, String user) {
    forgetRules(db, select(API_KEYS.LINEAGE).from(API_KEYS).where(API_KEYS.USER_ID.eq(user)));
  }

  /** Forgets the limits and quotas of a key that is about to be deleted, unless another one shares them. */
  private static void forgetRulesOfKey(DSLContext db, String id) {
    var others = API_KEYS.as("others");
    forgetRules(db, select(API_KEYS.LINEAGE)
        .from(API_KEYS)
        .where(API_KEYS.ID.eq(id))
        .andNotExists(select(others.ID)
            .from(others)
            .where(others.LINEAGE.eq(API_KEYS.LINEAGE))
            .and(others.ID.ne(id))));
  }

  private static void forgetRules(DSLContext db, Select<Record1<String>> lineages) {
    SqlLimitPolicy.forgetKeys(db, lineages);
    SqlQuotaPolicy.forgetKeys(db, lineages);
  }

  @Override
  public boolean deleteKey(String id) {
    return database.change("delete key", db -> {
      Optional<String> user = userOf(db, id);
      forgetRulesOfKey(db, id);
      db.deleteFrom(KEY_USES).where(KEY_USES.KEY_ID.eq(id)).execute();
      db.deleteFrom(API_KEYS).where(API_KEYS.ID.eq(id)).execute();
      return user.map(SqlUserStore::changed).orElse(List.of());
    });
  }

  /** Forgets when the keys of a user were used who is about to be deleted. */
  static void forgetUses(DSLContext db, String user) {
    db.deleteFrom(KEY_USES)
        .where(KEY_USES.KEY_ID.in(select(API_KEYS.ID).from(API_KEYS).where(API_KEYS.USER_ID.eq(user))))
        .execute();
  }

  /**
   * Whose keys of a lineage are.
   *
   * @throws IllegalArgumentException when there are none
   */
  static String userOfLineage(DSLContext db, String lineage) {
    return db
        .select(API_KEYS.USER_ID)
        .from(API_KEYS)
        .where(API_KEYS.LINEAGE.eq(lineage))
        .limit(1)
        .fetchOptional(API_KEYS.USER_ID)
        .orElseThrow(() -> new IllegalArgumentException("key: " + lineage + " (expected: the lineage of a key)"));
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
    insert(db, API_KEYS, List.of(row(key, digest.hex(), digest.version())));
  }

  private static Map<Field<?>, Object> row(ApiKey key, String digest, int version) {
    Map<Field<?>, Object> row = state(key);
    row.put(API_KEYS.ID, key.id());
    row.put(API_KEYS.USER_ID, key.user());
    row.put(API_KEYS.DISPLAY_START, key.start());
    row.put(API_KEYS.DIGEST, digest);
    row.put(API_KEYS.DIGEST_VERSION, version);
    return row;
  }

  private static void update(DSLContext db, ApiKey key) {
    db.update(API_KEYS).set(state(key)).where(API_KEYS.ID.eq(key.id())).execute();
  }

  /** What of a key can change. */
  private static Map<Field<?>, Object> state(ApiKey key) {
    Map<Field<?>, Object> state = new HashMap<>();
    state.put(API_KEYS.NAME, key.name());
    state.put(API_KEYS.SCOPES, text(key.scopes()));
    state.put(API_KEYS.NETWORKS, text(key.networks()));
    state.put(API_KEYS.ENABLED, key.enabled());
    state.put(API_KEYS.SUSPENSION, key.suspension().orElse(null));
    state.put(API_KEYS.CREATED_AT, key.createdAt());
    state.put(API_KEYS.EXPIRES_AT, key.expiresAt().orElse(null));
    state.put(API_KEYS.REPLACES, key.replaces().orElse(null));
    state.put(API_KEYS.REPLACED_BY, key.replacedBy().orElse(null));
    state.put(API_KEYS.LINEAGE, key.lineage());
    return state;
  }

  private static SelectJoinStep<? extends Record> selectKeys(DSLContext db) {
    return db.select(API_KEYS.fields()).from(API_KEYS);
  }

  /** Enabled only if its user is as well. */
  static ApiKey effective(Record row) {
    ApiKey key = key(row);
    return key.withEnabled(key.enabled() && row.get(USERS.ENABLED));
  }

  private static ApiKey key(Record row) {
    return new ApiKey(
        row.get(API_KEYS.ID),
        row.get(API_KEYS.USER_ID),
        row.get(API_KEYS.NAME),
        row.get(API_KEYS.DISPLAY_START),
        Set.copyOf(lines(row.get(API_KEYS.SCOPES))),
        lines(row.get(API_KEYS.NETWORKS)).stream().map(Cidr::parse).toList(),
        row.get(API_KEYS.ENABLED),
        Optional.ofNullable(row.get(API_KEYS.SUSPENSION)),
        row.get(API_KEYS.CREATED_AT),
        Optional.ofNullable(row.get(API_KEYS.EXPIRES_AT)),
        Optional.ofNullable(row.get(API_KEYS.REPLACES)),
        Optional.ofNullable(row.get(API_KEYS.REPLACED_BY)),
        row.get(API_KEYS.LINEAGE));
  }

  private static String text(Set<String> scopes) {
    for (String scope : scopes) {
      // Either would be read back as something else, in the worst case as "everything".
      if (scope.isEmpty() || scope.contains(LINE_END)) {
        throw new IllegalArgumentException(
            "scope: \"" + scope.strip() + "\" (expected: one line that is not empty)");
      }
    }
    return String.join(LINE_END, scopes.stream().sorted().toList());
  }

  private static String text(List<Cidr> networks) {
    return networks.stream().map(Cidr::toString).collect(joining(LINE_END));
  }

  private static List<String> lines(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(LINE_END));
  }
}
