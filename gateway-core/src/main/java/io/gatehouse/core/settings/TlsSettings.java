package io.gatehouse.core.settings;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How a port speaks TLS.
 *
 * @param certificate the PEM file of the certificate, then of those between it and its authority
 * @param privateKey the PEM file of its key
 * @param minimumVersion the oldest version that clients may speak; default 1.3
 */
public record TlsSettings(Path certificate, Path privateKey, Version minimumVersion) {

  /** A version of TLS. */
  public enum Version {
    TLS_1_2("1.2"),
    TLS_1_3("1.3");

    private final String number;

    Version(String number) {
      this.number = number;
    }

    /** As it is commonly written: {@code 1.3}. */
    public String number() {
      return number;
    }
  }

  public TlsSettings {
    Objects.requireNonNull(certificate, "certificate");
    Objects.requireNonNull(privateKey, "privateKey");
    Objects.requireNonNull(minimumVersion, "minimumVersion");
  }
}
