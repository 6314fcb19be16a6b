package io.gatehouse.jetty.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.gatehouse.Outcome;
import io.gatehouse.Subject;
import io.gatehouse.access.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Understands two kinds of lines: the JSON access line of Gatehouse, and the Combined Log Format (and with it the Common
 * one) of Apache, nginx and others. For one thread.
 */
final class LineParser {

  /** Address, identity, user, moment, request line, status, bytes; the rest does not matter. */
  private static final Pattern COMBINED = Pattern.compile(
      "(\\S++) \\S++ (?:[^\\[]*+)\\[([^\\]]++)\\] \"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\""
          + " ([1-5][0-9]{2}) ([0-9]{1,18}|-)(?: .*)?");

  private static final Pattern REQUEST_LINE = Pattern.compile("([A-Za-z!#$%&'*+.^_`|~-]{1,32}) (\\S++) HTTP/[0-9.]+");
  private static final DateTimeFormatter COMBINED_TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);
  private static final String ACCESS = "io.gatehouse.access";

  private final JsonFactory json = new JsonFactory();
  private final Map<String, String> fields = new HashMap<>();

  /** The moment that was read last, since most lines have that of the line before. */
  private String lastText = "";

  private Instant lastMoment = Instant.EPOCH;

  Line parse(String line) {
    try {
      return line.startsWith("{") ? ownLine(line) : combined(line);
    } catch (DateTimeException e) {
      return new Line.Malformed("the time is none");
    } catch (IllegalArgumentException e) {
      return new Line.Malformed("the address of the client, or a number, is none");
    } catch (IOException e) {
      return new Line.Malformed("not JSON");
    }
  }

  private Line ownLine(String line) throws IOException {
    read(line);
    if (!ACCESS.equals(fields.get("logger_name"))) {
      return new Line.Other();
    }
    for (String needed : new String[] {"@timestamp", "method", "path", "status", "client"}) {
      if (!fields.containsKey(needed)) {
        return new Line.Malformed("without " + needed);
      }
    }
    InetAddress client = Cidr.address(fields.get("client"));
    String user = fields.getOrDefault("user", "");
    Outcome.Ending ending = fields.containsKey("outcome")
        ? Outcome.Ending.valueOf(fields.get("outcome"))
        : Outcome.Ending.ANSWERED;
    return checked(
        new Entry(
            OffsetDateTime.parse(fields.get("@timestamp")).toInstant(),
            Duration.ofNanos((long) (Double.parseDouble(fields.getOrDefault("duration_ms", "0")) * 1e6)),
            fields.get("method"),
            fields.get("path"),
            client,
            user.isEmpty() ? Optional.empty() : Optional.of(new Subject(user, fields.getOrDefault("key", ""))),
            Integer.parseInt(fields.get("status")),
            fields.getOrDefault("refused", ""),
            true,
            fields.containsKey("backend"),
            Long.parseLong(fields.getOrDefault("request_bytes", "0")),
            Long.parseLong(fields.getOrDefault("response_bytes", "0")),
            ending));
  }

  /** Only values of the first level; access lines have no others. */
  private void read(String line) throws IOException {
    fields.clear();
    try (JsonParser parser = json.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
          fields.put(name, parser.getText());
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new IOException("not one object");
      }
    }
  }

  private Line combined(String line) {
    Matcher combined = COMBINED.matcher(line);
    if (!combined.matches()) {
      return new Line.Malformed("neither JSON nor Combined Log Format");
    }
    Matcher request = REQUEST_LINE.matcher(combined.group(3));
    if (!request.matches()) {
      return new Line.Malformed("no request line");
    }
    String bytes = combined.group(5);
    return checked(
        new Entry(
            moment(combined.group(2)),
            Duration.ZERO,
            request.group(1),
            request.group(2),
            Cidr.address(combined.group(1)),
            Optional.empty(),
            Integer.parseInt(combined.group(4)),
            "",
            false,
            false,
            0,
            bytes.equals("-") ? 0 : Long.parseLong(bytes),
            Outcome.Ending.ANSWERED));
  }

  private static Line checked(Entry entry) {
    boolean sound =
        entry.status() >= 0
            && entry.status() <= 599
            && (entry.status() == 0 || entry.status() >= 100)
            && entry.requestBytes() >= 0
            && entry.responseBytes() >= 0
            && !entry.elapsed().isNegative();
    return sound ? new Line.Request(entry) : new Line.Malformed("a number out of its range");
  }

  private Instant moment(String text) {
    if (!text.equals(lastText)) {
      lastMoment = OffsetDateTime.parse(text, COMBINED_TIME).toInstant();
      lastText = text;
    }
    return lastMoment;
  }
}
