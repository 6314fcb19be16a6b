package io.gatehouse.core.key;

import io.gatehouse.StoreException;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.SigningSecret;
import io.gatehouse.key.SigningSecretAdmin;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the secrets that sign URLs in the name of keys, keeps them sealed, and opens them for those who sign
 * and verify.
 *
 * <p>A secret is {@code gss_} and 43 characters of base64url, 256 random bits, and is told once. It is kept
 * sealed ({@link Seal}) with the pepper in use, under its own id and that of its key. One that was sealed
 * with an older pepper is sealed anew when it is opened, so that the older one can go; one whose pepper is
 * not here signs nothing on this node.
 *
 * <p>Any number of threads. Blocks as the store does.
 */
public final class SigningSecrets {
  /** For secret scanners: {@code gss_[0-9A-Za-z_-]{43}}. */
  private static final String LEAD = "gss_";
  private static final int RANDOM_BYTES = 32;
  private static final Logger log = LoggerFactory.getLogger(SigningSecrets.class);

  /**
   * A secret at the one moment when it is known.
   *
   * @param kept what is kept of it
   * @param secret the secret itself, to be shown once
   */
  public record Issued(SigningSecret kept, String secret) {
    /** Without the secret. */
    @Override
    public String toString() {
      return "Issued[" + kept.id() + "]";
    }
  }

  /**
   * A key that was found by its id.
   *
   * @param key enabled only if its user is as well
   * @param signers of its secrets that could be opened, oldest first
   */
  record Found(ApiKey key, List<UrlSigner> signers) {}

  private final SigningSecretAdmin store;
  private final int version;
  private final Map<Integer, Seal> seals = new HashMap<>();
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  /** @param peppers what secrets in the store were sealed with; new ones are sealed with that in use */
  public SigningSecrets(SigningSecretAdmin store, Peppers peppers, InstantSource clock) {
    this.store = store;
    this.version = peppers.inUse().version();
    peppers.all().forEach(pepper -> seals.put(pepper.version(), new Seal(pepper)));
    this.clock = clock;
  }

  /**
   * Makes a secret for a key.
   *
   * @return empty when the key has {@link SigningSecretAdmin#MOST_SECRETS} already
   * @throws IllegalArgumentException when the key is not there
   */
  public Optional<Issued> issue(String key) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String text = LEAD + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    String id = TimeOrderedId.next(clock);
    SigningSecret secret =
        new SigningSecret(id, key, version, sealed(key, id, text), clock.instant().truncatedTo(ChronoUnit.MILLIS));
    return store.addSecret(secret) ? Optional.of(new Issued(secret, text)) : Optional.empty();
  }

  /** Signs in the name of a key with its newest secret; empty when it has none that can be opened, or is not there. */
  public Optional<UrlSigner> signer(String key) {
    List<UrlSigner> signers = signers(key, store.secretsOf(key));
    return signers.isEmpty() ? Optional.empty() : Optional.of(signers.get(signers.size() - 1));
  }

  /** What is kept of the secrets of keys. */
  public SigningSecretAdmin store() {
    return store;
  }

  /** The key with this id, and those who verify what was signed in its name. */
  Optional<Found> find(String id) {
    return store.signingKey(id).map(found -> new Found(found.key(), signers(id, found.secrets())));
  }

  private List<UrlSigner> signers(String key, List<SigningSecret> secrets) {
    List<UrlSigner> signers = new ArrayList<>(secrets.size());
    for (SigningSecret secret : secrets) {
      open(secret).ifPresent(text -> signers.add(new UrlSigner(key, text)));
    }
    return List.copyOf(signers);
  }

  private Optional<String> open(SigningSecret secret) {
    Seal seal = seals.get(secret.version());
    Optional<String> text =
        seal == null ? Optional.empty() : seal.open(word(secret.key(), secret.id()), secret.sealed());
    if (text.isEmpty()) {
      log.debug("The signing secret {} cannot be opened with the peppers of this node", secret.id());
    } else if (secret.version() < version) {
      reseal(secret, text.get());
    }
    return text;
  }

  private void reseal(SigningSecret secret, String text) {
    try {
      store.reseal(secret.resealed(version, sealed(secret.key(), secret.id(), text)));
    } catch (StoreException e) {
      log.debug("The signing secret {} keeps its older seal for now: {}", secret.id(), e.getMessage());
    }
  }

  private String sealed(String key, String id, String text) {
    return seals.get(version).close(word(key, id), text);
  }

  /** What is sealed for one place cannot be opened in another. */
  private static String word(String key, String id) {
    return "signing secret\n" + key + "\n" + id;
  }
}
