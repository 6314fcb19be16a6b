package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.API_KEYS;
import static io.gatehouse.core.sql.schema.Tables.SIGNING_SECRETS;
import static org.jooq.impl.DSL.count;

import io.gatehouse.key.SigningKey;
import io.gatehouse.key.SigningSecret;
import io.gatehouse.key.SigningSecretAdmin;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record2;

/** The secrets that sign URLs, in the database. */
public final class SqlSigningSecrets implements SigningSecretAdmin {
  private final SqlDatabase database;

  public SqlSigningSecrets(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public Optional<SigningKey> signingKey(String id) {
    return database.read("find signing key", db ->
        SqlKeyStore.effective(db, id).map(key -> new SigningKey(key, secretsOf(db, id))));
  }

  @Override
  public List<SigningSecret> secretsOf(String key) {
    return database.read("list signing secrets", db -> secretsOf(db, key));
  }

  private static List<SigningSecret> secretsOf(DSLContext db, String key) {
    return db.select(SIGNING_SECRETS.fields())
        .from(SIGNING_SECRETS)
        .where(SIGNING_SECRETS.KEY_ID.eq(key))
        .fetch(row -> new SigningSecret(
            row.get(SIGNING_SECRETS.ID),
            row.get(SIGNING_SECRETS.KEY_ID),
            row.get(SIGNING_SECRETS.PEPPER_VERSION),
            row.get(SIGNING_SECRETS.SEALED),
            row.get(SIGNING_SECRETS.CREATED_AT)))
        .stream()
        .sorted(Comparator.comparing(SigningSecret::id))
        .toList();
  }

  @Override
  public boolean addSecret(SigningSecret secret) {
    return database.change("add signing secret", db -> {
      String user = userOf(db, secret.key()).orElseThrow(() ->
          new IllegalArgumentException("key: " + secret.key() + " (expected: the id of a key)"));
      if (db.fetchExists(SIGNING_SECRETS, SIGNING_SECRETS.ID.eq(secret.id()))) {
        throw new IllegalArgumentException("id: " + secret.id() + " (expected: one that no secret has)");
      }
      if (db.fetchCount(SIGNING_SECRETS, SIGNING_SECRETS.KEY_ID.eq(secret.key())) >= MOST_SECRETS) {
        return List.of();
      }
      db.insertInto(SIGNING_SECRETS)
          .set(SIGNING_SECRETS.ID, secret.id())
          .set(SIGNING_SECRETS.KEY_ID, secret.key())
          .set(SIGNING_SECRETS.PEPPER_VERSION, secret.version())
          .set(SIGNING_SECRETS.SEALED, secret.sealed())
          .set(SIGNING_SECRETS.CREATED_AT, secret.createdAt())
          .execute();
      return SqlUserStore.changed(user);
    });
  }

  @Override
  public boolean deleteSecret(String key, String id) {
    return database.change("delete signing secret", db -> {
      int deleted = db.deleteFrom(SIGNING_SECRETS)
          .where(SIGNING_SECRETS.ID.eq(id))
          .and(SIGNING_SECRETS.KEY_ID.eq(key))
          .execute();
      return deleted == 0 ? List.of() : userOf(db, key).map(SqlUserStore::changed).orElse(List.of());
    });
  }

  @Override
  public boolean reseal(SigningSecret secret) {
    return database.write("reseal signing secret", db -> db
        .update(SIGNING_SECRETS)
        .set(SIGNING_SECRETS.PEPPER_VERSION, secret.version())
        .set(SIGNING_SECRETS.SEALED, secret.sealed())
        .where(SIGNING_SECRETS.ID.eq(secret.id()))
        .and(SIGNING_SECRETS.PEPPER_VERSION.lt(secret.version()))
        .execute()) == 1;
  }

  @Override
  public Map<Integer, Long> secretsByVersion() {
    return database.read("count signing secrets", db -> db
        .select(SIGNING_SECRETS.PEPPER_VERSION, count().cast(Long.class))
        .from(SIGNING_SECRETS)
        .groupBy(SIGNING_SECRETS.PEPPER_VERSION)
        .fetchMap(Record2::value1, Record2::value2));
  }

  private static Optional<String> userOf(DSLContext db, String key) {
    return db.select(API_KEYS.USER_ID).from(API_KEYS).where(API_KEYS.ID.eq(key)).fetchOptional(API_KEYS.USER_ID);
  }
}
