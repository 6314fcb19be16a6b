package io.gatehouse.admin;

import java.time.Instant;
import java.util.Objects;

/**
 * An answer that is kept so that it can be given again. Everything of a client in it is digested or sealed.
 *
 * @param caller who was answered: the id of an administrator, or {@link AuditRecord#CONFIGURATION}
 * @param key the digest of the key that the client has chosen for the request
 * @param request the digest of the request, to tell another request with the same key
 * @param sealed the answer, sealed
 * @param at when it was given, in milliseconds; finer parts are cut off
 */
public record GivenAnswer(String caller, String key, String request, String sealed, Instant at) {
  public GivenAnswer {
    Objects.requireNonNull(caller, "caller");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(sealed, "sealed");
    at = Instant.ofEpochMilli(at.toEpochMilli());
  }
}
