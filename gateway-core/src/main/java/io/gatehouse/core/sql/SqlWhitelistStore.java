package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.IP_WHITELIST;

import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistAdmin;
import java.util.LinkedHashSet;
import java.util.List;

/** The networks from which users may call, in the database. */
public final class SqlWhitelistStore implements WhitelistAdmin {

  private final SqlDatabase database;

  public SqlWhitelistStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public List<Cidr> networksOf(String owner) {
    return database.read("read networks", db -> db
        .select(IP_WHITELIST.NETWORK)
        .from(IP_WHITELIST)
        .where(IP_WHITELIST.USER_ID.eq(owner))
        .orderBy(IP_WHITELIST.NETWORK)
        .fetch(IP_WHITELIST.NETWORK));
  }

  /** @throws IllegalArgumentException when {@code owner} is not the id of a user */
  @Override
  public void replaceNetworks(String owner, List<Cidr> networks) {
    database.change("replace networks", db -> {
      SqlUserStore.require(db, owner);
      db.deleteFrom(IP_WHITELIST).where(IP_WHITELIST.USER_ID.eq(owner)).execute();
      for (Cidr network : new LinkedHashSet<>(networks)) {
        db.insertInto(IP_WHITELIST)
            .set(IP_WHITELIST.USER_ID, owner)
            .set(IP_WHITELIST.NETWORK, network)
            .execute();
      }
      return SqlUserStore.changed(owner);
    });
  }
}
