package io.gatehouse.examples.imgproxy;

import com.sun.net.httpserver.HttpExchange;
import io.gatehouse.core.image.ImgproxySigner;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/**
 * As much of imgproxy as the example needs, where there is none: local files, resized as {@code rs} says and saved
 * as JPEG. It insists on imgproxy's secret and signature. Any number of threads.
 */
final class StandIn implements Site.Handler {

  private static final String LOCAL = "local:///";
  private static final Pattern RESIZE = Pattern.compile("/rs:(fit|fill):([0-9]{1,4}):([0-9]{1,4})/");

  private final Path root;
  private final ImgproxySigner signer;
  private final String secret;

  /** @param root where the files are, {@code IMGPROXY_LOCAL_FILESYSTEM_ROOT} */
  StandIn(Path root, ImgproxySigner signer, String secret) {
    this.root = root;
    this.signer = signer;
    this.secret = secret;
  }

  @Override
  public Site.Page answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    if (path.equals("/health")) {
      return Site.Page.text(200, "imgproxy is running");
    }
    int end = Math.max(path.indexOf('/', 1), 1);
    boolean known = ("Bearer " + secret).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    if (!known || end == 1 || !signer.verify(path.substring(1, end), path.substring(end))) {
      return Site.Page.text(403, "Forbidden");
    }
    Optional<Path> file = file(path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\..*", ""));
    if (file.isEmpty()) {
      return Site.Page.text(404, "Source is unreachable");
    }
    BufferedImage picture = resized(ImageIO.read(file.get().toFile()), RESIZE.matcher(path));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, "jpeg", bytes);
    return new Site.Page(200, "image/jpeg", bytes.toByteArray())
        .with("Cache-Control", "max-age=3600, public")
        .with("X-Result-Width", Integer.toString(picture.getWidth()))
        .with("X-Result-Height", Integer.toString(picture.getHeight()));
  }

  private Optional<Path> file(String base64) {
    String source = new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
    Path file = root.resolve(source.startsWith(LOCAL) ? source.substring(LOCAL.length()) : "").normalize();
    return file.startsWith(root) && Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  private static BufferedImage resized(BufferedImage source, Matcher resize) {
    if (!resize.find()) {
      return source;
    }
    int width = Integer.parseInt(resize.group(2));
    int height = Integer.parseInt(resize.group(3));
    double across = width == 0 ? 1 : (double) width / source.getWidth();
    double down = height == 0 ? 1 : (double) height / source.getHeight();
    boolean fill = resize.group(1).equals("fill");
    double scale = Math.min(1, fill ? Math.max(across, down) : Math.min(across, down));
    int scaledWidth = (int) Math.max(1, Math.round(source.getWidth() * scale));
    int scaledHeight = (int) Math.max(1, Math.round(source.getHeight() * scale));
    BufferedImage result =
        new BufferedImage(
            fill ? Math.min(width, scaledWidth) : scaledWidth,
            fill ? Math.min(height, scaledHeight) : scaledHeight,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = result.createGraphics();
    canvas.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    canvas.drawImage(
        source,
        (result.getWidth() - scaledWidth) / 2,
        (result.getHeight() - scaledHeight) / 2,
        scaledWidth,
        scaledHeight,
        null);
    canvas.dispose();
    return result;
  }

  /** A stand-in with the key and salt that the gateway has as well, both in hexadecimal. */
  static StandIn of(Path root, String key, String salt, String secret) {
    return new StandIn(root, new ImgproxySigner(List.of(ImgproxySigner.Pair.ofHex(key, salt))), secret);
  }
}
