package io.gatehouse.core.usage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A few numbers that only grow, in a slot of a counter file, or off the heap when there is no file for them. Adding is
 * one atomic instruction. Any number of threads.
 */
final class Counter {

  static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Keeps the mapping alive: as long as a counter can be reached its memory is there, the file deleted or not. */
  private final ByteBuffer memory;

  private final int offset;

  /** Null when nothing outlives the process. */
  private final @Nullable CounterFile file;

  private final AtomicBoolean released = new AtomicBoolean();

  private Counter(ByteBuffer memory, int offset, @Nullable CounterFile file) {
    this.memory = memory;
    this.offset = offset;
    this.file = file;
  }

  /** In a slot, whose first number is at the offset. */
  static Counter in(CounterFile file, ByteBuffer memory, int offset) {
    return new Counter(memory, offset, file);
  }

  /** Without a file. A direct buffer, since atomic access needs what only those have: alignment. */
  static Counter unfiled(int width) {
    return new Counter(ByteBuffer.allocateDirect(width * Long.BYTES), 0, null);
  }

  void add(int index, long amount) {
    if (amount != 0) {
      LONGS.getAndAdd(memory, offset + index * Long.BYTES, amount);
    }
  }

  /** Adds for one thread at a time: no other thread may add to this number meanwhile. */
  void addAlone(int index, long amount) {
    int at = offset + index * Long.BYTES;
    LONGS.setOpaque(memory, at, (long) LONGS.getOpaque(memory, at) + amount);
  }

  long get(int index) {
    return (long) LONGS.getOpaque(memory, offset + index * Long.BYTES);
  }

  /** The file this is in, the first time it is asked for; then, or when there is none, null. */
  @Nullable CounterFile release() {
    return released.compareAndSet(false, true) ? file : null;
  }
}
