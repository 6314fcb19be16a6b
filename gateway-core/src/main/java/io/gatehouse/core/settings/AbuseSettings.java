package io.gatehouse.core.settings;

import io.gatehouse.access.Cidr;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Who is suspended for what, and how it is known where addresses are. Numbers of 0 switch a rule off.
 *
 * @param mode whether anybody is suspended; default off
 * @param badKeysPerMinute how many keys that are none an address may send in a minute; default 30
 * @param keyRefusalsPerMinute how often a key may be refused in a minute; default 1,200
 * @param spikeFactor how many times its average a key may be used in a minute; default 20
 * @param spikeRequests how often it may be used in a minute in any case; default 600
 * @param firstSuspension how long the first suspension lasts; default 1 min
 * @param longestSuspension how long any lasts, no less than the first; default 24 h
 * @param memory for how long after its end a suspension makes the next one longer; default 24 h
 * @param exempt networks that nobody is suspended from; default this machine's
 * @param countriesFile the MaxMind DB file that knows of countries; default none
 */
public record AbuseSettings(
    Mode mode,
    long badKeysPerMinute,
    long keyRefusalsPerMinute,
    long spikeFactor,
    long spikeRequests,
    Duration firstSuspension,
    Duration longestSuspension,
    Duration memory,
    List<Cidr> exempt,
    Optional<Path> countriesFile) {

  /** Whether callers who misbehave are suspended. */
  public enum Mode {
    OFF,
    /** They are, and what that would refuse is only counted. */
    SHADOW,
    ENFORCED
  }

  public AbuseSettings {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(firstSuspension, "firstSuspension");
    Objects.requireNonNull(longestSuspension, "longestSuspension");
    Objects.requireNonNull(memory, "memory");
    exempt = List.copyOf(exempt);
    Objects.requireNonNull(countriesFile, "countriesFile");
  }
}
