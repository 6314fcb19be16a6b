package io.gatehouse.core.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Holds a tree against the catalog: what it says of which setting, and what in it is no setting at all. */
final class FileLayer {

  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(" + Placeholders.NAME + ")");

  private final List<Fault> faults;
  private final Map<String, Given> given = new LinkedHashMap<>();
  private final List<Origin> backends = new ArrayList<>();
  private final Set<String> environmentNames = new HashSet<>();

  FileLayer(List<Fault> faults) {
    this.faults = faults;
  }

  void read(Node root) {
    if (root instanceof Node.Mapping mapping) {
      members("", mapping);
    } else if (!(root instanceof Node.Nothing)) {
      faults.add(root.origin().fault("", root.kind() + " (expected: a mapping of settings)", ""));
    }
  }

  /** By path. */
  Map<String, Given> given() {
    return given;
  }

  /** Where each backend begins. */
  List<Origin> backends() {
    return backends;
  }

  /** The variables that the file asks for. */
  Set<String> environmentNames() {
    return environmentNames;
  }

  private void members(String path, Node.Mapping mapping) {
    for (Node.Entry entry : mapping.entries()) {
      String below = path.isEmpty() ? entry.name() : path + "." + entry.name();
      if (Catalog.namesBelow(Setting.template(path)).contains(entry.name())) {
        member(below, entry.value());
      } else {
        faults.add(entry.origin().fault(below, "unknown setting", meant(path, entry.name())));
      }
    }
  }

  private void member(String path, Node node) {
    String template = Setting.template(path);
    Optional<Setting<?>> setting = Catalog.at(template);
    if (setting.isPresent() && node instanceof Node.Scalar scalar) {
      add(setting.get(), path, Given.Form.SCALAR, List.of(scalar), scalar.origin());
    } else if (template.equals(Catalog.BACKENDS)) {
      backends(path, node);
    } else if (Catalog.isGroup(template)) {
      group(path, node, setting);
    } else {
      list(path, node, setting.orElseThrow());
    }
  }

  private void backends(String path, Node node) {
    if (node instanceof Node.Nothing) {
      return;
    }
    if (!(node instanceof Node.Sequence sequence)) {
      faults.add(node.origin().fault(path, node.kind() + " (expected: a list)", "begin each element with -"));
      return;
    }
    for (Node item : sequence.items()) {
      String element = path + "[" + backends.size() + "]";
      backends.add(item.origin());
      if (item instanceof Node.Mapping mapping) {
        members(element, mapping);
      } else {
        faults.add(item.origin().fault(element, expectedNames(item, element), ""));
      }
    }
  }

  private void group(String path, Node node, Optional<Setting<?>> offSwitch) {
    if (node instanceof Node.Mapping mapping) {
      if (mapping.entries().isEmpty() && offSwitch.isPresent()) {
        add(offSwitch.get(), path, Given.Form.SCALAR, List.of(new Node.Scalar("none", node.origin())), node.origin());
      }
      members(path, mapping);
    } else if (!(node instanceof Node.Nothing)) {
      faults.add(node.origin().fault(path, expectedNames(node, path), ""));
    } else if (offSwitch.isPresent()) {
      faults.add(node.origin().fault(
          path, "no value (expected: " + offSwitch.get().type().expected() + ")",
          "leave the line out for the default"));
    }
  }

  private void list(String path, Node node, Setting<?> setting) {
    if (setting.type().shape() == Type.Shape.LIST && node instanceof Node.Sequence sequence) {
      List<Node.Scalar> texts = new ArrayList<>();
      for (Node item : sequence.items()) {
        if (item instanceof Node.Scalar scalar) {
          texts.add(scalar);
        } else {
          faults.add(item.origin().fault(path + "[" + sequence.items().indexOf(item) + "]",
              item.kind() + " (expected: " + setting.type().expected() + ")", ""));
        }
      }
      add(setting, path, Given.Form.SEQUENCE, texts, node.origin());
    } else if (node instanceof Node.Nothing) {
      faults.add(node.origin().fault(path, "no value (expected: " + setting.type().expected() + ")",
          setting.fallback() == null ? "" : "leave the line out for the default"));
    } else {
      faults.add(node.origin().fault(path, node.kind() + " (expected: " + setting.type().expected() + ")", ""));
    }
  }

  private void add(Setting<?> setting, String path, Given.Form form, List<Node.Scalar> texts, Origin origin) {
    given.put(path, new Given(setting, path, form, texts, origin));
    for (Node.Scalar text : texts) {
      PLACEHOLDER.matcher(text.text()).results().forEach(name -> environmentNames.add(name.group(1)));
    }
  }

  private static String expectedNames(Node found, String path) {
    return found.kind() + " (expected: a mapping of "
        + String.join(", ", Catalog.namesBelow(Setting.template(path))) + ")";
  }

  /** The close name in the same place, or else the same name in the only other place that has it. */
  private static String meant(String path, String name) {
    String above = path.isEmpty() ? "" : path + ".";
    if (Catalog.at(name).isPresent()) {
      return "write it nested, " + name.replace(".", ": {") + ": ...}";
    }
    Optional<String> near = Nearest.of(name, Catalog.namesBelow(Setting.template(path))).map(above::concat);
    List<String> elsewhere = Catalog.all().stream().map(Setting::path)
        .filter(other -> other.endsWith("." + Nearest.snake(name))).toList();
    if (near.isEmpty() && elsewhere.size() == 1) {
      near = Optional.of(elsewhere.get(0));
    }
    return near.map(meant -> "did you mean " + meant + "?").orElse("");
  }
}
