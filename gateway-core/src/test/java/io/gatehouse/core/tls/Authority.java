package io.gatehouse.core.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority of the tests, which certifies servers. Its keys are made by the keytool of this JDK. */
public final class Authority {

  private static final String PASSWORD = "of-the-tests";

  private final Path directory;
  private final Path store;
  private int issued;

  /** Makes its key and its certificate, {@code ca.pem}, in a directory. */
  public Authority(Path directory) throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    this.store = directory.resolve("keys.p12");
    keytool("-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", "CN=Authority of the tests", "-ext",
        "bc:c=ca:true", "-validity", "30");
    write(certificate(), pem("CERTIFICATE", encoded(entry("ca")[0])));
  }

  /** Two files that belong together. */
  public record Pair(Path certificate, Path key) {

    /** Puts the content of another pair into these files, each at once, the certificate first. */
    public void become(Pair other) throws IOException {
      replace(other.certificate(), certificate);
      replace(other.key(), key);
    }

    /** For a server that shows this certificate. */
    public SSLContext context() throws IOException {
      Identity identity = new IdentityFiles(certificate, key).read();
      try {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", identity.key(), PASSWORD.toCharArray(),
            identity.chain().toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
      } catch (GeneralSecurityException e) {
        throw new IOException(e);
      }
    }

    /** Puts the content of one file into another at once. */
    public static void replace(Path from, Path to) throws IOException {
      Path beside = Files.copy(from, to.resolveSibling(to.getFileName() + ".new"), StandardCopyOption.REPLACE_EXISTING);
      Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** The file of its own certificate. */
  public Path certificate() {
    return directory.resolve("ca.pem");
  }

  /**
   * Certifies a server: {@code dns:localhost,ip:127.0.0.1}.
   *
   * @param algorithm RSA, EC or Ed25519
   */
  public Pair issue(String commonName, String algorithm, String names, String... more)
      throws IOException, InterruptedException {
    String alias = "server-" + issued++;
    List<String> words = new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-keyalg", algorithm, "-dname",
        "CN=" + commonName, "-ext", "san=" + names, "-signer", "ca", "-validity", "20"));
    words.addAll(List.of(more));
    keytool(words.toArray(String[]::new));
    StringBuilder chain = new StringBuilder("What stands before a block does not matter.\n");
    for (Certificate certificate : entry(alias)) {
      chain.append(pem("CERTIFICATE", encoded(certificate)));
    }
    Path certificate = write(directory.resolve(alias + ".pem"), chain.toString());
    return new Pair(certificate, write(directory.resolve(alias + ".key"), pem("PRIVATE KEY", key(alias))));
  }

  /** A block of a PEM file. */
  static String pem(String label, byte[] content) {
    return "-----BEGIN " + label + "-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content)
        + "\n-----END " + label + "-----\n";
  }

  private static Path write(Path file, String text) throws IOException {
    return Files.writeString(file, text);
  }

  private Certificate[] entry(String alias) throws IOException {
    try {
      return keys().getCertificateChain(alias);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private byte[] key(String alias) throws IOException {
    try {
      return keys().getKey(alias, PASSWORD.toCharArray()).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private KeyStore keys() throws IOException {
    try {
      return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static byte[] encoded(Certificate certificate) throws IOException {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private void keytool(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(words));
    command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(directory.resolve("keytool.log").toFile()).start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("keytool failed: " + Files.readString(directory.resolve("keytool.log")));
    }
  }
}
