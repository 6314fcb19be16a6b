package io.gatehouse.examples.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes the report and its plots into a directory, {@code docs/simulation} by default. */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createDirectories(Path.of(arguments.length == 0 ? "docs/simulation" : arguments[0]));
    for (Map.Entry<String, String> file : Report.files().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
  }
}
