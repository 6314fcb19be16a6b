package io.gatehouse.core.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the settings from a YAML file and the environment. What the environment says goes before what the file says,
 * and that before the defaults. Nothing is guessed: whatever cannot be understood is a fault, and all faults are found
 * in one go. docs/configuration.md describes the form.
 *
 * <p>Stateless; reading again gives a fresh snapshot.
 */
public final class SettingsReader {

  private static final Pattern ELEMENT = Pattern.compile("([^\\[]+)\\[([0-9]+)]\\..*");
  private static final int LARGEST_FILE = 3 << 20;

  private SettingsReader() {}

  /**
   * Reads and checks everything.
   *
   * @param file empty when there is none; one that is named must exist
   * @param environment variables that do not begin with {@code GATEHOUSE_} matter only where the file asks for them.
   *     Those that do must be settings: take out first what you use for something else
   * @throws SettingsException with all that is wrong
   * @throws IllegalStateException when there is a file and Jackson's YAML reader is not on the class path
   */
  public static Effective read(Optional<Path> file, Map<String, String> environment) {
    List<Fault> faults = new ArrayList<>();
    String source = file.map(Path::toString).orElse("");
    Optional<Node> tree = file.flatMap(path -> text(path, faults)).flatMap(text -> tree(source, text, faults));
    return read(tree, environment, faults);
  }

  /** Reads a text in place of a file. */
  static Effective read(String source, String text, Map<String, String> environment) {
    List<Fault> faults = new ArrayList<>();
    return read(tree(source, text, faults), environment, faults);
  }

  private static Effective read(Optional<Node> tree, Map<String, String> environment, List<Fault> faults) {
    if (tree.isEmpty() && !faults.isEmpty()) {
      throw new SettingsException(faults); // of an unreadable file nothing more can be said
    }
    var fromFile = new FileLayer(faults);
    tree.ifPresent(fromFile::read);
    var fromEnvironment = new EnvironmentLayer(faults);
    fromEnvironment.read(environment, fromFile.environmentNames());

    Map<String, List<Origin>> elements = new LinkedHashMap<>();
    for (String list : Catalog.LISTS) {
      elements.put(list, elements(list, fromFile.elements(list), fromEnvironment.given(), faults));
    }
    var values = new Values(environment, faults);
    fromFile.unreadable().forEach(values::addUnreadable);
    merge(fromFile.given(), fromEnvironment.given()).values().forEach(values::add);
    return Effective.of(values, elements, faults);
  }

  private static Optional<Node> tree(String source, String text, List<Fault> faults) {
    try {
      return YamlTree.read(source, text, faults);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException("To read " + source
          + " add com.fasterxml.jackson.dataformat:jackson-dataformat-yaml to the class path", e);
    }
  }

  private static Map<String, Given> merge(Map<String, Given> file, Map<String, Given> environment) {
    Map<String, Given> merged = new LinkedHashMap<>(file);
    for (Catalog.Level level : Catalog.LEVELS) {
      boolean limited = level.rules().all().stream().anyMatch(setting -> environment.containsKey(setting.path()));
      if (limited) {
        merged.remove(level.off().path());
      } else if (environment.containsKey(level.off().path())) {
        level.rules().all().forEach(setting -> merged.remove(setting.path()));
      }
    }
    merged.putAll(environment);
    return merged;
  }

  /** The elements of a list in the file, and those that the environment adds behind them without leaving one out. */
  private static List<Origin> elements(
      String list, List<Origin> file, Map<String, Given> environment, List<Fault> faults) {
    var added = new TreeMap<Integer, Given>();
    for (Given given : environment.values()) {
      Matcher element = ELEMENT.matcher(given.path());
      if (element.matches() && element.group(1).equals(list)) {
        added.putIfAbsent(Integer.parseInt(element.group(2)), given);
      }
    }
    List<Origin> elements = new ArrayList<>(file);
    for (Map.Entry<Integer, Given> entry : added.tailMap(file.size()).entrySet()) {
      Given given = entry.getValue();
      if (entry.getKey() == elements.size()) {
        elements.add(given.origin());
      } else {
        faults.add(given.origin().fault(
            given.path(), "there is no " + list + "[" + elements.size() + "]", "number them without gaps, from 0"));
      }
    }
    return elements;
  }

  private static Optional<String> text(Path file, List<Fault> faults) {
    var place = new Origin(file.toString(), 0, 0);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
      if (bytes.length <= LARGEST_FILE) {
        return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
      }
      faults.add(place.fault("", "more than 3 MiB (expected: a YAML file of settings)", ""));
    } catch (NoSuchFileException e) {
      faults.add(place.fault("", "no such file", ""));
    } catch (CharacterCodingException e) {
      faults.add(place.fault("", "not UTF-8 (expected: a YAML file of settings)", ""));
    } catch (IOException e) {
      faults.add(place.fault("", Files.isDirectory(file) ? "a directory (expected: a file)" : "cannot be read", ""));
    }
    return Optional.empty();
  }
}
