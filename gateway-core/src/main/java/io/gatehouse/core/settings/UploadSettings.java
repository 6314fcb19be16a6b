package io.gatehouse.core.settings;

import java.net.URI;
import java.nio.file.Path;
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
 */
public record UploadSettings(
    Optional<Path> directory,
    Optional<S3> s3,
    long maxBytes,
    long maxPixels,
    int maxSide,
    int maxFrames,
    int maxConcurrent) {

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
