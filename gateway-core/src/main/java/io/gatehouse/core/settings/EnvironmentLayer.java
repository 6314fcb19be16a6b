package io.gatehouse.core.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what the environment says: {@code GATEHOUSE_<PATH>} holds a value, {@code GATEHOUSE_<PATH>_FILE} the path of a
 * file that holds it.
 */
final class EnvironmentLayer {

  private static final String FILE = "_FILE";
  private static final int LARGEST_FILE = 1 << 20;
  private static final Pattern NUMBER = Pattern.compile("_(0|[1-9][0-9]{0,5})_");

  /** Kubernetes puts the services of a namespace into the environment: GATEHOUSE_SERVICE_HOST, GATEHOUSE_PORT. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(".*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");
  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  private static final Map<String, Setting<?>> BY_NAME = byName();

  private final List<Fault> faults;
  private final Map<String, Given> given = new LinkedHashMap<>();

  EnvironmentLayer(List<Fault> faults) {
    this.faults = faults;
  }

  /** By path. */
  Map<String, Given> given() {
    return given;
  }

  /**
   * Takes in all variables that are ours.
   *
   * @param askedFor names that the file fills in
   */
  void read(Map<String, String> environment, Set<String> askedFor) {
    for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
      String name = variable.getKey();
      if (name.startsWith(Setting.PREFIX) && !isServiceLink(name, variable.getValue())) {
        if (path(name).isPresent()) {
          add(name, name, variable.getValue());
        } else if (name.endsWith(FILE) && path(withoutFile(name)).isPresent()) {
          file(name, variable.getValue(), environment);
        } else if (!askedFor.contains(name)) {
          faults.add(Origin.environment(name).fault("", "unknown setting", meant(name)));
        }
      }
    }
  }

  private void file(String name, String file, Map<String, String> environment) {
    String plain = withoutFile(name);
    if (environment.containsKey(plain)) {
      faults.add(Origin.environment(name).fault(
          path(plain).orElseThrow(), "set twice", "keep this or " + plain));
      return;
    }
    try {
      add(plain, name, contents(Path.of(file)));
    } catch (InvalidPathException | NoSuchFileException e) {
      faults.add(Origin.environment(name).fault(path(plain).orElseThrow(), "no such file: " + Values.shown(file), ""));
    } catch (IOException e) {
      faults.add(Origin.environment(name).fault(
          path(plain).orElseThrow(), "cannot be read (expected: a file of at most 1 MiB): " + Values.shown(file), ""));
    }
  }

  /** The text of a file without the end of its last line. */
  private static String contents(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new IOException("more than 1 MiB");
      }
      String text = new String(bytes, StandardCharsets.UTF_8);
      return text.endsWith("\r\n") ? text.substring(0, text.length() - 2)
          : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }
  }

  private void add(String plain, String name, String value) {
    String path = path(plain).orElseThrow();
    Setting<?> setting = Catalog.at(Setting.template(path)).orElseThrow();
    given.put(path, Given.of(setting, path, Given.Form.LITERAL, value, Origin.environment(name)));
  }

  /** The path that a variable sets. */
  private static Optional<String> path(String name) {
    Matcher number = NUMBER.matcher(name);
    boolean numbered = number.find();
    Setting<?> setting = BY_NAME.get(numbered ? number.replaceFirst("_N_") : name);
    if (setting == null || numbered != setting.path().contains("[]")) {
      return Optional.empty();
    }
    return Optional.of(numbered ? setting.at(Integer.parseInt(number.group(1))) : setting.path());
  }

  private static String meant(String name) {
    Matcher number = NUMBER.matcher(name);
    String index = number.find() ? number.group(1) : "0";
    boolean file = name.endsWith(FILE);
    Set<String> names = new LinkedHashSet<>();
    BY_NAME.keySet().forEach(known -> names.add(known.replace("_N_", "_" + index + "_")));
    String plain = file ? withoutFile(name) : name;
    return Nearest.of(plain, names)
        .or(() -> Catalog.nearestLeaf(plain.substring(Setting.PREFIX.length())).map(Setting::environmentName))
        .map(near -> "did you mean " + near + (file ? FILE : "") + "?").orElse("");
  }

  private static boolean isServiceLink(String name, String value) {
    return SERVICE_LINK.matcher(name).matches()
        || name.endsWith("_PORT") && SERVICE_ADDRESS.matcher(value).matches();
  }

  private static String withoutFile(String name) {
    return name.substring(0, name.length() - FILE.length());
  }

  private static Map<String, Setting<?>> byName() {
    Map<String, Setting<?>> byName = new LinkedHashMap<>();
    Catalog.all().forEach(setting -> byName.put(setting.environmentName(), setting));
    return byName;
  }
}
