package io.gatehouse.core.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What may be uploaded, and where it is kept. Nothing may while neither a directory nor a store is named.
 *
 * @param directory where images are kept as files; default none
 * @param s3 where they are kept otherwise; empty when there is a directory; default none
 * @param maxBytes the length of one at the most, 1 to 5 GiB; default 20 MiB
 * @param maxPixels its width times its height, 1 or more; default 50,000,000
 * @param maxSide its longer side in pixels, 1 to 1,000,000; default 16,384
 * @param maxFrames its frames or pages, 1 to 100,000; default 500
 * @param maxConcurrent how many are taken at once, 1 to 200; default 32
 * @param urls the options of the signed URLs that answers have, by the names of the URLs, {@value #MOST_URLS} at the most;
 *     default {@code original}, in its own size
 * @param urlsExpireIn how long those are worth something, 1 s to 3660 d; default 1 d
 */
public record UploadSettings(
    Optional<Path> directory,
    Optional<S3> s3,
    long maxBytes,
    long maxPixels,
    int maxSide,
    int maxFrames,
    int maxConcurrent,
    Map<String, String> urls,
    Duration urlsExpireIn) {

  /** So many URLs an answer has at the most: {@value}. */
  public static final int MOST_URLS = 20;

  public UploadSettings {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(s3, "s3");
    urls = Collections.unmodifiableMap(new LinkedHashMap<>(urls));
    Objects.requireNonNull(urlsExpireIn, "urlsExpireIn");
  }

  /**
   * A store that speaks S3.
   *
   * @param prefix what stands before the names of objects, without slashes around it; empty: nothing
   */
  public record S3(
      URI endpoint, String region, String bucket, Optional<String> prefix, Secret accessKey, Secret secretKey) {}

  /** Whether anything can be uploaded. */
  public boolean enabled() {
    return directory.isPresent() || s3.isPresent();
  }
}
