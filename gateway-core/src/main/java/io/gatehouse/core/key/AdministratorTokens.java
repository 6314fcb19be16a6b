package io.gatehouse.core.key;

import io.gatehouse.key.KeyDigest;
import java.util.Optional;

/**
 * The tokens of administrators: {@code gatehouse_admin_} and 48 letters and digits, made, checked and digested as API keys
 * are ({@link KeyFormat}). Any number of threads; does not block.
 */
public final class AdministratorTokens {

  private final KeyFormat format = new KeyFormat("gatehouse", "admin");
  private final Pepper pepper;

  public AdministratorTokens(Pepper pepper) {
    this.pepper = pepper;
  }

  /**
   * A token that was just made.
   *
   * @param token the token itself; to be told once and not kept
   * @param start its first characters, for people to recognise it
   */
  public record Issued(String token, String start, KeyDigest digest) {

    /** Without the token. */
    @Override
    public String toString() {
      return "Issued[start=" + start + "]";
    }
  }

  /** Makes a token. */
  public Issued issue() {
    String token = format.mint();
    return new Issued(token, format.startOf(token), pepper.digest(token));
  }

  /** The digest of a token as presented; empty when it cannot be one, which is told without a look-up. */
  public Optional<KeyDigest> digest(String presented) {
    return format.test(presented) ? Optional.of(pepper.digest(presented)) : Optional.empty();
  }
}
