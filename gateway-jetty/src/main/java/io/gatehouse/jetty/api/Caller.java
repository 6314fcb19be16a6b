package io.gatehouse.jetty.api;

import io.gatehouse.admin.Administrator;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.admin.Role;
import java.util.Optional;

/**
 * Who administers.
 *
 * @param id of the administrator, {@link AuditRecord#CONFIGURATION} or {@link AuditRecord#COMMAND_LINE}
 * @param tenant to which they are bound; empty: to none
 */
public record Caller(String id, String name, Role role, Optional<String> tenant) implements Actor {

  /** Who has the token of the configuration. */
  public static final Caller CONFIGURATION =
      new Caller(AuditRecord.CONFIGURATION, AuditRecord.CONFIGURATION, Role.OWNER, Optional.empty());

  /** Who has the token of the configuration for backends that register themselves. */
  public static final Caller REGISTRATION =
      new Caller("registration", "registration", Role.REGISTRAR, Optional.empty());

  /** Who sits at the machine, as the user of this name. */
  public static Caller commandLine(String name) {
    return new Caller(AuditRecord.COMMAND_LINE, name, Role.OWNER, Optional.empty());
  }

  public static Caller of(Administrator administrator) {
    return new Caller(administrator.id(), administrator.name(), administrator.role(), administrator.tenant());
  }

  /** Whether they may know of what belongs to a tenant, or to none. */
  public boolean mayKnow(Optional<String> of) {
    return tenant.isEmpty() || tenant.equals(of);
  }
}
