package io.gatehouse.jetty.cli;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.KeyTerms;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyImage;
import io.gatehouse.key.SlowHash;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keys of others in a file of comma-separated values (RFC 4180, a record a line), the first line of which names the
 * columns. Everything is checked before anything is imported: against the rest of the file, and against the stores.
 *
 * <p>Not for use by several threads, but for {@link #bytesRead}.
 */
final class ImportFile {

  private static final List<String> COLUMNS =
      List.of("user", "hash", "start", "name", "scopes", "networks", "expires_at");
  private static final List<String> NEEDED = List.of("user", "hash");

  /** Between several scopes or networks. */
  private static final String AND = ";";

  /** One line that is in order. */
  record Line(ImportedKey key, int bytes) {}

  private final Path file;
  private final KeyIssuer issuer;
  private final KeyAdmin keys;
  private final UserAdmin users;
  private final AtomicLong bytesRead = new AtomicLong();
  private final List<Line> lines = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  /** By what was written for them; empty for nobody. */
  private final Map<String, Optional<User>> known = new HashMap<>();

  /** The images and starts of the lines so far. */
  private final Set<Object> taken = new HashSet<>();

  ImportFile(Path file, Stores stores) {
    this.file = file;
    this.issuer = stores.issuer();
    this.keys = stores.keys();
    this.users = stores.users();
  }

  /** How much of the file was read; any thread may ask. */
  long bytesRead() {
    return bytesRead.get();
  }

  /** The lines that are in order. */
  List<Line> lines() {
    return lines;
  }

  /** What is wrong, each with the number of its line. */
  List<String> faults() {
    return faults;
  }

  /** @throws IOException when the file cannot be read */
  void read() throws IOException {
    int number = 0;
    List<String> columns = List.of();
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        int bytes = line.getBytes(StandardCharsets.UTF_8).length + 1;
        bytesRead.addAndGet(bytes);
        String text = number == 1 ? line.replace("\ufeff", "") : line;
        if (text.isBlank()) {
          continue;
        }
        try {
          if (columns.isEmpty()) {
            columns = columns(cells(text));
          } else {
            lines.add(new Line(key(row(columns, cells(text))), bytes));
          }
        } catch (IllegalArgumentException e) {
          faults.add("line " + number + ": " + e.getMessage());
          if (columns.isEmpty()) {
            return; // nothing can be said of the other lines
          }
        }
      }
    } catch (CharacterCodingException e) {
      faults.add("after line " + number + ": not UTF-8");
    }
    if (columns.isEmpty() && faults.isEmpty()) {
      faults.add("line 1: nothing (expected: the names of the columns)");
    }
  }

  private static List<String> columns(List<String> cells) {
    for (String cell : cells) {
      if (!COLUMNS.contains(cell)) {
        throw new IllegalArgumentException(
            "column \"" + cell + "\" (expected: " + String.join(", ", COLUMNS) + ")");
      }
    }
    if (!cells.containsAll(NEEDED) || Set.copyOf(cells).size() != cells.size()) {
      throw new IllegalArgumentException(
          "columns " + String.join(",", cells) + " (expected: each once, and at least " + String.join(",", NEEDED) + ")");
    }
    return cells;
  }

  private static Map<String, String> row(List<String> columns, List<String> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(cells.size() + " values (expected: " + columns.size() + ")");
    }
    Map<String, String> row = new HashMap<>();
    for (int i = 0; i < cells.size(); i++) {
      row.put(columns.get(i), cells.get(i));
    }
    return row;
  }

  private ImportedKey key(Map<String, String> row) {
    String name = row.get("user");
    User user = known.computeIfAbsent(name, any -> users.user(name).or(() -> users.userNamed(name)))
        .orElseThrow(() -> new IllegalArgumentException("user: \"" + name + "\" (expected: the name or id of a user)"));
    KeyTerms terms = new KeyTerms(
        row.getOrDefault("name", ""),
        Set.copyOf(several(row.getOrDefault("scopes", ""))),
        several(row.getOrDefault("networks", "")).stream().map(Cidr::parse).toList(),
        moment(row.getOrDefault("expires_at", "")));
    KeyImage image = KeyImage.parse(row.get("hash"));
    ImportedKey imported = issuer.imported(user.id(), row.getOrDefault("start", ""), terms, image);
    requireFree(imported);
    return imported;
  }

  private void requireFree(ImportedKey imported) {
    String start = imported.key().start();
    if (start.length() > SlowHash.LONGEST_START) {
      throw new IllegalArgumentException(
          "start: " + start.length() + " characters (expected: at most " + SlowHash.LONGEST_START + ")");
    }
    boolean slow = imported.image() instanceof SlowHash;
    if (!taken.add(slow ? start : imported.image())) {
      throw new IllegalArgumentException((slow ? "start: " + start : "hash: (not shown)") + " is on a line before too");
    }
    boolean there = imported.image() instanceof KeyDigest digest
        ? keys.find(digest).isPresent()
        : keys.slowlyHashed(List.of(start)).stream().anyMatch(each -> each.key().start().equals(start));
    if (there) {
      throw new IllegalArgumentException((slow ? "start: " + start : "hash: (not shown)") + " is imported already");
    }
  }

  private static List<String> several(String text) {
    return text.isBlank() ? List.of() : Arrays.stream(text.split(AND)).map(String::strip).toList();
  }

  private static Optional<Instant> moment(String text) {
    if (text.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("expires_at: " + text + " (expected: such as 2027-01-31T12:00:00Z)", e);
    }
  }

  /** The values of one record. Those in quotes may hold commas, and quotes that are doubled. */
  static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quoted && c == '"' && line.startsWith("\"\"", i)) {
        cell.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    if (quoted) {
      throw new IllegalArgumentException("a quote is not closed (expected: a record a line)");
    }
    cells.add(cell.toString());
    return cells.stream().map(String::strip).toList();
  }
}
