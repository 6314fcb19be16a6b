package io.gatehouse.core.tls;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two files of an {@link Identity}, which somebody may replace while it is in use. A certificate and its key are two
 * files that cannot be replaced at once, so a pair that does not fit is first taken for one of which the other half is
 * still to come; it is complained of when the next look finds it the same, and once.
 *
 * <p>Blocks for reading two small files; for one thread at a time.
 */
public final class IdentityFiles {

  private static final Logger log = LoggerFactory.getLogger(IdentityFiles.class);

  private final Path certificate;
  private final Path key;

  /** Of the contents in use. */
  private byte[] known = {};

  /** Of the contents that were of no use at the last look, while nothing was said of it. */
  private byte[] doubted = {};

  /** Of the contents that were complained of. */
  private byte[] refused = {};

  public IdentityFiles(Path certificate, Path key) {
    this.certificate = Objects.requireNonNull(certificate, "certificate");
    this.key = Objects.requireNonNull(key, "key");
  }

  public Path certificate() {
    return certificate;
  }

  public Path key() {
    return key;
  }

  /**
   * Reads the pair, whether it has changed or not.
   *
   * @throws PemException when a file cannot be used, or one does not fit the other
   */
  public Identity read() throws PemException {
    Contents contents = Contents.of(certificate, key);
    Identity identity = contents.identity();
    known = contents.digest();
    return identity;
  }

  /** The pair, if it has changed since it was last read and can be used; never throws for what files hold. */
  public Optional<Identity> changed() {
    byte[] digest = {};
    try {
      Contents contents = Contents.of(certificate, key);
      digest = contents.digest();
      if (Arrays.equals(digest, known)) {
        doubted = new byte[0];
        refused = new byte[0];
        return Optional.empty();
      }
      Identity identity = contents.identity();
      known = digest;
      return Optional.of(identity);
    } catch (PemException e) {
      complain(digest, e);
      return Optional.empty();
    }
  }

  private void complain(byte[] digest, PemException e) {
    byte[] state = digest.length > 0 ? digest : digest(e.getMessage().getBytes(StandardCharsets.UTF_8));
    if (!Arrays.equals(state, doubted)) {
      doubted = state;
    } else if (!Arrays.equals(state, refused)) {
      refused = state;
      log.warn("The changed certificate is not used, the one before stays: {}", e.getMessage());
    }
  }

  private static byte[] digest(byte[]... parts) {
    MessageDigest whole = sha256();
    for (byte[] part : parts) {
      whole.update(sha256().digest(part)); // where one ends and the next begins must count
    }
    return whole.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** What both files hold. */
  private record Contents(Path certificate, byte[] certificateBytes, Path key, byte[] keyBytes) {

    static Contents of(Path certificate, Path key) throws PemException {
      return new Contents(certificate, Pem.bytes(certificate), key, Pem.bytes(key));
    }

    byte[] digest() {
      return IdentityFiles.digest(certificateBytes, keyBytes);
    }

    Identity identity() throws PemException {
      return Identity.of(certificate, certificateBytes, key, keyBytes);
    }
  }
}
