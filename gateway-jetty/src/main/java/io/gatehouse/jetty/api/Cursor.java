package io.gatehouse.jetty.api;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/** Where a page of a log ends: {@code 1795514087116-01M86FNDPC3CH4XRA2RRQXH7VZ}. */
public record Cursor(Instant at, String id) {

  private static final Pattern FORM = Pattern.compile("[0-9]{1,15}-[0-9A-Za-z]{1,64}");

  public static final FieldType<Cursor> TYPE =
      FieldTypes.text("the next of an earlier answer", text -> FORM.matcher(text).matches()).map(Cursor::of);

  /** Whether something comes behind it in a list that begins with the oldest. */
  public boolean isBefore(Instant moment, String other) {
    int order = at.compareTo(moment.truncatedTo(ChronoUnit.MILLIS));
    return order < 0 || order == 0 && id.compareTo(other) < 0;
  }

  private static Cursor of(String text) {
    int dash = text.indexOf('-');
    return new Cursor(Instant.ofEpochMilli(Long.parseLong(text.substring(0, dash))), text.substring(dash + 1));
  }

  @Override
  public String toString() {
    return at.toEpochMilli() + "-" + id;
  }
}
