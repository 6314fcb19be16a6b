package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Rows on their way to a file, or to standard output: one JSON object a line, or comma-separated values (RFC 4180). A file
 * has another name until it is whole and on the disk; then it gets its own in one step. So a file under that name is whole,
 * whatever ended an export. For one thread.
 */
final class Export implements AutoCloseable {

  /** How a row is written. */
  enum Format {
    NDJSON,
    CSV
  }

  /** The options that say where to. */
  static final class Target {

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "The file, which appears when it is whole; standard output unless named.")
    private @Nullable Path file;

    @Option(names = "--force", description = "Replaces a file that is there.")
    private boolean force;

    @Option(
        names = "--format",
        paramLabel = "ndjson|csv",
        defaultValue = "ndjson",
        description = "A JSON object a line, or comma-separated values below a line with their names; ${DEFAULT-VALUE}"
            + " unless said.")
    private Format format = Format.NDJSON;

    @Option(names = {"-q", "--quiet"}, description = "Shows no progress and says nothing at the end.")
    private boolean quiet;

    boolean quiet() {
      return quiet;
    }

    boolean toFile() {
      return file != null;
    }

    /** The file, as it was named. */
    String name() {
      return String.valueOf(file);
    }
  }

  private final Target target;
  private final List<String> columns;
  private final Writer writer;

  /** Where it is written and what it is to be called; null: standard output. */
  private final @Nullable Path part;

  private final @Nullable Path whole;
  private boolean done;

  /** Read by the thread of the progress. */
  private volatile long rows;

  private Export(
      Target target, List<String> columns, Writer writer, @Nullable Path part, @Nullable Path whole) {
    this.target = target;
    this.columns = columns;
    this.writer = writer;
    this.part = part;
    this.whole = whole;
  }

  /**
   * Begins.
   *
   * @param columns the fields that a row of values has, in this order
   */
  static Export open(Surroundings surroundings, Target target, List<String> columns) {
    if (target.file == null) {
      return new Export(target, columns, new Unbroken(surroundings.out()), null, null).begun();
    }
    Path whole = surroundings.workingDirectory().resolve(target.file).toAbsolutePath();
    if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS) && !(target.force && Files.isRegularFile(whole))) {
      throw new CommandFailure(
          Exit.CONFLICT, "the file " + target.file + " is there already", "--force replaces a regular file");
    }
    try {
      // Readable by its owner only, as the class library makes such files.
      Path part = Files.createTempFile(whole.getParent(), "." + whole.getFileName() + ".", ".part");
      part.toFile().deleteOnExit(); // Ctrl-C
      BufferedWriter writer = Files.newBufferedWriter(part, StandardCharsets.UTF_8);
      return new Export(target, columns, writer, part, whole).begun();
    } catch (IOException e) {
      throw failure(target.file, e);
    }
  }

  private Export begun() {
    if (target.format == Format.CSV) {
      line(columns.stream().map(Export::quoted).collect(Collectors.joining(",")));
    }
    return this;
  }

  void row(ObjectNode row) {
    line(
        target.format == Format.CSV
            ? columns.stream().map(name -> quoted(value(row.path(name)))).collect(Collectors.joining(","))
            : row.toString());
    rows++;
  }

  long rows() {
    return rows;
  }

  private void line(String text) {
    try {
      // RFC 4180 ends records with CRLF.
      writer.write(target.format == Format.CSV ? text + "\r\n" : text + "\n");
    } catch (IOException e) {
      throw failure(target.file, e);
    }
  }

  private static String value(JsonNode value) {
    return value.isNull() || value.isMissingNode() ? "" : value.isContainerNode() ? value.toString() : value.asText();
  }

  private static String quoted(String value) {
    boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  /** Says that all rows were given: gives the file its name. */
  void complete() {
    try {
      writer.flush();
      if (part != null && whole != null) {
        writer.close();
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      done = true;
    } catch (IOException e) {
      throw failure(target.file, e);
    }
  }

  /** Takes away what was written, unless it is complete. */
  @Override
  public void close() {
    if (part != null && !done) {
      try {
        writer.close();
        Files.deleteIfExists(part);
      } catch (IOException e) {
        // Something else has gone wrong, which is told; the part does not pass for the whole.
        part.toFile().deleteOnExit();
      }
    }
  }

  private static CommandFailure failure(@Nullable Path file, IOException e) {
    String what = file == null ? "standard output" : "the file " + file;
    return new CommandFailure(Exit.FAILED, what + " cannot be written: " + e.getMessage(), "", e);
  }

  /** Standard output, which otherwise tells nobody that it was closed. */
  private static final class Unbroken extends Writer {

    private final PrintWriter out;

    Unbroken(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void write(char[] text, int from, int count) throws IOException {
      out.write(text, from, count);
      check();
    }

    @Override
    public void flush() throws IOException {
      out.flush();
      check();
    }

    private void check() throws IOException {
      if (out.checkError()) {
        throw new IOException("it was closed");
      }
    }

    @Override
    public void close() {}
  }
}
