package io.gatehouse.core.upstream;

/** What an answer says of the backend that gave it. */
public enum Verdict {
  /** It works. */
  WELL,
  /** Nothing: the answer is about the request, or about what stands behind the backend. */
  NOTHING,
  /** It has no room at the moment, which is no fault; another one may have. */
  FULL,
  /** The backend itself is at fault; another one may do better. */
  FAULT
}
