package io.gatehouse.jetty.cli;

import io.gatehouse.image.UrlSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signs URLs of pictures as a tenant would: with a signing secret, and without a gateway or its database. */
@Command(name = "images", description = "Signs URLs of pictures.")
final class ImagesCommand {
  /** The variable that may hold the signing secret: {@value}. */
  static final String SECRET = "GATEHOUSE_SIGNING_SECRET";

  private final RootCommand root;

  ImagesCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "sign", description = "Prints a signed URL of a picture; needs no gateway.")
  void sign(
      @Parameters(paramLabel = "SOURCE", description = "Where the picture is: https://example.com/a.jpg, local:///a.jpg.")
          String source,
      @Option(names = "--key", paramLabel = "ID", required = true, description = "The id of the key to sign for.")
          String key,
      @Option(
              names = "--secret-file",
              paramLabel = "FILE",
              description = "Where a signing secret of the key is; otherwise in the variable " + SECRET + ".")
          @Nullable Path file,
      @Option(
              names = "--options",
              paramLabel = "OPTIONS",
              defaultValue = "",
              description = "Of imgproxy, with slashes between them: rs:fit:300:200/q:80.")
          String options,
      @Option(
              names = "--expires-in",
              paramLabel = "DURATION",
              defaultValue = "24h",
              converter = Arguments.DurationReader.class,
              description = "How long it is worth something; ${DEFAULT-VALUE} unless said.")
          Duration life,
      @Option(
              names = "--below",
              paramLabel = "PREFIX",
              defaultValue = UrlSigner.PREFIX,
              description = "What it begins with, such as https://img.example.com/i; ${DEFAULT-VALUE} unless said.")
          String below) {
    Instant end = root.surroundings().clock().instant().plus(life).truncatedTo(ChronoUnit.SECONDS);
    String url = new UrlSigner(key, secret(file)).below(below).sign(options, source, end);
    root.answer(
        url + System.lineSeparator(), "", Answers.json().put("url", url).put("expires_at", end.toString()));
  }

  private String secret(@Nullable Path file) {
    if (file != null) {
      try {
        return Files.readString(root.surroundings().workingDirectory().resolve(file)).strip();
      } catch (IOException e) {
        throw new CommandFailure(Exit.FAILED, "cannot read " + file, "it has to hold a signing secret", e);
      }
    }
    String secret = root.surroundings().environment().get(SECRET);
    if (secret == null) {
      throw new CommandFailure(
          "no signing secret (expected: in " + SECRET + " or --secret-file)",
          "POST /api/v1/keys/{id}/signing-secrets makes one");
    }
    return secret;
  }
}
