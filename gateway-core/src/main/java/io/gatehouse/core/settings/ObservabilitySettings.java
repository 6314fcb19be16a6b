package io.gatehouse.core.settings;

import io.gatehouse.access.Cidr;
import java.util.List;

/**
 * What is measured and logged.
 *
 * @param metricsEnabled whether metrics are served; default true
 * @param prometheusPath where; default {@code /metrics}
 * @param metricsAllow from where they may be read without the administrator's token, besides this machine; default none
 * @param logLevel from which level on events are logged; default info
 * @param logFormat how; default text on a terminal and JSON elsewhere
 */
public record ObservabilitySettings(
    boolean metricsEnabled,
    String prometheusPath,
    List<Cidr> metricsAllow,
    LogLevel logLevel,
    LogFormat logFormat) {

  /** The levels of the log, each with all that follow it. */
  public enum LogLevel { TRACE, DEBUG, INFO, WARN, ERROR }

  /** How the log is written. */
  public enum LogFormat {
    /** Text on a terminal, JSON elsewhere. */
    AUTO,
    JSON,
    TEXT
  }

  public ObservabilitySettings {
    metricsAllow = List.copyOf(metricsAllow);
  }
}
