package io.gatehouse.core.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A file of counters, {@value #SIZE} bytes, mapped into memory: what was added is in the page cache of the system, so it
 * is there when the process is killed.
 *
 * <p>Layout, all little-endian: a head of {@value #HEAD_SIZE} bytes (magic, version, checksum, length and text of the
 * source), then slots one after the other, each at a multiple of 8: a word of checksum, name length and width, the
 * numbers, the name. The word is written last and is not zero, so a slot is there whole or not at all, and the first
 * zero word is the end. After a crash of the machine any page may be an older one; a slot whose name does not fit its
 * checksum is left out then.
 *
 * <p>Appending is for one thread at a time.
 */
final class CounterFile {

  /** The length of a file in bytes: {@value}. */
  static final int SIZE = 1 << 20;

  static final int HEAD_SIZE = 512;

  /** Longer names get no slot: {@value} bytes. */
  static final int LONGEST_NAME = 4096;

  private static final long MAGIC = 0x31544e554f434847L; // GHCOUNT1
  private static final int VERSION = 1;
  private static final int SOURCE_AT = 24;
  private static final int MOST_WIDTH = 16;

  private final Path path;

  /** Open as long as the file lives: it holds the lock that says so to other processes. */
  private final FileChannel channel;

  private final MappedByteBuffer memory;
  private int end = HEAD_SIZE;

  /** How many slots are still wanted. Guarded by the family that this file belongs to. */
  int wanted;

  private CounterFile(Path path, FileChannel channel, MappedByteBuffer memory) {
    this.path = path;
    this.channel = channel;
    this.memory = memory;
  }

  /** What stands in a file. */
  record Content(String source, List<Slot> slots, boolean damaged) {}

  /** One slot as it was found. */
  record Slot(byte[] name, long[] numbers) {}

  /** The file has a form that nobody here has written. */
  static final class ForeignException extends IOException {
    private static final long serialVersionUID = 1L;

    ForeignException(String message) {
      super(message);
    }
  }

  /**
   * Makes a file of a new, empty and locked one.
   *
   * @param path where it will be found
   * @throws IllegalArgumentException when the source is too long for the head
   */
  static CounterFile format(Path path, FileChannel channel, String source) throws IOException {
    byte[] text = source.getBytes(StandardCharsets.UTF_8);
    if (text.length > HEAD_SIZE - SOURCE_AT) {
      throw new IllegalArgumentException(
          "source: " + text.length + " bytes (expected: at most " + (HEAD_SIZE - SOURCE_AT) + ")");
    }
    ByteBuffer whole = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(0, MAGIC).putInt(8, VERSION).putInt(12, checksum(text)).putInt(16, text.length);
    whole.put(SOURCE_AT, text);
    // Every byte is written, so that a full disk is an exception here and not a crash of the process later.
    for (long at = 0; whole.hasRemaining(); ) {
      at += channel.write(whole, at);
    }
    return new CounterFile(path, channel, channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
  }

  /** A counter of this name, or empty when there is no room left. */
  Optional<Counter> append(byte[] name, int width) {
    int numbers = end + Long.BYTES;
    int text = numbers + width * Long.BYTES;
    int next = aligned(text + name.length);
    if (next > SIZE) {
      return Optional.empty();
    }
    memory.put(text, name);
    Counter.LONGS.setRelease(memory, end, word(name, width));
    end = next;
    wanted++;
    return Optional.of(Counter.in(this, memory, numbers));
  }

  /** Makes what was counted survive the machine. */
  void force() {
    memory.force();
  }

  Path path() {
    return path;
  }

  /** Lets go of the file and leaves it where it is. */
  void leave() throws IOException {
    channel.close();
  }

  /** Deletes the file. Counters in it can still be used; what they count is forgotten. */
  void delete() throws IOException {
    try {
      Files.deleteIfExists(path);
    } finally {
      channel.close();
    }
  }

  /**
   * Reads a file that nobody has mapped.
   *
   * @throws ForeignException when it is none of ours, or its head is damaged
   */
  static Content read(FileChannel channel) throws IOException {
    ByteBuffer whole = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    int read = 0;
    while (whole.hasRemaining() && read >= 0) {
      read = channel.read(whole, whole.position());
    }
    int length = whole.position();
    if (length < HEAD_SIZE || whole.getLong(0) != MAGIC) {
      throw new ForeignException("no counter file");
    }
    if (whole.getInt(8) != VERSION) {
      throw new ForeignException("version " + whole.getInt(8) + " (expected: " + VERSION + ")");
    }
    int sourceLength = whole.getInt(16);
    if (sourceLength < 0 || sourceLength > HEAD_SIZE - SOURCE_AT) {
      throw new ForeignException("a damaged head");
    }
    byte[] source = new byte[sourceLength];
    whole.get(SOURCE_AT, source);
    if (checksum(source) != whole.getInt(12)) {
      throw new ForeignException("a damaged head");
    }
    return slots(whole, length, new String(source, StandardCharsets.UTF_8));
  }

  private static Content slots(ByteBuffer whole, int length, String source) {
    List<Slot> slots = new ArrayList<>();
    boolean damaged = length < SIZE;
    int at = HEAD_SIZE;
    while (at + Long.BYTES <= length && whole.getLong(at) != 0) {
      long word = whole.getLong(at);
      int nameLength = (int) (word >>> 32) & 0xffffff;
      int width = (int) (word >>> 56);
      int numbers = at + Long.BYTES;
      int text = numbers + width * Long.BYTES;
      if (width < 1 || width > MOST_WIDTH || nameLength > LONGEST_NAME || text + nameLength > length) {
        return new Content(source, slots, true);
      }
      byte[] name = new byte[nameLength];
      whole.get(text, name);
      long[] values = new long[width];
      boolean sound = word == word(name, width);
      for (int i = 0; i < width; i++) {
        values[i] = whole.getLong(numbers + i * Long.BYTES);
        sound &= values[i] >= 0;
      }
      if (sound) {
        slots.add(new Slot(name, values));
      } else {
        damaged = true;
      }
      at = aligned(text + nameLength);
    }
    return new Content(source, slots, damaged);
  }

  private static long word(byte[] name, int width) {
    return (long) width << 56 | (long) name.length << 32 | Integer.toUnsignedLong(checksum(name));
  }

  private static int checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static int aligned(int offset) {
    return (offset + 7) & ~7;
  }
}
