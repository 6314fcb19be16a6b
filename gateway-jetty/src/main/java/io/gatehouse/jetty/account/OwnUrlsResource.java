package io.gatehouse.jetty.account;

import io.gatehouse.Refusal;
import io.gatehouse.core.setup.PictureUrls;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.api.UrlToSign;
import io.gatehouse.jetty.problem.Problem;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Signs URLs of pictures with a secret of the key that asks, and none that the gateway would refuse. Whoever has the
 * key has such pictures anyway, in the same name; the URL is for others, until its end.
 */
final class OwnUrlsResource {

  private static final String SOURCE = "source";

  private final Optional<PictureUrls> urls;
  private final InstantSource clock;

  /** @param urls empty when the gateway takes no signed URLs */
  OwnUrlsResource(Optional<PictureUrls> urls, InstantSource clock) {
    this.urls = urls;
    this.clock = clock;
  }

  void addTo(Router router) {
    router.add("POST", AccountServlet.PATH + "/signed-urls", this::sign);
  }

  private Answer sign(Call call) {
    UrlToSign wanted = UrlToSign.read(call, clock);
    PictureUrls.Signing signing = urls.orElseThrow(OwnUrlsResource::off)
        .of(call.holder().key())
        .orElseThrow(OwnUrlsResource::noSecret);
    PictureUrls.Result result = signing.sign(wanted.options(), wanted.source(), wanted.end());
    if (result instanceof PictureUrls.Refused refused) {
      throw problem(refused.refusal(), call);
    }
    return wanted.signed(((PictureUrls.Signed) result).url());
  }

  /** What would be told of the URL is told of the field that is to blame. */
  private static ProblemException problem(Refusal refusal, Call call) {
    return switch (refusal.reason()) {
      case IMAGE_FORBIDDEN, BAD_REQUEST -> {
        boolean ofSource = refusal.detail().startsWith(SOURCE + ": ");
        call.faults().add(
            ofSource ? SOURCE : "options",
            ofSource ? refusal.detail().substring(SOURCE.length() + 2) : refusal.detail());
        yield call.faults().problem();
      }
      case SCOPE_MISSING -> AccountServlet.scopeMissing("This key may not have pictures by URL. " + refusal.detail());
      default -> AccountServlet.gone(); // since it was admitted, the key was switched off or its end has come
    };
  }

  private static ProblemException off() {
    return new ProblemException(
        Problem.of(409, "images-off", "Images off", "This gateway signs no URLs of pictures and takes none."));
  }

  private static ProblemException noSecret() {
    return new ProblemException(
        Problem.of(
            409,
            "signing-secret-missing",
            "Signing secret missing",
            "This key has no signing secret; an administrator makes one."));
  }
}
