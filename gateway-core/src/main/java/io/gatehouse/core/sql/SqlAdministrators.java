package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.ADMINISTRATORS;

import io.gatehouse.admin.Administrator;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.Role;
import io.gatehouse.key.KeyDigest;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;

/** Administrators in the database. {@link #find} is one query of one index. */
public final class SqlAdministrators implements AdministratorAdmin {

  private final SqlDatabase database;

  public SqlAdministrators(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public Optional<Administrator> find(KeyDigest digest) {
    return database.read("find administrator", db -> db
        .select(ADMINISTRATORS.fields())
        .from(ADMINISTRATORS)
        .where(ADMINISTRATORS.DIGEST.eq(digest.hex()))
        .and(ADMINISTRATORS.DIGEST_VERSION.eq(digest.version()))
        .fetchOptional(SqlAdministrators::administrator));
  }

  @Override
  public void addAdministrator(Administrator administrator, KeyDigest digest) {
    database.write("add administrator", db -> {
      if (db.fetchExists(db.selectOne().from(ADMINISTRATORS).where(ADMINISTRATORS.ID.eq(administrator.id())))) {
        throw new IllegalArgumentException("id: " + administrator.id() + " (expected: one that no administrator has)");
      }
      requireFree(db, digest);
      return db.insertInto(ADMINISTRATORS)
          .set(ADMINISTRATORS.ID, administrator.id())
          .set(ADMINISTRATORS.NAME, administrator.name())
          .set(ADMINISTRATORS.ROLE, administrator.role().name())
          .set(ADMINISTRATORS.TENANT, administrator.tenant().orElse(null))
          .set(ADMINISTRATORS.DISPLAY_START, administrator.start())
          .set(ADMINISTRATORS.DIGEST, digest.hex())
          .set(ADMINISTRATORS.DIGEST_VERSION, digest.version())
          .set(ADMINISTRATORS.CREATED_AT, administrator.createdAt())
          .execute();
    });
  }

  @Override
  public Optional<Administrator> administrator(String id) {
    return database.read("read administrator", db -> db
        .select(ADMINISTRATORS.fields())
        .from(ADMINISTRATORS)
        .where(ADMINISTRATORS.ID.eq(id))
        .fetchOptional(SqlAdministrators::administrator));
  }

  @Override
  public List<Administrator> administrators(String after, int most) {
    return database.read("list administrators", db -> db
        .select(ADMINISTRATORS.fields())
        .from(ADMINISTRATORS)
        .where(ADMINISTRATORS.ID.gt(after))
        .orderBy(ADMINISTRATORS.ID)
        .limit(most)
        .fetch(SqlAdministrators::administrator));
  }

  @Override
  public boolean replaceToken(String id, String start, KeyDigest digest) {
    return database.write("replace token", db -> {
      requireFree(db, digest);
      return db.update(ADMINISTRATORS)
          .set(ADMINISTRATORS.DISPLAY_START, start)
          .set(ADMINISTRATORS.DIGEST, digest.hex())
          .set(ADMINISTRATORS.DIGEST_VERSION, digest.version())
          .where(ADMINISTRATORS.ID.eq(id))
          .execute() > 0;
    });
  }

  @Override
  public boolean deleteAdministrator(String id) {
    return database.write(
        "delete administrator",
        db -> db.deleteFrom(ADMINISTRATORS).where(ADMINISTRATORS.ID.eq(id)).execute() > 0);
  }

  private static void requireFree(DSLContext db, KeyDigest digest) {
    if (db.fetchExists(db.selectOne()
        .from(ADMINISTRATORS)
        .where(ADMINISTRATORS.DIGEST.eq(digest.hex()))
        .and(ADMINISTRATORS.DIGEST_VERSION.eq(digest.version())))) {
      throw new IllegalArgumentException("digest: (not shown) (expected: one that no administrator has)");
    }
  }

  private static Administrator administrator(Record row) {
    return new Administrator(
        row.get(ADMINISTRATORS.ID),
        row.get(ADMINISTRATORS.NAME),
        Role.valueOf(row.get(ADMINISTRATORS.ROLE)),
        Optional.ofNullable(row.get(ADMINISTRATORS.TENANT)),
        row.get(ADMINISTRATORS.DISPLAY_START),
        row.get(ADMINISTRATORS.CREATED_AT));
  }
}
