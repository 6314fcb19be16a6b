package io.gatehouse.core.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The settings cannot be used. Holds all that is wrong with them; the message has one line for each fault. */
public final class SettingsException extends RuntimeException {

  /** What a program that stops for this should exit with: {@value}, EX_CONFIG of sysexits.h. */
  public static final int EXIT_STATUS = 78;

  private final List<Fault> faults;

  /** At least one fault: of the reader, or of whoever finds that a file which the settings name is of no use. */
  public SettingsException(List<Fault> faults) {
    super(faults.stream().map(Fault::toString).collect(Collectors.joining(System.lineSeparator())));
    this.faults = List.copyOf(faults);
  }

  /** At least one; those of the file in its order, then those of the environment by name. */
  public List<Fault> faults() {
    return faults;
  }
}
