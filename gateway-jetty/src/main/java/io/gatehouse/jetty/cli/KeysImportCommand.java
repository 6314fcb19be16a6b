package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.setup.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes over keys of others, all of a file or none: in one transaction, which no request of the API could be. */
@Command(
    name = "import",
    description = {
      "Takes over keys that somebody else has made, by their hashes: SHA-256 as 64 hexadecimal digits, or bcrypt.",
      "FILE has a record a line, with commas between the values. The first line names the columns: user and hash, and if"
          + " wanted start, name, scopes, networks and expires_at; several scopes or networks have a ; between them. The"
          + " start of a key, 6 to 32 characters, is needed with bcrypt.",
      "All lines are imported, or none. Works on the database of the settings only."
    })
final class KeysImportCommand implements Runnable {

  private final RootCommand root;

  @Parameters(paramLabel = "FILE", description = "The file; UTF-8.")
  private Path file = Path.of("");

  @Mixin private DryRun dryRun = new DryRun();

  KeysImportCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    root.withStore(way -> {
      Stores stores = way.gateway().stores();
      ImportFile keys = read(root.surroundings().workingDirectory().resolve(file), stores);
      int count = keys.lines().size();
      String what = count + (count == 1 ? " key" : " keys");
      ObjectNode json = Answers.json().put("keys", count).put("dry_run", dryRun.on());
      if (dryRun.on()) {
        root.answer("", what + " could be imported.", json);
        return;
      }
      stores.together(
          "importKeys",
          joint -> {
            add(keys, stores);
            stores.audit().record(entry(count));
            return count;
          });
      root.answer("", what + " imported.", json);
    });
  }

  private AuditRecord entry(int count) {
    InstantSource clock = root.surroundings().clock();
    return new AuditRecord(
        TimeOrderedId.next(clock),
        clock.instant(),
        AuditRecord.COMMAND_LINE,
        System.getProperty("user.name", ""),
        "",
        "",
        "importKeys",
        "keys",
        "",
        Answers.json().put("imported", count).toString());
  }

  private ImportFile read(Path path, Stores stores) {
    ImportFile keys = new ImportFile(path, stores);
    try (Progress progress = Progress.ofBytes(root.surroundings(), keys::bytesRead, Files.size(path))) {
      keys.read();
    } catch (NoSuchFileException e) {
      throw new CommandFailure(Exit.FAILED, "there is no file " + e.getMessage(), "", e);
    } catch (IOException e) {
      throw new CommandFailure(Exit.FAILED, "cannot read " + path + ": " + e.getMessage(), "", e);
    }
    if (!keys.faults().isEmpty()) {
      throw new CommandFailure(
          "nothing is imported, since not all lines are in order:" + System.lineSeparator() + "  "
              + String.join(System.lineSeparator() + "  ", keys.faults()),
          "");
    }
    return keys;
  }

  private void add(ImportFile keys, Stores stores) {
    AtomicLong done = new AtomicLong();
    long bytes = keys.lines().stream().mapToLong(ImportFile.Line::bytes).sum();
    try (Progress progress = Progress.ofBytes(root.surroundings(), done::get, bytes)) {
      stores.keys().importKeys(() -> keys.lines().stream()
          .peek(line -> done.addAndGet(line.bytes()))
          .map(ImportFile.Line::key)
          .iterator());
    }
  }
}
