package io.gatehouse.core.country;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A file of countries that is of no use. */
public final class CountryFileException extends IOException {

  private static final long serialVersionUID = 1L;

  private final transient Path file;
  private final String fault;

  CountryFileException(Path file, String fault, Throwable cause) {
    super(file + ": " + fault, cause);
    this.file = Objects.requireNonNull(file, "file");
    this.fault = fault;
  }

  public Path file() {
    return file;
  }

  /** What was found, and what was expected. */
  public String fault() {
    return fault;
  }
}
