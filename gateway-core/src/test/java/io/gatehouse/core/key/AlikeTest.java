package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Inbound;
import io.gatehouse.access.Authenticator.Result;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A wrong secret cannot be told from an unknown key, by what is said, by what is looked up, or by the time it takes. */
class AlikeTest {

  private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int SAMPLES = 400;
  private static final int CALLS_A_SAMPLE = 50;

  /** Medians differ by a few per cent on a machine at rest; one look-up more or less would make it several times. */
  private static final double MARGIN = 2.5;

  private final SettableClock clock = new SettableClock();
  private final KnownKeys store = new KnownKeys();
  private final KeyFormat format = new KeyFormat("gk", "live");
  private final String valid = format.mint();
  private final String unknown = format.mint();
  private final String wrongSecret =
      withChecksum("gk_live_" + format.idOf(valid) + "abcdefghijabcdefghijabcdefghij");
  private EntitlementCache cache = cache(0);

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void the_checksum_is_that_of_the_published_form() {
    assertThat(format.test(wrongSecret)).isTrue();
    assertThat(withChecksum(valid.substring(0, valid.length() - 6))).isEqualTo(valid);
    assertThat(valid).matches("[a-z]{1,10}_[a-z]{1,10}_[0-9A-Za-z]{48}");
  }

  @Test
  void they_are_answered_alike_and_looked_up_alike() {
    store.put(valid, KnownKeys.key(format.idOf(valid), "alice"));
    KeyAuthenticator authenticator = authenticator();

    Result one = authenticator.authenticate(request(unknown));
    assertThat(store.asked).hasValue(1);
    Result other = authenticator.authenticate(request(wrongSecret));
    assertThat(store.asked).hasValue(2);
    authenticator.authenticate(request(valid));
    assertThat(store.asked).hasValue(3);

    assertThat(one).isEqualTo(other).isInstanceOf(Result.Rejected.class);
  }

  @Test
  void they_take_the_same_time_looked_up() {
    store.put(valid, KnownKeys.key(format.idOf(valid), "alice"));

    long[] medians = medians(authenticator());

    assertAlike(medians);
  }

  @Test
  void they_take_the_same_time_remembered() {
    store.put(valid, KnownKeys.key(format.idOf(valid), "alice"));
    cache.close();
    cache = cache(100);

    long[] medians = medians(authenticator());

    assertAlike(medians);
    assertThat(store.asked).as("remembered").hasValue(3);
  }

  private static void assertAlike(long[] medians) {
    long least = Arrays.stream(medians).min().orElseThrow();
    long most = Arrays.stream(medians).max().orElseThrow();
    assertThat((double) most / least).as("medians in ns: %s", Arrays.toString(medians)).isLessThan(MARGIN);
  }

  /** Of a valid key, an unknown one and one with a wrong secret; measured in turn, so that a busy machine slows all. */
  private long[] medians(KeyAuthenticator authenticator) {
    List<Inbound> requests = List.of(request(valid), request(unknown), request(wrongSecret));
    long[][] samples = new long[requests.size()][SAMPLES];
    for (int sample = -SAMPLES; sample < SAMPLES; sample++) {
      for (int i = 0; i < requests.size(); i++) {
        long begin = System.nanoTime();
        for (int call = 0; call < CALLS_A_SAMPLE; call++) {
          authenticator.authenticate(requests.get(i));
        }
        if (sample >= 0) {
          samples[i][sample] = System.nanoTime() - begin;
        }
      }
    }
    return Arrays.stream(samples).mapToLong(all -> Arrays.stream(all).sorted().toArray()[SAMPLES / 2]).toArray();
  }

  private KeyAuthenticator authenticator() {
    return new KeyAuthenticator(
        cache, new EntitlementRules(KnownKeys::entitlementOf), KnownKeys.PEPPER, format, "", clock);
  }

  private EntitlementCache cache(long size) {
    return new EntitlementCache(
        store.search(),
        new EntitlementCache.Bounds(size, Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofHours(1)),
        clock.nanoTime());
  }

  private static Inbound request(String key) {
    return Requests.get("/").with("X-API-Key", key);
  }

  private static String withChecksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    StringBuilder checksum = new StringBuilder();
    long rest = crc.getValue();
    for (int i = 0; i < 6; i++) {
      checksum.insert(0, DIGITS.charAt((int) (rest % DIGITS.length())));
      rest /= DIGITS.length();
    }
    return text + checksum;
  }
}
