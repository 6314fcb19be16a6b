package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.IP_DENYLIST;
import static io.gatehouse.core.sql.schema.Tables.IP_WHITELIST;

import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistAdmin;
import java.util.LinkedHashSet;
import java.util.List;
import org.jooq.Table;
import org.jooq.TableField;

/** The networks from which users may call, and those from which not, in the database. */
public final class SqlWhitelistStore implements WhitelistAdmin {

  private final SqlDatabase database;

  public SqlWhitelistStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public List<Cidr> networksOf(String owner) {
    return networks(IP_WHITELIST, IP_WHITELIST.USER_ID, IP_WHITELIST.NETWORK, owner);
  }

  @Override
  public List<Cidr> deniedTo(String owner) {
    return networks(IP_DENYLIST, IP_DENYLIST.USER_ID, IP_DENYLIST.NETWORK, owner);
  }

  /** @throws IllegalArgumentException when {@code owner} is not the id of a user */
  @Override
  public void replaceNetworks(String owner, List<Cidr> networks) {
    replace(IP_WHITELIST, IP_WHITELIST.USER_ID, IP_WHITELIST.NETWORK, owner, networks);
  }

  /** @throws IllegalArgumentException when {@code owner} is not the id of a user */
  @Override
  public void replaceDenied(String owner, List<Cidr> networks) {
    replace(IP_DENYLIST, IP_DENYLIST.USER_ID, IP_DENYLIST.NETWORK, owner, networks);
  }

  private List<Cidr> networks(
      Table<?> list, TableField<?, String> user, TableField<?, Cidr> network, String owner) {
    return database.read("read networks", db -> db
        .select(network)
        .from(list)
        .where(user.eq(owner))
        .orderBy(network)
        .fetch(network));
  }

  private void replace(
      Table<?> list, TableField<?, String> user, TableField<?, Cidr> network, String owner, List<Cidr> networks) {
    database.change("replace networks", db -> {
      SqlUserStore.require(db, owner);
      db.deleteFrom(list).where(user.eq(owner)).execute();
      for (Cidr each : new LinkedHashSet<>(networks)) {
        db.insertInto(list).set(user, owner).set(network, each).execute();
      }
      return SqlUserStore.changed(owner);
    });
  }
}
