package io.gatehouse.core.key;

import io.gatehouse.StoreException;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyUpgrades;
import io.gatehouse.key.SlowHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds keys by their text, whatever image of it is kept: the digest of the pepper in use first, then those of the other
 * peppers, then, if the text can be that of an imported key, its SHA-256 and bcrypt hashes. What is found under an older
 * image is given the newest at once, so that it is found at the first look afterwards.
 *
 * <p>In the usual state, with one pepper and for a key of our own form, this is one look-up and no more, found or not.
 *
 * <p>Any number of threads. Blocks as the stores do, and while a bcrypt hash is compared; a quarter of the processors is
 * given to that at the most.
 */
public final class KeySearch {

  /**
   * A key that was found.
   *
   * @param under the digest by which the store has it now, as far as is known
   */
  record Found(Dossier dossier, KeyDigest under) {
    ApiKey key() {
      return dossier.key();
    }
  }

  /** How many keys with a start in common are compared. */
  private static final int MOST_COMPARED = 3;

  private static final Logger log = LoggerFactory.getLogger(KeySearch.class);

  private final Dossiers keys;
  private final KeyUpgrades upgrades;
  private final List<Pepper> others;
  private final Predicate<String> imported;
  private final SlowHashes slowHashes = new SlowHashes(Math.max(1, Runtime.getRuntime().availableProcessors() / 4));

  /**
   * A search.
   *
   * @param imported tells from the text alone what can be an imported key
   */
  public KeySearch(Dossiers keys, KeyUpgrades upgrades, Peppers peppers, Predicate<String> imported) {
    this.keys = keys;
    this.upgrades = upgrades;
    this.others = peppers.others();
    this.imported = imported;
  }

  /**
   * The key with this digest, or else this text.
   *
   * @param newest of the text, under the pepper in use
   * @throws StoreException when a store cannot answer, or too many bcrypt hashes are being compared
   */
  Optional<Found> find(KeyDigest newest, String text) {
    Optional<Found> found = under(newest);
    if (found.isPresent()) {
      return found;
    }
    boolean foreign = imported.test(text);
    if (others.isEmpty() && !foreign) {
      return Optional.empty();
    }
    for (Pepper other : others) {
      found = under(other.digest(text));
      if (found.isPresent()) {
        return found.map(old -> moved(old, newest));
      }
    }
    if (foreign) {
      found = under(sha256(text)).map(old -> moved(old, newest)).or(() -> slowlyHashed(newest, text));
    }
    // Another node may have given it the newest digest after this one had looked for that.
    return found.isPresent() ? found : under(newest);
  }

  /** What is known of a key that was found by other means. */
  Dossier of(ApiKey key) {
    return keys.of(key);
  }

  /** The key with this digest. */
  Optional<Found> under(KeyDigest digest) {
    return keys.find(digest).map(dossier -> new Found(dossier, digest));
  }

  private Found moved(Found old, KeyDigest newest) {
    if (old.under().version() >= newest.version()) {
      return old; // a node that is ahead of this one has made it
    }
    try {
      return upgrades.upgrade(old.key().id(), newest) ? new Found(old.dossier(), newest) : old;
    } catch (StoreException e) {
      log.debug("The key {} keeps its older digest for now: {}", old.key().id(), e.getMessage());
      return old;
    }
  }

  private Optional<Found> slowlyHashed(KeyDigest newest, String text) {
    List<ImportedKey> candidates = upgrades.slowlyHashed(starts(text));
    for (ImportedKey each : candidates.subList(0, Math.min(MOST_COMPARED, candidates.size()))) {
      if (each.image() instanceof SlowHash hash && slowHashes.matches(text, hash)) {
        upgrades.upgrade(each.key().id(), newest);
        return Optional.of(new Found(keys.of(each.key()), newest));
      }
    }
    return Optional.empty();
  }

  private static List<String> starts(String text) {
    List<String> starts = new ArrayList<>();
    for (int i = SlowHash.SHORTEST_START; i <= SlowHash.LONGEST_START && i < text.length(); i++) {
      starts.add(text.substring(0, i));
    }
    return starts;
  }

  private static KeyDigest sha256(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return KeyDigest.of(KeyDigest.UNPEPPERED, digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java", e);
    }
  }
}
