package io.gatehouse.core.settings;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the settings of a process are read, at its start and again when they may have changed: a file, if there is one,
 * and the environment.
 *
 * @param file empty when there is none
 * @param environment of the process, which does not change; the files that it names do
 */
public record SettingsSource(Optional<Path> file, Map<String, String> environment) {

  public SettingsSource {
    Objects.requireNonNull(file, "file");
    environment = Map.copyOf(environment);
  }

  /**
   * Reads and checks everything, as {@link SettingsReader#read}.
   *
   * @throws SettingsException with all that is wrong
   */
  public Effective read() {
    return SettingsReader.read(file, environment);
  }

  @Override
  public String toString() {
    return "SettingsSource[" + file.map(Path::toString).orElse("environment") + "]";
  }
}
