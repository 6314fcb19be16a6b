package io.gatehouse.examples.imgproxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of the example, read as their programs would read them. */
final class Example {

  static final Path FOLDER = Path.of("").toAbsolutePath();

  private Example() {}

  /** A YAML document, as maps, lists and texts; anchors resolved. */
  static Node yaml(String file) throws IOException {
    return new Node(new Yaml(new SafeConstructor(new LoaderOptions())).load(text(file)));
  }

  static String text(String file) throws IOException {
    return Files.readString(FOLDER.resolve(file));
  }

  /** The lines {@code NAME=value} of a file. */
  static Map<String, String> assignments(Path file) throws IOException {
    Map<String, String> assignments = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      int end = line.indexOf('=');
      assignments.put(line.substring(0, end), line.substring(end + 1));
    }
    return assignments;
  }

  /** A part of a document; asking for what is not there fails the test. */
  record Node(Object value) {

    Node at(String... path) {
      Object found = value;
      for (String name : path) {
        found = found instanceof List<?> list ? list.get(Integer.parseInt(name)) : ((Map<?, ?>) found).get(name);
        if (found == null) {
          throw new AssertionError("nothing at " + String.join(".", path));
        }
      }
      return new Node(found);
    }

    boolean has(String name) {
      return ((Map<?, ?>) value).containsKey(name);
    }

    String text() {
      return String.valueOf(value);
    }

    List<String> texts() {
      return ((List<?>) value).stream().map(String::valueOf).toList();
    }

    List<Node> elements() {
      return ((List<?>) value).stream().map(Node::new).toList();
    }

    Map<String, Node> members() {
      Map<String, Node> members = new LinkedHashMap<>();
      ((Map<?, ?>) value).forEach((name, member) -> members.put(String.valueOf(name), new Node(member)));
      return members;
    }
  }
}
