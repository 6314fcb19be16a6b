package io.gatehouse.core.setup;

import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.quota.StoredBytes;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.UploadSettings;
import io.gatehouse.core.upload.LocalObjects;
import io.gatehouse.core.upload.ObjectStore;
import io.gatehouse.core.upload.Room;
import io.gatehouse.core.upload.S3Objects;
import io.gatehouse.core.upload.UploadRules;
import io.gatehouse.core.upload.Uploads;
import io.gatehouse.core.usage.Chore;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Uploads, from settings: where they are kept, by which rules, and what is tidied up after starts that are over. */
final class Uploading implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Uploading.class);
  private static final Duration RECOVER_EVERY = Duration.ofMinutes(10);

  /** Where content for a store elsewhere is gathered, in the data directory. */
  private static final String INCOMING = "incoming";

  private final Uploads uploads;
  private final Chore recovering;

  private Uploading(Uploads uploads) {
    this.uploads = uploads;
    recoverBeforeAnybodyUploads();
    this.recovering = Chore.start("unfinished uploads are undone", RECOVER_EVERY, this::recover);
  }

  /** While nothing is under way, what is charged can be made what it should be without a doubt. */
  private void recoverBeforeAnybodyUploads() {
    try {
      recover();
    } catch (StoreException e) {
      log.warn("What earlier starts have left unfinished of uploads is undone later: {}", e.getMessage());
    }
  }

  private void recover() {
    try {
      uploads.recover();
    } catch (IOException e) {
      throw new StoreException("uploads cannot be reached: " + e, e);
    }
  }

  /**
   * Opens them.
   *
   * @param settings those in force when they are asked for
   * @return empty when nothing can be uploaded
   * @throws StoreException when the directory cannot be used
   */
  static Optional<Uploading> open(
      Settings first, Supplier<Settings> settings, Stores stores, StoredBytes storedBytes, InstantSource clock) {
    if (!first.upload().enabled()) {
      return Optional.empty();
    }
    try {
      Uploads uploads = Uploads.open(
          objects(first),
          stores.uploads(),
          room(storedBytes),
          () -> rules(settings.get().upload()),
          () -> TimeOrderedId.next(clock),
          clock);
      return Optional.of(new Uploading(uploads));
    } catch (IOException e) {
      throw new StoreException("uploads cannot be kept: " + e, e);
    }
  }

  private static ObjectStore objects(Settings settings) throws IOException {
    Optional<UploadSettings.S3> s3 = settings.upload().s3();
    if (s3.isEmpty()) {
      return LocalObjects.open(settings.upload().directory().orElseThrow());
    }
    return S3Objects.open(
        new S3Objects.Bucket(s3.get().endpoint(), s3.get().region(), s3.get().bucket(), s3.get().prefix()),
        s3.get().accessKey().reveal(),
        s3.get().secretKey().reveal(),
        settings.dataDir().resolve(INCOMING));
  }

  private static Room room(StoredBytes storedBytes) {
    return new Room() {

      @Override
      public Optional<Refusal> take(String user, long bytes) {
        return storedBytes.add(user, bytes);
      }

      @Override
      public void giveBack(String user, long bytes) {
        storedBytes.remove(user, bytes);
      }

      @Override
      public void correct(String user, long bytes) {
        storedBytes.correct(user, bytes);
      }
    };
  }

  private static UploadRules rules(UploadSettings settings) {
    return new UploadRules(settings.maxBytes(), settings.maxPixels(), settings.maxSide(), settings.maxFrames());
  }

  Uploads uploads() {
    return uploads;
  }

  @Override
  public void close() {
    recovering.close();
    uploads.close();
  }
}
