package io.gatehouse.jetty.upload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Inbound;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.core.settings.UploadSettings;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.setup.PictureUrls;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.core.upload.Uploads;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.ApiServlet;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Cursor;
import io.gatehouse.jetty.api.Envelope;
import io.gatehouse.jetty.api.Faults;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.KeyHolder;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Query;
import io.gatehouse.jetty.api.ServletEnvelope;
import io.gatehouse.jetty.filter.GatewayFilter;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.upload.Upload;
import io.gatehouse.upload.UploadStore;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Uploads: what whoever sends an API key may store, see and delete of their own, as docs/uploads.md describes it. Serve it at
 * {@value #PATH} and below.
 *
 * <p>Requests are admitted as those that are proxied, by the same keys, address lists, scopes, limits and quotas, and are
 * traffic like them; they go to no backend. What belongs to other users is answered as what is not there.
 *
 * <p>Any number of threads; blocks as the client sends, and as the stores do.
 */
public final class UploadServlet extends ApiServlet {

  /** Where it is: {@value}. */
  public static final String PATH = Operation.ROOT + "upload";

  private static final long serialVersionUID = 1L;

  private final transient Gatehouse gatehouse;
  private final transient Uploads uploads;
  private final transient Supplier<TrustedProxies> proxies;
  private final transient InstantSource clock = InstantSource.system();
  private final transient UploadFigures figures = new UploadFigures();
  private final transient Receiving receiving;

  /** By the snapshot that was in force last. */
  private volatile transient Door door;

  private record Door(Snapshot snapshot, TrustedProxies proxies, GatewayFilter filter) {

    static Door of(Snapshot snapshot, TrustedProxies proxies) {
      return new Door(snapshot, proxies, new GatewayFilter(snapshot.gateway().unrouted(), proxies));
    }
  }

  /**
   * @param uploads those of {@code gatehouse}
   * @param proxies who is believed when they say for whom they ask; asked each time, for the one that is in force
   */
  public UploadServlet(Gatehouse gatehouse, Uploads uploads, Supplier<TrustedProxies> proxies) {
    super("Uploads");
    this.gatehouse = Objects.requireNonNull(gatehouse, "gatehouse");
    this.uploads = Objects.requireNonNull(uploads, "uploads");
    this.proxies = Objects.requireNonNull(proxies, "proxies");
    this.receiving = new Receiving(uploads, gatehouse::settings, figures);
    this.door = Door.of(gatehouse.snapshot(), proxies.get());
  }

  /** How uploads have ended. */
  public UploadFigures figures() {
    return figures;
  }

  private Door door() {
    Door known = door;
    Snapshot now = gatehouse.snapshot();
    TrustedProxies trusted = proxies.get();
    if (known.snapshot() != now || known.proxies() != trusted) {
      known = Door.of(now, trusted);
      door = known;
    }
    return known;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    door().filter().doFilter(
        request, response, (in, out) -> send((HttpServletRequest) in, (HttpServletResponse) out));
  }

  @Override
  protected void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    answer(request).send(request.getMethod(), envelope(request), response);
  }

  private static Envelope envelope(HttpServletRequest request) {
    return new ServletEnvelope(
        request, each -> ((Inbound) each.getAttribute(GatewayFilter.INBOUND)).clientAddress().getHostAddress());
  }

  private Answer answer(HttpServletRequest request) throws IOException {
    Subject subject = (Subject) request.getAttribute(GatewayFilter.SUBJECT);
    String path = request.getRequestURI();
    String id = path.equals(PATH) ? "" : path.substring(PATH.length() + 1);
    if (id.contains("/")) {
      throw ProblemException.notFound("There is nothing at this path.");
    }
    return switch (request.getMethod()) {
      case "GET", "HEAD" -> id.isEmpty() ? list(request, subject) : show(request, subject.user(), id);
      case "POST" -> {
        requireId(id, false, "DELETE, GET, HEAD");
        yield upload(request, subject);
      }
      case "DELETE" -> {
        requireId(id, true, "GET, HEAD, POST");
        yield delete(request, subject.user(), id);
      }
      default -> throw ProblemException.methodNotAllowed(id.isEmpty() ? "GET, HEAD, POST" : "DELETE, GET, HEAD");
    };
  }

  private static void requireId(String id, boolean expected, String allow) {
    if (id.isEmpty() == expected) {
      throw ProblemException.methodNotAllowed(allow);
    }
  }

  private Answer upload(HttpServletRequest request, Subject subject) throws IOException {
    requireNoQuery(request);
    Optional<String> tenant = gatehouse.stores().users().tenantOf(subject.user());
    Uploads.Stored stored = receiving.receive(request, subject, tenant);
    String location = PATH + "/" + stored.upload().id();
    ObjectNode body = json(stored.upload());
    addUrls(body, stored.upload(), subject.key());
    return stored.fresh() ? Answer.created(location, body) : Answer.ok(body).with("Location", location);
  }

  /** Adds those URLs that whoever has uploaded may hand on now. */
  private void addUrls(ObjectNode body, Upload upload, String keyId) {
    Snapshot snapshot = gatehouse.snapshot();
    Optional<PictureUrls.Signing> signing = snapshot.pictureUrls()
        .flatMap(urls -> gatehouse.stores().keys().key(keyId).flatMap(urls::of));
    if (signing.isEmpty()) {
      return;
    }
    UploadSettings settings = snapshot.settings().upload();
    Instant end = clock.instant().plus(settings.urlsExpireIn()).truncatedTo(ChronoUnit.SECONDS);
    ObjectNode urls = Json.object();
    settings.urls().forEach((name, options) -> {
      if (signing.get().sign(options, uploads.source(upload), end) instanceof PictureUrls.Signed signed) {
        urls.put(name, signed.url());
      }
    });
    if (!urls.isEmpty()) {
      body.set("urls", urls);
      body.put("urls_expire_at", end.toString());
    }
  }

  private Answer list(HttpServletRequest request, Subject subject) {
    Faults faults = new Faults();
    Fields query = Query.read(request.getQueryString(), List.of("after", "limit"), faults);
    KeyHolder holder =
        new KeyHolder(gatehouse.stores().keys().key(subject.key()).orElseThrow(UploadServlet::gone));
    Call call = new Call(envelope(request), holder, "", "", query, Optional.empty(), faults, new ArrayList<>());
    Optional<UploadStore.After> after =
        query.get("after", Cursor.TYPE).map(cursor -> new UploadStore.After(cursor.at(), cursor.id()));
    int size = Page.size(call);
    faults.check();
    return Page.answer(
        call,
        PATH,
        Json.object(),
        "uploads",
        size,
        uploads.uploads(subject.user(), after, size + 1),
        this::json,
        last -> new Cursor(last.createdAt(), last.id()).toString(),
        Map.of());
  }

  private Answer show(HttpServletRequest request, String user, String id) {
    requireNoQuery(request);
    return Answer.ok(json(uploads.upload(user, id).orElseThrow(UploadServlet::unknown)));
  }

  private Answer delete(HttpServletRequest request, String user, String id) {
    requireNoQuery(request);
    try {
      if (!uploads.delete(user, id)) {
        throw unknown();
      }
    } catch (IOException e) {
      throw new StoreException("an object cannot be deleted now", e);
    }
    return Answer.noContent();
  }

  private static void requireNoQuery(HttpServletRequest request) {
    Faults faults = new Faults();
    Query.read(request.getQueryString(), List.of(), faults);
    faults.check();
  }

  /** For a key that was deleted while its request was under way. */
  private static ProblemException gone() {
    return new ProblemException(Problem.of(401, "key-invalid", "Invalid API key", "The API key is not valid."));
  }

  private static ProblemException unknown() {
    return ProblemException.notFound("There is no upload with this id.");
  }

  private ObjectNode json(Upload upload) {
    return Json.object()
        .put("id", upload.id())
        .put("source", uploads.source(upload))
        .put("bytes", upload.bytes())
        .put("type", upload.type())
        .put("width", upload.width())
        .put("height", upload.height())
        .put("sha256", upload.sha256())
        .put("created_at", upload.createdAt().toString());
  }
}
