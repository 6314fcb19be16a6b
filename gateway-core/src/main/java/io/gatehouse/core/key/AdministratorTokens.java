package io.gatehouse.core.key;

import io.gatehouse.key.KeyDigest;
import java.util.List;

/**
 * The tokens of administrators: {@code gatehouse_admin_} and 48 letters and digits, made, checked and digested as API keys
 * are ({@link KeyFormat}). Any number of threads; does not block.
 */
public final class AdministratorTokens {

  private final KeyFormat format = new KeyFormat("gatehouse", "admin");
  private final Peppers peppers;

  public AdministratorTokens(Peppers peppers) {
    this.peppers = peppers;
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
    return new Issued(token, format.startOf(token), peppers.inUse().digest(token));
  }

  /**
   * The digests that a token as presented may be kept under, that of the pepper in use first; none when it cannot be a
   * token, which is told without a look-up. A token keeps its digest until it is rotated, and its pepper is needed so long.
   */
  public List<KeyDigest> digests(String presented) {
    return format.test(presented)
        ? peppers.all().stream().map(pepper -> pepper.digest(presented)).toList()
        : List.of();
  }
}
