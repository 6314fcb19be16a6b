package io.gatehouse.jetty.upload;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** How uploads have ended. Any number of threads. */
public final class UploadFigures {

  /** How an upload ends. */
  enum Ending {
    /** It is stored. */
    STORED,
    /** Its content was there already. */
    KNOWN,
    /** It was not taken, for what it is. */
    REFUSED,
    /** The client left, or was too slow. */
    ABORTED,
    /** A store could not do its part. */
    FAILED
  }

  private final Map<Ending, LongAdder> endings = new EnumMap<>(Ending.class);
  private final LongAdder bytes = new LongAdder();

  UploadFigures() {
    for (Ending ending : Ending.values()) {
      endings.put(ending, new LongAdder());
    }
  }

  void ended(Ending ending) {
    endings.get(ending).increment();
  }

  void stored(long length) {
    bytes.add(length);
  }

  /** How many have ended in each way, by its name in small letters. */
  public Map<String, LongSupplier> outcomes() {
    Map<String, LongSupplier> outcomes = new LinkedHashMap<>();
    endings.forEach((ending, count) -> outcomes.put(ending.name().toLowerCase(Locale.ROOT), count::sum));
    return outcomes;
  }

  /** What was stored, in bytes. */
  public long bytes() {
    return bytes.sum();
  }
}
