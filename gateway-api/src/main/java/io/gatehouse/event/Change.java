package io.gatehouse.event;

import java.util.Objects;

/**
 * Something that administration changed and that every node must hear of.
 *
 * @param topic what kind of thing
 * @param reference the id of the user or block or the name of the tenant or plan concerned, the URI of the backend, or
 *     which answers; empty: all of them
 */
public record Change(Topic topic, String reference) {

  /** What can change. */
  public enum Topic {
    /** A user, or anything that belongs to one: keys, limits, quotas, networks, which plan they are on. */
    USER,
    /** What a tenant shares: its limits. Which users belong to it is a matter of these. */
    TENANT,
    /** What a plan says. Which users are on it is a matter of these. */
    PLAN,
    /** The backends of the pool. */
    BACKENDS,
    /** Who is kept out. */
    BLOCKS,
    /** Kept answers are to be forgotten; which, the reference says. */
    ANSWERS
  }

  public Change {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(reference, "reference");
  }
}
