package io.gatehouse.core.settings;

import java.util.ArrayList;
import java.util.HashMap;
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
  private final Set<String> unreadable = new HashSet<>();
  private final Map<String, List<Origin>> elements = new HashMap<>();
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

  /** The paths where something of the wrong kind stands. */
  Set<String> unreadable() {
    return unreadable;
  }

  /** Where each element of a list begins. */
  List<Origin> elements(String list) {
    return elements.getOrDefault(list, List.of());
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
      add(Given.of(setting.get(), path, Given.Form.SCALAR, scalar.text(), scalar.origin()));
    } else if (Catalog.LISTS.contains(template)) {
      list(path, node);
    } else if (Catalog.isGroup(template)) {
      group(path, node, setting);
    } else {
      setting(path, node, setting.orElseThrow());
    }
  }

  private void list(String path, Node node) {
    if (node instanceof Node.Sequence sequence) {
      List<Origin> begins = elements.computeIfAbsent(path, list -> new ArrayList<>());
      for (Node item : sequence.items()) {
        String element = path + "[" + begins.size() + "]";
        begins.add(item.origin());
        if (item instanceof Node.Mapping mapping) {
          members(element, mapping);
        } else {
          wrongKind(element, item, namesExpected(element), "");
        }
      }
    } else if (!(node instanceof Node.Nothing)) {
      wrongKind(path, node, "a list", "begin each element with -");
    }
  }

  private void group(String path, Node node, Optional<Setting<?>> off) {
    if (node instanceof Node.Mapping mapping) {
      if (mapping.entries().isEmpty() && off.isPresent()) {
        add(Given.of(off.get(), path, Given.Form.SCALAR, "none", node.origin()));
      }
      members(path, mapping);
    } else if (off.isPresent()) {
      wrongKind(path, node, off.get().type().expected(), leaveOut(node));
    } else if (!(node instanceof Node.Nothing)) {
      wrongKind(path, node, namesExpected(path), "");
    }
  }

  private void setting(String path, Node node, Setting<?> setting) {
    if (setting.type().shape() == Type.Shape.MAP && node instanceof Node.Mapping mapping) {
      map(path, mapping, setting);
      return;
    }
    if (setting.type().shape() != Type.Shape.LIST || !(node instanceof Node.Sequence sequence)) {
      wrongKind(path, node, setting.type().expected(), setting.fallback() == null ? "" : leaveOut(node));
      return;
    }
    List<Given.Text> texts = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      Node item = sequence.items().get(i);
      String element = path + "[" + i + "]";
      if (item instanceof Node.Scalar scalar) {
        texts.add(new Given.Text(scalar.text(), element, scalar.origin()));
      } else {
        wrongKind(element, item, setting.type().expected(), "");
      }
    }
    add(new Given(setting, path, Given.Form.SEQUENCE, texts, node.origin()));
  }

  private void map(String path, Node.Mapping mapping, Setting<?> setting) {
    List<Given.Text> texts = new ArrayList<>();
    for (Node.Entry entry : mapping.entries()) {
      String element = path + "." + entry.name();
      if (entry.value() instanceof Node.Scalar scalar) {
        // A name is no place for what the environment fills in.
        texts.add(new Given.Text(Placeholders.escape(entry.name()) + ": " + scalar.text(), element, entry.origin()));
      } else {
        wrongKind(element, entry.value(), setting.type().expected(), "");
      }
    }
    add(new Given(setting, path, Given.Form.SEQUENCE, texts, mapping.origin()));
  }

  private void add(Given one) {
    given.put(one.path(), one);
    for (Given.Text text : one.texts()) {
      PLACEHOLDER.matcher(text.text()).results().forEach(name -> environmentNames.add(name.group(1)));
    }
  }

  private void wrongKind(String path, Node node, String expected, String hint) {
    unreadable.add(path);
    faults.add(node.origin().fault(path, node.kind() + " (expected: " + expected + ")", hint));
  }

  private static String leaveOut(Node node) {
    return node instanceof Node.Nothing ? "leave the line out for the default" : "";
  }

  private static String namesExpected(String path) {
    return "a mapping of " + String.join(", ", Catalog.namesBelow(Setting.template(path)));
  }

  /** The close name in the same place; for a name outside all groups also the one in a group. */
  private static String meant(String path, String name) {
    if (Catalog.at(name).isPresent()) {
      return "write it nested, " + name.replace(".", ": {") + ": ...}";
    }
    String above = path.isEmpty() ? "" : path + ".";
    return Nearest.of(name, Catalog.namesBelow(Setting.template(path))).map(above::concat)
        .or(() -> path.isEmpty() ? Catalog.nearestLeaf(name).map(Setting::path) : Optional.empty())
        .map(meant -> "did you mean " + meant + "?").orElse("");
  }
}
