package io.gatehouse.jetty.server;

import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.settings.TlsSettings;
import io.gatehouse.core.tls.Identity;
import io.gatehouse.core.tls.IdentityFiles;
import io.gatehouse.core.tls.PemException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.HTTP2Cipher;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of TLS, which takes up a new certificate when its files change: for connections that come then;
 * those that are there keep what they were made with. Looks every {@value #LOOK_MILLIS} ms, by content, because what
 * replaces files (a certificate manager, a volume of Kubernetes) is free with their times.
 */
final class ReloadingTls implements AutoCloseable {

  static final long LOOK_MILLIS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(ReloadingTls.class);
  private static final String ALIAS = "server";

  private final IdentityFiles files;
  private final SslContextFactory.Server factory = new SslContextFactory.Server();
  private final ScheduledExecutorService looker =
      Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "gatehouse-certificate");
        thread.setDaemon(true);
        return thread;
      });

  private ReloadingTls(TlsSettings settings, IdentityFiles files, Identity identity) {
    this.files = files;
    factory.setIncludeProtocols(
        settings.minimumVersion() == TlsSettings.Version.TLS_1_3
            ? new String[] {"TLSv1.3"}
            : new String[] {"TLSv1.3", "TLSv1.2"});
    factory.setCipherComparator(HTTP2Cipher.COMPARATOR); // else TLS 1.2 may agree on one that HTTP/2 forbids
    factory.setUseCipherSuitesOrder(true);
    factory.setRenegotiationAllowed(false);
    use(factory, identity);
  }

  /**
   * Reads the files and keeps looking at them until it is closed.
   *
   * @throws SettingsException when they cannot be used
   */
  static ReloadingTls start(TlsSettings settings) {
    IdentityFiles files = new IdentityFiles(settings.certificate(), settings.privateKey());
    ReloadingTls tls = new ReloadingTls(settings, files, read(settings, files));
    tls.looker.scheduleWithFixedDelay(tls::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    return tls;
  }

  /**
   * Whether a server could start with these files.
   *
   * @throws SettingsException when not
   */
  static void check(TlsSettings settings) {
    read(settings, new IdentityFiles(settings.certificate(), settings.privateKey()));
  }

  private static Identity read(TlsSettings settings, IdentityFiles files) {
    try {
      return files.read();
    } catch (PemException e) {
      String path = settings.certificate().equals(settings.privateKey()) ? "server.tls"
          : e.file().equals(settings.certificate()) ? "server.tls.certificate" : "server.tls.private_key";
      throw new SettingsException(List.of(new Fault(e.file().toString(), 0, 0, path, e.fault(), e.hint())));
    }
  }

  /** What connectors take. */
  SslContextFactory.Server factory() {
    return factory;
  }

  private void look() {
    try {
      files.changed().ifPresent(this::reload);
    } catch (RuntimeException e) {
      // A look that ends in an exception would be the last one, and the certificate would run out unseen.
      log.error("The certificate could not be looked at", e);
    }
  }

  private void reload(Identity identity) {
    try {
      factory.reload(changed -> use((SslContextFactory.Server) changed, identity));
      log.info("New connections get the changed certificate: {}", identity);
    } catch (Exception e) {
      log.error("The changed certificate cannot be used, the one before stays: {}", identity, e);
    }
  }

  private static void use(SslContextFactory.Server factory, Identity identity) {
    if (identity.notAfter().isBefore(Instant.now())) {
      log.warn("The certificate is out of date, clients will refuse it: {}", identity);
    }
    try {
      String password = UUID.randomUUID().toString(); // the store stays in memory, but must have one
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(ALIAS, identity.key(), password.toCharArray(), identity.chain().toArray(Certificate[]::new));
      factory.setKeyStore(store);
      factory.setKeyStorePassword(password);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a certificate and a key cannot be put together: " + identity, e);
    }
  }

  /** Stops looking. */
  @Override
  public void close() {
    looker.shutdownNow();
  }
}
