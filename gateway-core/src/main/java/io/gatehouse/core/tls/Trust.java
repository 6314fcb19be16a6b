package io.gatehouse.core.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Which servers a client of TLS believes to be who they say. Immutable; for any number of threads. */
public final class Trust {

  private final SSLContext context;
  private final boolean verified;

  private Trust(SSLContext context, boolean verified) {
    this.context = context;
    this.verified = verified;
  }

  /** Those whom an authority certifies that Java trusts. */
  public static Trust ofJava() {
    return new Trust(context(null), true);
  }

  /**
   * Those whom an authority certifies whose certificate is in a PEM file, and nobody else.
   *
   * @throws PemException when the file cannot be used
   */
  public static Trust of(Path authorities) throws PemException {
    List<X509Certificate> certificates = Pem.of(authorities, Pem.bytes(authorities)).certificates();
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("authority-" + i, certificates.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return new Trust(context(factory.getTrustManagers()), true);
    } catch (GeneralSecurityException | IOException e) {
      throw new PemException(authorities, "authorities that this Java cannot use", "");
    }
  }

  /** Everybody, whatever they show: encrypts, but does not tell a backend from somebody who poses as it. */
  public static Trust ofAnybody() {
    return new Trust(context(new TrustManager[] {new Credulous()}), false);
  }

  private static SSLContext context(TrustManager @Nullable [] managers) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /** Made once; for client sides. */
  public SSLContext context() {
    return context;
  }

  /** Whether a server's name must be that of its certificate. */
  public boolean verified() {
    return verified;
  }

  /** The extended kind, because Java adds checks of its own to the plain one. */
  private static final class Credulous extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
