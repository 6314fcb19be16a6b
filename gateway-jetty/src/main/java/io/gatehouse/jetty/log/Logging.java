package io.gatehouse.jetty.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.LoggerFactory;

/** Sets up logging once, in code: one appender to standard output or error, as text for people or JSON for machines. */
public final class Logging {

  /** How lines look. */
  public enum Format {
    /** Text on a terminal, JSON elsewhere. */
    AUTO,
    JSON,
    TEXT
  }

  /** Where lines go. */
  public enum Target {
    STANDARD_OUTPUT("System.out"),
    /** For commands whose output is data. */
    STANDARD_ERROR("System.err");

    private final String name;

    Target(String name) {
      this.name = name;
    }
  }

  private Logging() {}

  /**
   * Replaces whatever logging was set up before.
   *
   * @param level of our own loggers: trace, debug, info, warn or error; libraries stay at warn unless it is debug or trace
   */
  public static void start(String level, Format format, Target target) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    boolean json = format == Format.JSON || format == Format.AUTO && System.console() == null;
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget(target.name);
    appender.setEncoder(encoder(context, json));
    appender.start();
    Level own = Level.toLevel(level, Level.INFO);
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(own.isGreaterOrEqual(Level.WARN) ? own : Level.WARN);
    root.addAppender(appender);
    context.getLogger("io.gatehouse").setLevel(own);
  }

  /** Changes the level of our own loggers while running. */
  public static void level(String level) {
    ((Logger) LoggerFactory.getLogger("io.gatehouse")).setLevel(Level.toLevel(level, Level.INFO));
  }

  private static Encoder<ILoggingEvent> encoder(LoggerContext context, boolean json) {
    if (json) {
      LogstashEncoder encoder = new LogstashEncoder();
      encoder.setContext(context);
      encoder.start();
      return encoder;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n");
    encoder.start();
    return encoder;
  }
}
