package io.gatehouse.core.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A PEM file that is of no use. Says what was found and what was expected, and nothing of the content. */
public final class PemException extends IOException {

  private static final long serialVersionUID = 1L;

  private final transient Path file;
  private final String fault;
  private final String hint;

  PemException(Path file, String fault, String hint) {
    super(file + ": " + fault + (hint.isEmpty() ? "" : " (" + hint + ")"));
    this.file = Objects.requireNonNull(file, "file");
    this.fault = fault;
    this.hint = hint;
  }

  public Path file() {
    return file;
  }

  /** What was found, and what was expected. */
  public String fault() {
    return fault;
  }

  /** What would probably help; empty when there is no good guess. */
  public String hint() {
    return hint;
  }
}
