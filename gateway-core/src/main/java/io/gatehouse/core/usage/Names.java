package io.gatehouse.core.usage;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.event.Violation;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;

/** The names of slots: a byte for the kind, then the parts of what is counted. A kind that was given out never changes. */
final class Names {

  private static final byte QUOTA = 1;
  private static final byte TRAFFIC = 2;
  private static final byte VIOLATION = 3;
  private static final byte QUOTA_BEGUN_ANEW = 4;
  private static final byte TRAFFIC_OF_ENDPOINT = 5;

  static final int QUOTA_WIDTH = 2;
  static final int TRAFFIC_WIDTH = 4;
  static final int VIOLATION_WIDTH = 1;

  private Names() {}

  /** What a slot counts: a quota by 2 numbers, traffic by 4, violations by 1. */
  sealed interface Name {}

  record OfQuota(QuotaKey key) implements Name {}

  /** The endpoint is empty for requests that none covers. */
  record OfTraffic(Instant minute, Subject caller, String endpoint) implements Name {}

  record OfViolation(Violation violation) implements Name {}

  static int width(Name name) {
    return name instanceof OfQuota ? QUOTA_WIDTH : name instanceof OfTraffic ? TRAFFIC_WIDTH : VIOLATION_WIDTH;
  }

  static byte[] of(QuotaKey key) {
    boolean anew = key.resets() > 0;
    return written(
        anew ? QUOTA_BEGUN_ANEW : QUOTA,
        out -> {
          text(out, key.owner());
          text(out, key.meter().name());
          text(out, key.window().name());
          out.writeLong(key.start().toEpochDay());
          if (anew) {
            out.writeInt(key.resets());
          }
        });
  }

  static byte[] of(Instant minute, Subject caller, String endpoint) {
    boolean covered = !endpoint.isEmpty();
    return written(
        covered ? TRAFFIC_OF_ENDPOINT : TRAFFIC,
        out -> {
          minute(out, minute, caller);
          if (covered) {
            text(out, endpoint);
          }
        });
  }

  static byte[] of(Violation violation) {
    return written(
        VIOLATION,
        out -> {
          minute(out, violation.minute(), violation.caller());
          text(out, violation.reason().name());
          text(out, violation.rule());
        });
  }

  /**
   * Reads a name.
   *
   * @throws IOException when this version does not know such names
   */
  static Name read(byte[] name) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(name));
    byte kind = in.readByte();
    try {
      return switch (kind) {
        case QUOTA -> new OfQuota(quota(in, false));
        case QUOTA_BEGUN_ANEW -> new OfQuota(quota(in, true));
        case TRAFFIC -> traffic(in, false);
        case TRAFFIC_OF_ENDPOINT -> traffic(in, true);
        case VIOLATION ->
            new OfViolation(
                new Violation(
                    Instant.ofEpochMilli(in.readLong()),
                    new Subject(text(in), text(in)),
                    Refusal.Reason.valueOf(text(in)),
                    text(in)));
        default -> throw new IOException("a name of kind " + kind);
      };
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException("a name of kind " + kind, e);
    }
  }

  private static QuotaKey quota(DataInputStream in, boolean anew) throws IOException {
    return new QuotaKey(
        text(in),
        Meter.valueOf(text(in)),
        Window.valueOf(text(in)),
        LocalDate.ofEpochDay(in.readLong()),
        anew ? in.readInt() : 0);
  }

  private static OfTraffic traffic(DataInputStream in, boolean covered) throws IOException {
    return new OfTraffic(
        Instant.ofEpochMilli(in.readLong()), new Subject(text(in), text(in)), covered ? text(in) : "");
  }

  private static void minute(DataOutputStream out, Instant minute, Subject caller) throws IOException {
    out.writeLong(minute.toEpochMilli());
    text(out, caller.user());
    text(out, caller.key());
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a text of " + length + " bytes");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static byte[] written(byte kind, Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeByte(kind);
      writing.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @FunctionalInterface
  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }
}
