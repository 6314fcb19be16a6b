package io.gatehouse;

/**
 * A store could not answer: it is away, too slow, or refused. Says nothing about what was asked for; in particular it
 * never means "not found". Whether the request passes all the same is decided by the gate, not by the store.
 */
public class StoreException extends RuntimeException {
  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
