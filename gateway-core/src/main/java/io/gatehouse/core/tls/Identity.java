package io.gatehouse.core.tls;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;

/**
 * Who a server is: a certificate with those between it and its authority, and the key that fits. Immutable; its text
 * says nothing of the key.
 */
public final class Identity {

  /** What a key of an algorithm signs with, to see that it fits. */
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "Ed25519", "Ed25519", "EdDSA", "Ed25519");

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  private Identity(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = key;
  }

  /** Puts two files together. */
  static Identity of(Path certificate, byte[] certificateBytes, Path key, byte[] keyBytes) throws PemException {
    List<X509Certificate> chain = Pem.of(certificate, certificateBytes).certificates();
    PublicKey ours = chain.get(0).getPublicKey();
    if (!SIGNATURES.containsKey(ours.getAlgorithm())) {
      throw new PemException(certificate, "a certificate for " + ours.getAlgorithm() + " (expected: RSA, EC or Ed25519)",
          "");
    }
    PrivateKey its = privateKey(key, Pem.of(key, keyBytes).privateKey(), ours.getAlgorithm());
    if (!fit(its, ours)) {
      throw new PemException(key, "the key of another certificate (expected: that of the first one in " + certificate
          + ", " + chain.get(0).getSubjectX500Principal().getName() + ")", "");
    }
    return new Identity(chain, its);
  }

  private static PrivateKey privateKey(Path file, byte[] pkcs8, String algorithm) throws PemException {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (InvalidKeySpecException e) {
      throw new PemException(file, "not a key for " + algorithm + " (expected: one, as the certificate is)", "");
    } catch (GeneralSecurityException e) {
      throw new PemException(file, "a key that this Java cannot use", "");
    }
  }

  private static boolean fit(PrivateKey key, PublicKey certified) {
    try {
      byte[] text = "does this key fit".getBytes(StandardCharsets.US_ASCII);
      Signature signature = Signature.getInstance(SIGNATURES.get(certified.getAlgorithm()));
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The certificate of the server, then those between it and its authority, as the file has them. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** The key, for the one place that uses it. */
  public PrivateKey key() {
    return key;
  }

  public X500Principal subject() {
    return chain.get(0).getSubjectX500Principal();
  }

  /** When the certificate ends. */
  public Instant notAfter() {
    return chain.get(0).getNotAfter().toInstant();
  }

  @Override
  public String toString() {
    return subject().getName() + " until " + notAfter();
  }
}
