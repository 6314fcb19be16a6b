package io.gatehouse.core.setup;

import io.gatehouse.Gate;
import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Refusal;
import io.gatehouse.core.access.ScopeGate;
import io.gatehouse.core.image.ImageGate;
import io.gatehouse.core.key.SigningSecrets;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.key.ApiKey;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Signs the URLs of pictures in the name of keys, and hands out none that the gateway would refuse: each is held
 * against the scopes and the policy of images that its key has now. Limits, quotas and addresses have no say, since
 * they depend on when and from where a URL is used.
 *
 * <p>Any number of threads; blocks as the stores do.
 */
public final class PictureUrls {

  private final SigningSecrets secrets;
  private final KeyedGateway gateway;
  private final String prefix;
  private final List<Gate> rules;

  /** What became of a URL that somebody wants. */
  public sealed interface Result {}

  /** @param url the path of the picture, signed; it may be used at once */
  public record Signed(String url) implements Result {
    public Signed {
      Objects.requireNonNull(url, "url");
    }
  }

  /** @param refusal what whoever used the URL would be told */
  public record Refused(Refusal refusal) implements Result {
    public Refused {
      Objects.requireNonNull(refusal, "refusal");
    }
  }

  /** Signs for one key, as what it may was when this was made. Any number of threads; does not block. */
  public final class Signing {

    private final UrlSigner signer;
    private final Gateway judge;

    private Signing(UrlSigner signer, Gateway judge) {
      this.signer = signer;
      this.judge = judge;
    }

    /**
     * Signs a URL, if the gateway would take it.
     *
     * @param options of imgproxy, and {@code source}, as {@link UrlSigner#sign} takes them
     * @param end finer parts than seconds are cut off
     * @throws IllegalArgumentException when the options cannot stand in a path, or the moment is out of range
     */
    public Result sign(String options, String source, Instant end) {
      String url = signer.sign(options, source, end);
      return judge.preview(new Fetch(url)).refusal().<Result>map(Refused::new).orElseGet(() -> new Signed(url));
    }
  }

  /**
   * Signs for keys that this gateway knows.
   *
   * @param prefix what signed URLs begin with
   * @param images judges pictures, whatever route leads to them
   */
  PictureUrls(SigningSecrets secrets, KeyedGateway gateway, String prefix, ImageGate images) {
    this.secrets = Objects.requireNonNull(secrets, "secrets");
    this.gateway = Objects.requireNonNull(gateway, "gateway");
    this.prefix = Objects.requireNonNull(prefix, "prefix");
    this.rules = List.of(new ScopeGate(), images);
  }

  /**
   * Signs with the newest secret of a key.
   *
   * @param key enabled only if its user is as well
   * @return empty when the key has no secret that can be opened here
   */
  public Optional<Signing> of(ApiKey key) {
    return secrets.signer(key.id()).map(signer -> new Signing(signer.below(prefix), gateway.judging(key, rules)));
  }

  /** How a browser asks for it, from anywhere. */
  private record Fetch(String target) implements Inbound {

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.empty();
    }

    @Override
    public List<String> headers(String name) {
      return List.of();
    }

    @Override
    public InetAddress clientAddress() {
      return InetAddress.getLoopbackAddress(); // no rule that is asked looks at it
    }

    @Override
    public long contentLength() {
      return 0;
    }
  }
}
