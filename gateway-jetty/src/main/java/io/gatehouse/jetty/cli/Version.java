package io.gatehouse.jetty.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version of this program and of the Java that runs it. */
final class Version implements IVersionProvider {

  /** As the jar says; {@code development} when there is none. */
  static String number() {
    return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"Gatehouse " + number() + ", Java " + Runtime.version()};
  }
}
