package io.gatehouse.jetty.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say from when to when. */
final class Between {

  @Option(
      names = "--from",
      paramLabel = "TIME",
      converter = Arguments.MomentReader.class,
      description = "The first moment: 2027-01-31 (UTC), or 2027-01-31T12:00:00Z.")
  private @Nullable Instant from;

  @Option(
      names = "--to",
      paramLabel = "TIME",
      converter = Arguments.MomentReader.class,
      description = "The first moment that is not included; now unless said.")
  private @Nullable Instant to;

  @Nullable Instant from() {
    return from;
  }

  @Nullable Instant to() {
    return to;
  }

  Ask addTo(Ask ask) {
    return ask.query("from", from).query("to", to);
  }
}
