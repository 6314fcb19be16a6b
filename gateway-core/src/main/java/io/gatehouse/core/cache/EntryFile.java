package io.gatehouse.core.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An answer as a file: a mark, lengths and checksums of what follows, then what is known of the answer, then its body. It is
 * written under another name and moved to its place whole; what is torn all the same, because the machine went down, has
 * another checksum and is no answer.
 */
final class EntryFile {

  private static final int MARK = 0x47484131;

  /** Mark, length and checksum of the description, length and checksum of the body, and a checksum of these. */
  private static final int PREFIX = 4 + 4 + 4 + 8 + 4 + 4;

  private static final int MOST_DESCRIPTION = 1 << 20;

  /**
   * What a file says before its body.
   *
   * @param bytes of the whole file
   */
  record Described(
      CacheKey key, List<Entry.Selector> selectors, Head head, long askedMillis, long answeredMillis, Set<String> tags,
      long bodyLength, int bodyChecksum, long bytes) {}

  private EntryFile() {}

  /**
   * Writes an entry whose body is whole.
   *
   * @param temporary on the same disk
   * @return how long the file is, in bytes
   */
  static long write(Entry entry, Body.Reader body, Path temporary, Path file) throws IOException {
    byte[] description = description(entry);
    List<byte[]> pieces = new ArrayList<>();
    CRC32C checksum = new CRC32C();
    long length = 0;
    for (byte[] piece = body.next(); piece != null; piece = body.next()) {
      pieces.add(piece);
      checksum.update(piece);
      length += piece.length;
    }
    try (OutputStream out = Files.newOutputStream(temporary)) {
      out.write(prefix(description, length, (int) checksum.getValue()));
      out.write(description);
      for (byte[] piece : pieces) {
        out.write(piece);
      }
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return PREFIX + description.length + length;
  }

  private static byte[] prefix(byte[] description, long length, int bodyChecksum) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(PREFIX);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MARK);
    out.writeInt(description.length);
    out.writeInt(checksum(description));
    out.writeLong(length);
    out.writeInt(bodyChecksum);
    out.writeInt(checksum(bytes.toByteArray()));
    return bytes.toByteArray();
  }

  private static int checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }

  /**
   * Reads what a file says before its body.
   *
   * @throws IOException when it cannot be read, or is not what was written
   */
  static Described describe(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return describe(in, Files.size(file));
    }
  }

  private static Described describe(InputStream file, long size) throws IOException {
    byte[] prefix = file.readNBytes(PREFIX);
    if (prefix.length < PREFIX) {
      throw new IOException("too short");
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(prefix));
    int mark = in.readInt();
    int length = in.readInt();
    int checksum = in.readInt();
    long bodyLength = in.readLong();
    int bodyChecksum = in.readInt();
    byte[] checked = Arrays.copyOf(prefix, PREFIX - 4);
    if (mark != MARK || checksum(checked) != in.readInt() || length < 0 || length > MOST_DESCRIPTION) {
      throw new IOException("not a kept answer");
    }
    byte[] description = file.readNBytes(length);
    if (description.length < length || checksum(description) != checksum
        || size != PREFIX + length + bodyLength) {
      throw new IOException("torn");
    }
    return described(description, bodyLength, bodyChecksum, size);
  }

  /**
   * Reads all of it.
   *
   * @return the body; null when that of another answer is in the file by now
   * @throws IOException when it cannot be read, or is not what was written
   */
  static byte @Nullable [] body(Path file, Described expected) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Described found = describe(in, Files.size(file));
      if (!found.equals(expected)) {
        return null;
      }
      byte[] body = in.readNBytes(Math.toIntExact(found.bodyLength()));
      if (body.length < found.bodyLength() || checksum(body) != found.bodyChecksum()) {
        throw new IOException("torn");
      }
      return body;
    }
  }

  private static byte[] description(Entry entry) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    CacheKey key = entry.key();
    for (String part : List.of(key.route(), key.tenant(), key.origin(), key.target())) {
      text(out, part);
    }
    out.writeInt(entry.selectors().size());
    for (Entry.Selector selector : entry.selectors()) {
      text(out, selector.name());
      out.writeBoolean(selector.value() != null);
      text(out, selector.value() == null ? "" : selector.value());
    }
    out.writeInt(entry.head().status());
    out.writeInt(entry.head().fields().size());
    for (Head.Field field : entry.head().fields()) {
      text(out, field.name());
      text(out, field.value());
    }
    out.writeLong(entry.askedMillis());
    out.writeLong(entry.answeredMillis());
    out.writeInt(entry.tags().size());
    for (String tag : new TreeSet<>(entry.tags())) {
      text(out, tag);
    }
    return bytes.toByteArray();
  }

  private static Described described(byte[] description, long bodyLength, int bodyChecksum, long size)
      throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(description));
    CacheKey key = new CacheKey(text(in), text(in), text(in), text(in));
    List<Entry.Selector> selectors = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = text(in);
      boolean present = in.readBoolean();
      String value = text(in);
      selectors.add(new Entry.Selector(name, present ? value : null));
    }
    int status = in.readInt();
    List<Head.Field> fields = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      fields.add(new Head.Field(text(in), text(in)));
    }
    long asked = in.readLong();
    long answered = in.readLong();
    Set<String> tags = new TreeSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      tags.add(text(in));
    }
    return new Described(
        key, List.copyOf(selectors), new Head(status, fields), asked, answered, Set.copyOf(tags), bodyLength,
        bodyChecksum, size);
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
