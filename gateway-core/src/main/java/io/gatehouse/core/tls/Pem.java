package io.gatehouse.core.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The blocks of a PEM file (RFC 7468); what stands between them is passed over. */
final class Pem {

  static final String CERTIFICATE = "CERTIFICATE";

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([\\s\\S]*?)-----END \\1-----");
  private static final int LARGEST_FILE = 4 << 20;

  private final Path file;
  private final List<Block> blocks;

  private Pem(Path file, List<Block> blocks) {
    this.file = file;
    this.blocks = blocks;
  }

  /** A block; its text is not for messages. */
  private record Block(String label, String text) {}

  /** The bytes of a file. */
  static byte[] bytes(Path file) throws PemException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > LARGEST_FILE) {
        throw new PemException(file, "more than 4 MiB (expected: a PEM file)", "");
      }
      return bytes;
    } catch (PemException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new PemException(file, "no such file", "");
    } catch (AccessDeniedException e) {
      throw new PemException(file, "may not be read by this process", "");
    } catch (IOException e) {
      throw new PemException(
          file, Files.isDirectory(file) ? "a directory (expected: a PEM file)" : "cannot be read", "");
    }
  }

  static Pem of(Path file, byte[] bytes) {
    Matcher block = BLOCK.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    List<Block> blocks = new ArrayList<>();
    while (block.find()) {
      blocks.add(new Block(block.group(1), block.group(2)));
    }
    return new Pem(file, blocks);
  }

  /** All certificates, at least one, in the order of the file. */
  List<X509Certificate> certificates() throws PemException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks) {
      if (block.label().equals(CERTIFICATE)) {
        certificates.add(certificate(content(block)));
      }
    }
    if (certificates.isEmpty()) {
      throw new PemException(file, found() + " (expected: -----BEGIN CERTIFICATE-----)", "");
    }
    return certificates;
  }

  /** The content of the only private key in PKCS#8. */
  byte[] privateKey() throws PemException {
    List<Block> keys = blocks.stream().filter(block -> block.label().equals("PRIVATE KEY")).toList();
    if (keys.size() == 1) {
      return content(keys.get(0));
    }
    if (keys.size() > 1) {
      throw new PemException(file, keys.size() + " private keys (expected: one)", "");
    }
    boolean encrypted = blocks.stream().anyMatch(block -> block.label().equals("ENCRYPTED PRIVATE KEY")
        || block.label().endsWith(" PRIVATE KEY") && block.text().contains("ENCRYPTED"));
    boolean old = blocks.stream().anyMatch(block -> block.label().endsWith(" PRIVATE KEY"));
    throw new PemException(
        file,
        (encrypted ? "an encrypted private key" : found())
            + " (expected: -----BEGIN PRIVATE KEY-----, PKCS#8 and not encrypted)",
        encrypted || old ? "openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW makes one of it" : "");
  }

  private String found() {
    return blocks.isEmpty()
        ? "no PEM block"
        : "only " + blocks.stream().map(Block::label).distinct().limit(3).collect(Collectors.joining(", "));
  }

  private byte[] content(Block block) throws PemException {
    try {
      return Base64.getMimeDecoder().decode(block.text());
    } catch (IllegalArgumentException e) {
      throw new PemException(file, "a block " + block.label() + " that is cut off or not base64", "");
    }
  }

  private X509Certificate certificate(byte[] der) throws PemException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new PemException(file, "a block CERTIFICATE that is no X.509 certificate", "");
    }
  }
}
