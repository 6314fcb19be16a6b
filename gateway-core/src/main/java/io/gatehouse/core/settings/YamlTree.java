package io.gatehouse.core.settings;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads the text of a file into nodes that know their places. Scalars stay texts, whatever YAML would make of them: a
 * password of digits keeps its leading zero. Of a text that is not YAML there is no tree, and one fault. Its messages
 * never quote the text, which may hold secrets.
 */
final class YamlTree {

  private static final YAMLFactory YAML = new YAMLFactory();

  private final String source;
  private final List<Fault> faults;
  private final YAMLParser parser;

  private YamlTree(String source, List<Fault> faults, YAMLParser parser) {
    this.source = source;
    this.faults = faults;
    this.parser = parser;
  }

  /** The tree of a text; empty when there is nothing in it, or when it is not YAML and a fault was added. */
  static Optional<Node> read(String source, String text, List<Fault> faults) {
    try (YAMLParser parser = YAML.createParser(text)) {
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      var tree = new YamlTree(source, faults, parser);
      Node root = tree.node("");
      if (parser.nextToken() != null) {
        faults.add(tree.here().fault("", "a second document (expected: one)", "remove the line ---"));
      }
      return Optional.of(root);
    } catch (JsonProcessingException e) {
      faults.add(fault(source, text, e));
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not from a text in memory
    }
  }

  private Node node(String path) throws IOException {
    Origin origin = here();
    if (parser.isCurrentAlias()) {
      return new Node.Alias(origin);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(path, origin);
      case START_ARRAY -> sequence(path, origin);
      case VALUE_NULL -> new Node.Nothing(origin);
      default -> new Node.Scalar(parser.getText(), origin);
    };
  }

  private Node mapping(String path, Origin origin) throws IOException {
    Map<String, Node.Entry> entries = new HashMap<>();
    List<Node.Entry> inOrder = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      Origin nameOrigin = here();
      String below = path.isEmpty() ? name : path + "." + name;
      parser.nextToken();
      var entry = new Node.Entry(name, nameOrigin, node(below));
      Node.Entry first = entries.putIfAbsent(name, entry);
      if (first == null) {
        inOrder.add(entry);
      } else {
        faults.add(nameOrigin.fault(below, "set twice", "first in line " + first.origin().line()));
      }
    }
    return new Node.Mapping(List.copyOf(inOrder), origin);
  }

  private Node sequence(String path, Origin origin) throws IOException {
    List<Node> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(path + "[" + items.size() + "]"));
    }
    return new Node.Sequence(List.copyOf(items), origin);
  }

  private Origin here() {
    JsonLocation place = parser.currentTokenLocation();
    return new Origin(source, place.getLineNr(), place.getColumnNr());
  }

  private static Fault fault(String source, String text, JsonProcessingException broken) {
    if (broken.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      Mark mark = marked.getProblemMark();
      String message = marked.getContext() == null
          ? marked.getProblem() : marked.getProblem() + ", " + marked.getContext();
      return at(source, text, mark.getIndex()).fault("", "broken YAML: " + message, hint(text, mark.getIndex()));
    }
    if (broken.getCause() instanceof ReaderException unreadable) {
      return at(source, text, unreadable.getPosition())
          .fault("", "broken YAML: a character that is not allowed", "");
    }
    JsonLocation place = broken.getLocation();
    if (place == null) {
      return new Origin(source, 0, 0).fault("", "broken YAML: too deep a nesting, or too long", "");
    }
    return new Origin(source, place.getLineNr(), place.getColumnNr())
        .fault("", "broken YAML: a key that is not a single value", hint(text, -1));
  }

  /** The line and column of a place in a text; a place behind its last line counts as the end of that line. */
  private static Origin at(String source, String text, int codePoints) {
    int index = Math.min(text.offsetByCodePoints(0, codePoints), text.stripTrailing().length());
    int lineStart = text.lastIndexOf('\n', index - 1) + 1;
    int line = 1 + (int) text.substring(0, lineStart).chars().filter(c -> c == '\n').count();
    return new Origin(source, line, index - lineStart + 1);
  }

  private static String hint(String text, int codePoints) {
    if (codePoints < 0) {
      return "";
    }
    int index = Math.min(text.offsetByCodePoints(0, codePoints), text.length());
    if (text.startsWith("\t", index)) {
      return "indent with spaces";
    }
    int lineStart = text.lastIndexOf('\n', index - 1) + 1;
    return text.substring(lineStart, index).contains("$") && text.substring(lineStart).contains("${")
        ? "put ${...} into quotes" : "";
  }
}
