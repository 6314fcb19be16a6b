package io.gatehouse.core.setup;

import io.gatehouse.core.image.ImageFormat;
import io.gatehouse.core.image.ImageGate;
import io.gatehouse.core.image.ImageOptions;
import io.gatehouse.core.image.ImageRewriter;
import io.gatehouse.core.image.ImageSyntaxException;
import io.gatehouse.core.image.ImgproxySigner;
import io.gatehouse.core.image.Negotiation;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.ImageSettings;
import io.gatehouse.core.settings.RouteSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.upstream.FairQueue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the settings say of images, in the words of the gate that judges them and of the queue where they wait. */
final class Images {
  private Images() {}

  static ImageGate gate(Settings settings, ImageSettings images) {
    return gate(images, prefixes(settings, images));
  }

  /** What signs URLs that a gateway takes which has been made of the same settings; empty when it takes none. */
  static Optional<PictureUrls> urls(Settings settings, Stores stores, KeyedGateway gateway) {
    return settings.images().map(
        images -> new PictureUrls(stores.signing(), gateway, images.path(), gate(images, Map.of("", ""))));
  }

  private static ImageGate gate(ImageSettings images, Map<String, String> prefixes) {
    List<ImgproxySigner.Pair> pairs = images.pairs().stream()
        .map(pair -> ImgproxySigner.Pair.ofHex(pair.key().reveal(), pair.salt().reveal())).toList();
    ImageRewriter rewriter = ImageRewriter.signing(new ImgproxySigner(pairs, images.signatureSize()));
    return new ImageGate(images.path(), prefixes, new ImagePolicies(images), rewriter,
        negotiation(images.negotiation()));
  }

  private static Negotiation negotiation(ImageSettings.Negotiation said) {
    return new Negotiation(
        said.normalize() ? Negotiation.Accept.NORMALIZED : Negotiation.Accept.AS_SENT,
        said.autoFormats().stream().flatMap(name -> ImageFormat.named(name).stream()).collect(Collectors.toSet()),
        said.clientHints() ? Negotiation.Hints.HEEDED : Negotiation.Hints.IGNORED);
  }

  /**
   * Whether policies can be made of the settings, and URLs of uploads.
   *
   * @throws SettingsException when not
   */
  static void check(Settings settings) {
    settings.images().ifPresent(images -> {
      try {
        new ImagePolicies(images);
      } catch (IllegalArgumentException e) {
        throw fault("images", e);
      }
      try {
        settings.upload().urls().values().forEach(ImageOptions::parse);
      } catch (ImageSyntaxException e) {
        throw fault("upload.urls", e);
      }
    });
  }

  private static SettingsException fault(String path, IllegalArgumentException e) {
    return new SettingsException(List.of(new Fault("", 0, 0, path, String.valueOf(e.getMessage()), "")));
  }

  /** What the routes that lead to imgproxy cut off, by their names. */
  private static Map<String, String> prefixes(Settings settings, ImageSettings images) {
    return settings.routes().isEmpty()
        ? Map.of("", "")
        : settings.routes().stream()
            .filter(route -> route.pool().equals(images.pool()))
            .collect(Collectors.toMap(RouteSettings::name, RouteSettings::stripPrefix));
  }

  static FairQueue.Rules queue(Settings settings) {
    return settings.images()
        .map(ImageSettings::queue)
        .map(queue -> new FairQueue.Rules(
            queue.places(), queue.mostWaiting(), queue.mostWaitingOfOne(), queue.mostWait()))
        .orElse(FairQueue.Rules.OFF);
  }
}
