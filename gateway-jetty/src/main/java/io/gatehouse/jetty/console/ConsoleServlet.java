package io.gatehouse.jetty.console;

import io.gatehouse.jetty.problem.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Serves the console below {@value #ROOT}: files that are the same for everybody, held in memory. Whoever may read them
 * learns nothing; all that the console shows comes from the API, with the administrator's token.
 *
 * <p>Only names of the list that the build has written are found, compared as they were received, so that no path leads
 * anywhere else. The policy lets the page run its own scripts and styles and talk to its own origin, and nothing else.
 */
public final class ConsoleServlet extends HttpServlet {

  /** What its paths begin with: {@value}. */
  public static final String ROOT = "/_/";

  /** Where the page learns how to sign in. */
  private static final String SIGN_IN = "sign-in.json";

  private static final String PAGE = "index.html";
  private static final long serialVersionUID = 1L;

  private static final Map<String, String> HEADERS = Map.of(
      "Content-Security-Policy",
      String.join("; ",
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "connect-src 'self'",
          "img-src 'self'",
          "form-action 'none'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "require-trusted-types-for 'script'",
          "trusted-types lit-html"),
      "X-Content-Type-Options", "nosniff",
      "Referrer-Policy", "no-referrer",
      "Cross-Origin-Opener-Policy", "same-origin",
      "Cross-Origin-Resource-Policy", "same-origin",
      "Permissions-Policy", "camera=(), geolocation=(), microphone=()");

  private final transient Map<String, ConsoleFile> files;
  private final byte[] signIn;

  /**
   * Reads the files.
   *
   * @param tokenInFile whether the token was made by the first start and is kept in a file of the data directory; false:
   *     the configuration says it
   */
  public ConsoleServlet(boolean tokenInFile) {
    this.files = files();
    this.signIn = "{\"token_in_file\":%s}".formatted(tokenInFile).getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, ConsoleFile> files() {
    Map<String, ConsoleFile> files = new HashMap<>();
    for (String name : new String(read("files.txt"), StandardCharsets.UTF_8).lines().toList()) {
      files.put(name, ConsoleFile.of(name, read(name)));
    }
    files.put("", files.get(PAGE));
    return Map.copyOf(files);
  }

  private static byte[] read(String name) {
    try (InputStream in = ConsoleServlet.class.getResourceAsStream("files/" + name)) {
      if (in == null) {
        throw new FileNotFoundException("files/" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("this jar is not whole", e);
    }
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    HEADERS.forEach(response::setHeader);
    if (!Set.of("GET", "HEAD").contains(request.getMethod())) {
      response.setHeader("Allow", "GET, HEAD");
      Problem.of(405, "method-not-allowed", "Method not allowed", "This path can only be read.").send(response);
      return;
    }
    String name = request.getRequestURI().substring(ROOT.length());
    ConsoleFile file = files.get(name);
    if (file != null) {
      send(file, request, response);
    } else if (name.equals(SIGN_IN)) {
      response.setContentType("application/json");
      response.setHeader("Cache-Control", "no-store");
      write(signIn, response);
    } else {
      Problem.of(404, "not-found", "Not found", "There is nothing at this path.").send(response);
    }
  }

  private static void send(ConsoleFile file, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    boolean zipped = takesGzip(request);
    String tag = '"' + file.tag() + (zipped ? "-gzip\"" : "\"");
    response.setHeader("ETag", tag);
    response.setHeader("Vary", "Accept-Encoding");
    // What has its hash in its name never changes; the page says which of them are current.
    response.setHeader("Cache-Control", file.hashed() ? "public, max-age=31536000, immutable" : "no-cache");
    if (knows(request, tag)) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    response.setContentType(file.type());
    if (zipped) {
      response.setHeader("Content-Encoding", "gzip");
    }
    write(zipped ? file.zipped() : file.bytes(), response);
  }

  private static void write(byte[] bytes, HttpServletResponse response) throws IOException {
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes); // the container drops it for HEAD
  }

  /** Whether gzip is named and not refused (RFC 9110, 12.5.3). */
  private static boolean takesGzip(HttpServletRequest request) {
    return values(request, "Accept-Encoding").stream()
        .map(each -> each.replaceAll("\\s", ""))
        .anyMatch(each -> each.equals("gzip") || each.startsWith("gzip;") && !each.matches("gzip;q=0(\\.0*)?"));
  }

  private static boolean knows(HttpServletRequest request, String tag) {
    return values(request, "If-None-Match").stream()
        .map(each -> each.startsWith("W/") ? each.substring(2) : each)
        .anyMatch(each -> each.equals(tag) || each.equals("*"));
  }

  private static List<String> values(HttpServletRequest request, String field) {
    StringBuilder all = new StringBuilder();
    Enumeration<String> lines = request.getHeaders(field);
    while (lines.hasMoreElements()) {
      all.append(lines.nextElement()).append(',');
    }
    return Arrays.stream(all.toString().split(",")).map(String::strip).toList();
  }
}
