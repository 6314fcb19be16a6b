package io.gatehouse.core.image;

import io.gatehouse.Dispatch;
import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.image.SignedUrl;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Holds what is asked of imgproxy against the policy of who asks, and has it asked with a signature of our
 * own: whatever a client has written in the place of one is not looked at. Nothing reaches imgproxy that is
 * not understood.
 *
 * <p>Asked when the caller and the route are known. It has no say in requests that other routes take. Below
 * the prefix of signed URLs it relies on the authenticator, which has read the signature.
 *
 * <p>Any number of threads; does not block.
 */
public final class ImageGate implements Gate {
  private static final Optional<Refusal> NOBODY =
      Optional.of(Refusal.of(Reason.KEY_MISSING, "The request carries no API key, and its URL is not signed."));
  private static final Optional<Refusal> NOWHERE =
      Optional.of(Refusal.of(Reason.NO_ROUTE, "There is no route for signed URLs."));
  private static final Optional<Refusal> METHOD = Optional.of(
      new Refusal(Reason.IMAGE_FORBIDDEN, "Pictures are fetched with GET and HEAD.", Duration.ZERO, "image-method"));

  /** The rules that hints can break. */
  private static final Set<String> OF_SIZE = Set.of("width", "height", "pixels");

  /** Says by which policy a caller is judged. Any number of threads; does not block. */
  @FunctionalInterface
  public interface Policies {
    ImagePolicy of(Entitlement caller);
  }

  private final String signedBelow;
  private final Map<String, String> prefixes;
  private final Policies policies;
  private final ImageRewriter rewriter;
  private final Negotiation negotiation;

  /**
   * A gate.
   *
   * @param signedBelow what signed URLs begin with
   * @param prefixes what is cut off the paths of unsigned URLs, by the names of the routes that lead to
   *     imgproxy; where there are no routes, by the empty name
   * @param negotiation what imgproxy chooses by besides the path
   */
  public ImageGate(String signedBelow, Map<String, String> prefixes, Policies policies, ImageRewriter rewriter,
      Negotiation negotiation) {
    this.signedBelow = Objects.requireNonNull(signedBelow, "signedBelow");
    this.prefixes = Map.copyOf(prefixes);
    this.policies = Objects.requireNonNull(policies, "policies");
    this.rewriter = Objects.requireNonNull(rewriter, "rewriter");
    this.negotiation = Objects.requireNonNull(negotiation, "negotiation");
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    String path = passage.inbound().path();
    boolean signed = SignedUrl.isBelow(signedBelow, path);
    String prefix = prefixes.get(passage.route());
    if (prefix == null) {
      return signed ? NOWHERE : Optional.empty();
    }
    if (passage.entitlement().isEmpty()) {
      return NOBODY;
    }
    String method = passage.inbound().method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return METHOD;
    }
    Entitlement caller = passage.entitlement().get();
    try {
      if (!signed) {
        return judge(passage, caller, ImagePath.parse(ImagePath.repair(without(prefix, path))), Optional.empty());
      }
      Optional<SignedUrl> url = SignedUrl.parse(signedBelow, path);
      if (url.isEmpty()) {
        return malformed("This is not the form of a signed URL.");
      }
      ImagePath image = ImagePath.parseUnsigned(ImagePath.repair("/" + url.get().image()));
      return judge(passage, caller, image, url.get().expiresAt());
    } catch (ImageSyntaxException e) {
      return malformed(e.getMessage());
    }
  }

  private Optional<Refusal> judge(Passage passage, Entitlement caller, ImagePath image, Optional<Instant> end) {
    ImagePolicy policy = policies.of(caller);
    ImageHints hints = negotiation.asked(passage.inbound()::headers, policy);
    ImageRewriter.Result result = rewriter.rewrite(image, policy, hints);
    while (result instanceof ImageRewriter.Denied denied && OF_SIZE.contains(denied.rule())) {
      // What browsers send by themselves must not break a page: it is heeded as far as the policy has room for it.
      Optional<ImageHints> smaller = hints.smaller(ImageHints.LADDER);
      if (smaller.isEmpty()) {
        break;
      }
      hints = smaller.get();
      result = rewriter.rewrite(image, policy, hints);
    }
    if (result instanceof ImageRewriter.Denied denied) {
      return Optional.of(
          new Refusal(Reason.IMAGE_FORBIDDEN, denied.detail(), Duration.ZERO, "image-" + denied.rule()));
    }
    ImageRewriter.Rewritten rewritten = (ImageRewriter.Rewritten) result;
    passage.send(new Dispatch(
        rewritten.target(), turnOf(caller), rewritten.pixels(), end, negotiation.fields(hints)));
    return Optional.empty();
  }

  private static String turnOf(Entitlement caller) {
    return caller.tenant().map(tenant -> "tenant " + tenant).orElseGet(() -> "user " + caller.subject().user());
  }

  private static String without(String prefix, String path) {
    int end = prefix.length();
    boolean begins = path.startsWith(prefix) && (path.length() == end || path.charAt(end) == '/');
    return begins ? path.substring(prefix.length()) : path;
  }

  private static Optional<Refusal> malformed(String detail) {
    return Optional.of(Refusal.of(Reason.BAD_REQUEST, detail));
  }

  @Override
  public Finding preview(Passage passage) {
    Optional<Refusal> refusal = check(passage);
    if (refusal.isPresent()) {
      return new Finding.Refuses(refusal.get(), List.of());
    }
    return passage.dispatch()
        .<Finding>map(dispatch -> new Finding.Passes(
            "image-policy", "at most " + dispatch.pixels() + " pixels", List.of()))
        .orElseGet(() -> new Finding.NotAsked("The request is not for imgproxy."));
  }

  @Override
  public String name() {
    return "images";
  }
}
