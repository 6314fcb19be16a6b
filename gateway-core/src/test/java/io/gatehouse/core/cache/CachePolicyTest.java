package io.gatehouse.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.core.cache.CachePolicy.Use;
import io.gatehouse.core.cache.CacheRules.Partition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9111 as a shared cache reads it: what is kept, how old it is, and what becomes of it. */
class CachePolicyTest {

  /** Sunday, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110. */
  private static final long T0 = Instant.parse("1994-11-06T08:49:37Z").toEpochMilli();

  private static final String DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT";

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      200 | Cache-Control: max-age=60                          |
      200 | Cache-Control: public, max-age=60                  |
      404 | Cache-Control: s-maxage=5                          |
      301 | Cache-Control: max-age=60                          |
      200 | Expires: Sun, 06 Nov 1994 08:50:37 GMT             |
      200 | Cache-Control: no-cache; ETag: "a"                 |
      200 | Cache-Control: max-age=0; Last-Modified: yesterday |
      200 | X: y                                               | no-freshness
      200 | Cache-Control: public                              | no-freshness
      200 | Cache-Control: no-store, max-age=60                | no-store
      200 | Cache-Control: private, max-age=60                 | private
      200 | Cache-Control: private="x-field", max-age=60       | private
      200 | Cache-Control: max-age=60; Set-Cookie: a=b         | set-cookie
      200 | Cache-Control: max-age=60; Vary: Accept, *         | vary
      200 | Cache-Control: max-age=0                           | stale-at-once
      200 | Cache-Control: no-cache                            | stale-at-once
      200 | Cache-Control: max-age=a                           | stale-at-once
      200 | Expires: 0                                         | stale-at-once
      206 | Cache-Control: max-age=60                          | status
      304 | Cache-Control: max-age=60                          | status
      500 | Cache-Control: max-age=60                          | status
      418 | Cache-Control: max-age=60                          | status
      """)
  void answers_are_kept_if_they_say_so(int status, String fields, String objection) {
    assertThat(CachePolicy.objection(request(), head(status, fields.split("; ")))).isEqualTo(
        Optional.ofNullable(objection));
  }

  @ParameterizedTest
  @ValueSource(strings = {"public, max-age=60", "s-maxage=60", "must-revalidate, max-age=60"})
  void answers_to_credentials_are_kept_only_with_leave(String control) {
    Head plain = head(200, "Cache-Control: max-age=60");
    Head open = head(200, "Cache-Control: " + control);
    CacheRequest shared = new CacheRequest(KEY, name -> null, true, CacheRules.DEFAULT);

    for (CacheRequest asked : List.of(request("Authorization: Basic x"), request("Cookie: a=b"), shared)) {
      assertThat(CachePolicy.objection(asked, plain)).contains("credentials");
      assertThat(CachePolicy.objection(asked, open)).isEmpty();
    }
  }

  @Test
  void without_a_word_of_freshness_the_default_of_the_rules_counts_for_some() {
    CacheRules rules = rules(Duration.ofSeconds(10), Duration.ZERO, Duration.ZERO, true);

    assertThat(CachePolicy.objection(request(rules), head(200))).isEmpty();
    assertThat(CachePolicy.objection(request(rules), head(404))).contains("no-freshness");
    assertThat(CachePolicy.ttlMillis(rules, entry(head(200, DATE)), T0)).isEqualTo(10_000);
    assertThat(CachePolicy.ttlMillis(rules, entry(head(200, DATE, "Cache-Control: max-age=3")), T0)).isEqualTo(3000);
  }

  @Test
  void what_asks_not_to_be_kept_is_not_unless_clients_have_no_say() {
    Head answer = head(200, "Cache-Control: max-age=60");

    assertThat(CachePolicy.objection(request("Cache-Control: no-store"), answer)).contains("request-no-store");
    assertThat(CachePolicy.objection(
        request(rules(Duration.ZERO, Duration.ZERO, Duration.ZERO, false), "Cache-Control: no-store"), answer)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      s-maxage=7, max-age=9                                       | 7
      max-age=9, max-age=1                                        | 9
      max-age="9"                                                 | 9
      MAX-AGE=9                                                   | 9
      max-age=99999999999                                         | 2147483647
      ext="a, max-age=1", max-age=9                               | 9
      """)
  void lifetimes_are_read_as_written(String control, long seconds) {
    Entry entry = entry(head(200, DATE, "Cache-Control: " + control, "Expires: Sun, 06 Nov 1994 08:50:37 GMT"));

    assertThat(CachePolicy.ttlMillis(CacheRules.DEFAULT, entry, T0)).isEqualTo(seconds * 1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "Sun, 06 Nov 1994 08:50:37 GMT", "Sunday, 06-Nov-94 08:50:37 GMT", "Sun Nov  6 08:50:37 1994"})
  void all_three_forms_of_dates_are_read(String expires) {
    assertThat(CachePolicy.ttlMillis(CacheRules.DEFAULT, entry(head(200, DATE, "Expires: " + expires)), T0))
        .isEqualTo(60_000);
  }

  @Test
  void the_age_is_that_of_the_way_here_and_of_the_time_here() {
    Head aged = head(200, DATE, "Age: 10", "Cache-Control: max-age=60");

    Entry entry = Entry.of(request(), aged, new Body(() -> {}), T0, T0 + 2000);

    assertThat(CachePolicy.ageMillis(entry, T0 + 2000)).as("10 s of others, 2 s of the way").isEqualTo(12_000);
    assertThat(CachePolicy.ageMillis(entry, T0 + 5000)).isEqualTo(15_000);
    assertThat(CachePolicy.ageMillis(entry, T0 - 99_000)).as("a clock that was set back").isEqualTo(12_000);
    Entry old = Entry.of(request(), aged, new Body(() -> {}), T0 + 30_000, T0 + 30_000);
    assertThat(CachePolicy.ageMillis(old, T0 + 30_000)).as("dated half a minute ago").isEqualTo(30_000);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      max-age=60                              | 59 |                            | FRESH
      max-age=60                              | 60 |                            | VALIDATE
      no-cache, max-age=60                    |  1 |                            | VALIDATE
      max-age=60                              |  1 | no-cache                   | VALIDATE
      max-age=60                              |  9 | max-age=9                  | FRESH
      max-age=60                              | 10 | max-age=9                  | VALIDATE
      max-age=60                              | 50 | min-fresh=10               | FRESH
      max-age=60                              | 51 | min-fresh=10               | VALIDATE
      max-age=60                              | 70 | max-stale=10               | STALE
      max-age=60                              | 71 | max-stale=10               | VALIDATE
      max-age=60                              | 99 | max-stale                  | STALE
      max-age=60, must-revalidate             | 61 | max-stale                  | VALIDATE
      max-age=60, proxy-revalidate            | 61 | max-stale                  | VALIDATE
      s-maxage=60                             | 61 | max-stale                  | VALIDATE
      max-age=60, stale-while-revalidate=5    | 64 |                            | STALE_WHILE_REVALIDATE
      max-age=60, stale-while-revalidate=5    | 65 |                            | VALIDATE
      s-maxage=60, stale-while-revalidate=5   | 64 |                            | STALE_WHILE_REVALIDATE
      max-age=60, must-revalidate, stale-while-revalidate=5 | 64 |              | VALIDATE
      """)
  void what_is_kept_is_used_by_the_words_of_both_sides(String answer, int age, String asked, Use use) {
    Entry entry = entry(head(200, DATE, "Cache-Control: " + answer));
    CacheRequest request = asked == null ? request() : request("Cache-Control: " + asked);

    assertThat(CachePolicy.use(request, entry, T0 + age * 1000L)).isEqualTo(use);
  }

  @Test
  void pragma_is_no_cache_only_where_there_is_no_cache_control() {
    Entry entry = entry(head(200, DATE, "Cache-Control: max-age=60"));

    assertThat(CachePolicy.use(request("Pragma: no-cache"), entry, T0)).isEqualTo(Use.VALIDATE);
    assertThat(CachePolicy.use(request("Pragma: no-cache", "Cache-Control: max-age=5"), entry, T0)).isEqualTo(Use.FRESH);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      max-age=60, stale-if-error=10                  | 69 |                   | true
      max-age=60, stale-if-error=10                  | 70 |                   | false
      max-age=60                                     | 61 |                   | false
      max-age=60                                     | 61 | stale-if-error=10 | true
      max-age=60, must-revalidate, stale-if-error=10 | 61 |                   | false
      s-maxage=60                                    | 61 | stale-if-error=10 | false
      s-maxage=60, stale-if-error=10                 | 61 |                   | true
      no-cache, stale-if-error=10                    |  1 |                   | false
      """)
  void errors_let_stale_answers_be_given(String answer, int age, String asked, boolean given) {
    Entry entry = entry(head(200, DATE, "Cache-Control: " + answer));
    CacheRequest request = asked == null ? request() : request("Cache-Control: " + asked);

    assertThat(CachePolicy.servesOnError(request, entry, T0 + age * 1000L)).isEqualTo(given);
  }

  @Test
  void the_rules_say_how_stale_where_the_answer_does_not() {
    CacheRules rules = rules(Duration.ZERO, Duration.ofSeconds(5), Duration.ofSeconds(9), true);
    CacheRequest request = request(rules);
    Entry silent = entry(head(200, DATE, "Cache-Control: max-age=60"));
    Entry strict = entry(head(200, DATE, "Cache-Control: s-maxage=60"));

    assertThat(CachePolicy.use(request, silent, T0 + 64_000)).isEqualTo(Use.STALE_WHILE_REVALIDATE);
    assertThat(CachePolicy.servesOnError(request, silent, T0 + 68_000)).isTrue();
    assertThat(CachePolicy.use(request, strict, T0 + 61_000)).isEqualTo(Use.VALIDATE);
    assertThat(CachePolicy.servesOnError(request, strict, T0 + 61_000)).isFalse();
  }

  @Test
  void a_304_brings_new_fields_and_leaves_what_speaks_of_the_bytes() {
    Entry entry = entry(head(200, DATE, "Cache-Control: max-age=1", "Age: 5", "Content-Type: image/png",
        "Content-Length: 5", "ETag: \"a\"", "X-Old: kept"));

    Entry valid = entry.validated(
        head(304, "Date: Sun, 06 Nov 1994 08:59:37 GMT", "Cache-Control: max-age=9", "Content-Length: 0",
            "Content-Type: text/plain"), T0 + 600_000, T0 + 600_000);

    assertThat(valid.head().status()).isEqualTo(200);
    assertThat(valid.head().first("content-type")).isEqualTo("image/png");
    assertThat(valid.head().first("content-length")).isEqualTo("5");
    assertThat(valid.head().first("x-old")).isEqualTo("kept");
    assertThat(valid.head().first("age")).isNull();
    assertThat(CachePolicy.ttlMillis(CacheRules.DEFAULT, valid, T0 + 600_000)).isEqualTo(9000);
  }

  @Test
  void an_answer_is_for_those_who_say_the_same_of_what_it_varies_by() {
    Entry entry = Entry.of(request("Accept: image/webp", "Accept-Encoding: gzip;q=0.5, br"),
        head(200, "Vary: accept, Accept-Encoding"), new Body(() -> {}), T0, T0);

    assertThat(entry.answers(request("Accept: image/webp", "Accept-Encoding: br, gzip"))).isTrue();
    assertThat(entry.answers(request("Accept: image/png", "Accept-Encoding: br, gzip"))).isFalse();
    assertThat(entry.answers(request("Accept-Encoding: br, gzip"))).isFalse();
    assertThat(entry.answers(request("Accept: image/webp", "Accept-Encoding: gzip"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      gzip, deflate, br, zstd  | zstd, br, gzip, deflate
      br;q=0, GZIP             | gzip
      x-unknown                |
      identity;q=0, gzip       | identity;q=0, gzip
      *                        | *
      """)
  void codings_are_told_in_one_way(String sent, String normal) {
    assertThat(Normaliser.ENCODINGS.normal("accept-encoding", sent)).isEqualTo(normal);
    assertThat(Normaliser.ENCODINGS.normal("accept", sent)).isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      If-None-Match: "a"                                  | true
      If-None-Match: W/"a"                                | true
      If-None-Match: "x,y", "a"                           | true
      If-None-Match: *                                    | true
      If-None-Match: "b"                                  | false
      If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT    | true
      If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT    | false
      If-Modified-Since: nonsense                         | false
      X: y                                                | false
      """)
  void conditions_are_answered_from_what_is_kept(String condition, boolean unchanged) {
    Entry entry = entry(head(200, "ETag: \"a\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"));

    assertThat(Preconditions.notModified(request(condition), entry)).isEqualTo(unchanged);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      bytes=0-4   | bytes 0-4/10
      bytes=5-    | bytes 5-9/10
      bytes=-3    | bytes 7-9/10
      bytes=-99   | bytes 0-9/10
      bytes=8-99  | bytes 8-9/10
      bytes=10-   | bytes */10
      bytes=-0    | bytes */10
      bytes=4-2   |
      bytes=0-1,3-4 |
      bytes=-     |
      lines=1-2   |
      """)
  void one_part_is_cut_out_and_more_are_all(String range, String expected) {
    Entry entry = new Entry(KEY, List.of(), head(200), Body.of(new byte[10], () -> {}), T0, T0, Set.of());
    ByteRange part = ByteRange.wanted(request("Range: " + range), entry);

    assertThat(part == null ? null : part.of(10)).isEqualTo(expected);
  }

  @Test
  void a_part_is_given_only_of_what_the_client_has_the_other_part_of() {
    Entry entry = new Entry(
        KEY, List.of(), head(200, "ETag: \"a\""), Body.of(new byte[10], () -> {}), T0, T0, Set.of());

    assertThat(ByteRange.wanted(request("Range: bytes=0-1", "If-Range: \"a\""), entry)).isNotNull();
    assertThat(ByteRange.wanted(request("Range: bytes=0-1", "If-Range: \"b\""), entry)).isNull();
    assertThat(ByteRange.wanted(request("Range: bytes=0-1", "If-Range: W/\"a\""), entry)).isNull();
  }

  @Test
  void a_purge_means_what_it_says_and_survives_the_wire() {
    Purge purge = new Purge(
        Optional.of("acme"), Optional.empty(), Optional.of("/a&b=c "),
        Optional.of("red"));
    CacheKey hers = new CacheKey("r", CacheKey.ofTenant("acme"), "http://a", "/a&b=c /d");

    assertThat(Purge.parse(purge.text())).isEqualTo(purge);
    assertThat(Purge.parse("")).isEqualTo(Purge.ALL);
    assertThat(Purge.parse("colour=red")).isEqualTo(Purge.ALL);
    assertThat(purge.means(hers, Set.of("red", "blue"))).isTrue();
    assertThat(purge.means(hers, Set.of("blue"))).isFalse();
    assertThat(purge.means(new CacheKey("r", CacheKey.ofUser("acme"), "http://a", "/a&b=c /d"), Set.of("red")))
        .isFalse();
  }

  static final CacheKey KEY = new CacheKey("images", "", "http://a", "/a");

  static CacheRequest request(String... fields) {
    return request(CacheRules.DEFAULT, fields);
  }

  static CacheRequest request(CacheRules rules, String... fields) {
    Map<String, String> values = new HashMap<>();
    for (String field : fields) {
      int colon = field.indexOf(':');
      values.put(field.substring(0, colon).toLowerCase(Locale.ROOT), field.substring(colon + 1).strip());
    }
    return new CacheRequest(KEY, name -> values.get(name.toLowerCase(Locale.ROOT)), false, rules);
  }

  static CacheRules rules(Duration ttl, Duration whileRevalidate, Duration ifError, boolean heedsClients) {
    return new CacheRules(
        Partition.TENANT, ttl, whileRevalidate, ifError, 1 << 20, heedsClients, true, Normaliser.ENCODINGS);
  }

  static Head head(int status, String... fields) {
    List<Head.Field> all = new ArrayList<>();
    for (String field : fields) {
      int colon = field.indexOf(':');
      all.add(new Head.Field(field.substring(0, colon), field.substring(colon + 1).strip()));
    }
    return new Head(status, all);
  }

  private static Entry entry(Head head) {
    return Entry.of(request(), head, new Body(() -> {}), T0, T0);
  }
}
