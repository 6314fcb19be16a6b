package io.gatehouse.jetty.upload;

import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.upload.Arrival;
import io.gatehouse.core.upload.ObjectName;
import io.gatehouse.core.upload.RefusedUpload;
import io.gatehouse.core.upload.Uploader;
import io.gatehouse.core.upload.Uploads;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.jetty.proxy.BodyPace;
import io.gatehouse.jetty.upload.UploadFigures.Ending;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Receives the body of an upload, piece by piece, on the thread of its request. What can be refused by the head of the request
 * is refused before the body is asked for, so that a client who waits with it ({@code Expect: 100-continue}) never sends it.
 *
 * <p>Any number of threads, of which so many receive at once as the settings allow.
 */
final class Receiving {

  private static final int PIECE = 16 * 1024;

  private final Uploads uploads;
  private final Supplier<Settings> settings;
  private final UploadFigures figures;
  private final AtomicInteger underWay = new AtomicInteger();

  Receiving(Uploads uploads, Supplier<Settings> settings, UploadFigures figures) {
    this.uploads = uploads;
    this.settings = settings;
    this.figures = figures;
  }

  /**
   * Receives it.
   *
   * @throws ProblemException when it is not taken
   * @throws StoreException when the database or the objects cannot be reached
   * @throws IOException when the client does not send all of it
   */
  Uploads.Stored receive(HttpServletRequest request, Subject subject, Optional<String> tenant) throws IOException {
    Ending ending = Ending.FAILED;
    try {
      Uploads.Stored stored = inTurn(request, subject, tenant);
      ending = stored.fresh() ? Ending.STORED : Ending.KNOWN;
      if (stored.fresh()) {
        figures.stored(stored.upload().bytes());
      }
      return stored;
    } catch (RefusedUpload e) {
      ending = Ending.REFUSED;
      throw problem(e, request);
    } catch (ProblemException e) {
      ending = e.status() == 408 ? Ending.ABORTED : Ending.REFUSED;
      throw e;
    } catch (IOException e) {
      ending = Ending.ABORTED;
      throw e;
    } finally {
      figures.ended(ending);
    }
  }

  private Uploads.Stored inTurn(HttpServletRequest request, Subject subject, Optional<String> tenant)
      throws IOException, RefusedUpload {
    UploadBody body = body(request);
    long length = request.getContentLengthLong();
    if (length > uploads.rules().bytes() + body.spare()) {
      throw tooLong();
    }
    int most = settings.get().upload().maxConcurrent();
    if (underWay.incrementAndGet() > most) {
      underWay.decrementAndGet();
      throw new RefusedUpload(RefusedUpload.Why.BUSY, most + " uploads are under way already.");
    }
    try (Arrival arrival = begin(subject, tenant, body.declared(length))) {
      read(request.getInputStream(), body, arrival);
      return kept(arrival::finish);
    } finally {
      underWay.decrementAndGet();
    }
  }

  private Arrival begin(Subject subject, Optional<String> tenant, long declared) throws RefusedUpload {
    Uploader uploader =
        new Uploader(subject.user(), subject.key(), ObjectName.folder(tenant, subject.user()));
    return kept(() -> uploads.begin(uploader, declared));
  }

  private void read(InputStream in, UploadBody body, Arrival arrival) throws IOException, RefusedUpload {
    BodyPace pace = new BodyPace(settings.get().server().minBodyRate(), System::nanoTime);
    UploadBody.Sink sink = (bytes, offset, count) -> kept(() -> {
      arrival.write(bytes, offset, count);
      return arrival;
    });
    byte[] piece = new byte[PIECE];
    long all = 0;
    while (true) {
      pace.waits();
      int count = in.read(piece);
      pace.waited();
      if (count < 0) {
        body.end();
        return;
      }
      all += count;
      if (all > uploads.rules().bytes() + body.spare()) {
        throw tooLong();
      }
      body.read(piece, count, sink);
      if (pace.tooSlow(all)) {
        throw new ProblemException(
            Problem.of(408, "request-timeout", "Request timeout", "The body did not come in time."));
      }
    }
  }

  private RefusedUpload tooLong() {
    return new RefusedUpload(
        RefusedUpload.Why.TOO_LARGE,
        "The content is longer than the " + uploads.rules().bytes() + " bytes that are allowed.");
  }

  @FunctionalInterface
  private interface Step<T> {
    T run() throws IOException, RefusedUpload;
  }

  /** Tells what happens to files and objects, which is no fault of the client, from what happens to its connection. */
  private static <T> T kept(Step<T> step) throws RefusedUpload {
    try {
      return step.run();
    } catch (IOException e) {
      throw new StoreException("an upload cannot be kept", e);
    }
  }

  private static UploadBody body(HttpServletRequest request) {
    String type = Optional.ofNullable(request.getContentType()).orElse("").strip();
    String essence = type.replaceFirst("\\s*;.*", "").toLowerCase(Locale.ROOT);
    String encoding = request.getHeader("Content-Encoding");
    if (encoding != null && !encoding.isBlank() && !encoding.equalsIgnoreCase("identity")) {
      throw unsupported("The body is encoded with Content-Encoding (expected: as it is).");
    } else if (essence.equals("multipart/form-data")) {
      return FormBody.of(type);
    } else if (essence.isEmpty() || essence.startsWith("image/") || essence.equals("application/octet-stream")) {
      return new UploadBody.Raw();
    }
    throw unsupported("The Content-Type is none of image/*, application/octet-stream and multipart/form-data.");
  }

  private static ProblemException unsupported(String detail) {
    return new ProblemException(Problem.of(415, "unsupported-media-type", "Unsupported media type", detail));
  }

  private static ProblemException problem(RefusedUpload refused, HttpServletRequest request) {
    String detail = refused.getMessage();
    return switch (refused.why()) {
      case EMPTY -> new ProblemException(Problem.of(400, "bad-request", "Bad request", detail));
      case TOO_LARGE -> new ProblemException(Problem.of(413, "content-too-large", "Content too large", detail));
      case TYPE -> unsupported(detail + said(request));
      case BROKEN -> new ProblemException(Problem.of(422, "image-unreadable", "Image unreadable", detail));
      case DIMENSIONS -> new ProblemException(Problem.of(422, "image-too-large", "Image too large", detail));
      case STORAGE -> new ProblemException(
          Problem.of(403, "storage-quota-exceeded", "Storage quota exceeded", detail)
              .with("violated-policies", refused.refusal().map(Refusal::rule).map(List::of).orElse(List.of())));
      case BUSY -> new ProblemException(Problem.of(503, "uploads-full", "Uploads full", detail))
          .with("Retry-After", "1");
    };
  }

  /** What was claimed has no say, but may help whoever has claimed it. */
  private static String said(HttpServletRequest request) {
    String type = Optional.ofNullable(request.getContentType()).orElse("").toLowerCase(Locale.ROOT);
    return type.startsWith("image/") ? " What the Content-Type says of it is not looked at." : "";
  }
}
