package io.gatehouse.admin;

import java.time.Instant;
import java.util.Objects;

/**
 * One change: who made it, when, from where, and what was before and after. Holds no secret. Texts that are not known or do
 * not apply are empty.
 *
 * @param id unique, and in the order of the time
 * @param at when it was made, in milliseconds; finer parts are cut off
 * @param administrator the id of who made it, {@value #CONFIGURATION} for the token of the configuration,
 *     {@value #COMMAND_LINE}, or {@value #GATEWAY}
 * @param name how that administrator was called then
 * @param address from which address
 * @param requestId the id that the client was told
 * @param operation what was done: {@code createUser}
 * @param object what was changed, as it is called in paths: {@code users/01M8...}, {@code users/01M8.../limits}
 * @param before the JSON of what was there; empty: nothing
 * @param after the JSON of what is there since; empty: nothing
 */
public record AuditRecord(
    String id,
    Instant at,
    String administrator,
    String name,
    String address,
    String requestId,
    String operation,
    String object,
    String before,
    String after) {

  /** Who has the token of the configuration, or of the first start: {@value}. */
  public static final String CONFIGURATION = "configuration";

  /** Who changes the store beside a gateway: {@value}. */
  public static final String COMMAND_LINE = "command-line";

  /** The gateway itself, for what callers have done: {@value}. */
  public static final String GATEWAY = "gateway";

  public AuditRecord {
    Objects.requireNonNull(id, "id");
    at = Instant.ofEpochMilli(at.toEpochMilli());
    Objects.requireNonNull(administrator, "administrator");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(requestId, "requestId");
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(object, "object");
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(after, "after");
  }
}
