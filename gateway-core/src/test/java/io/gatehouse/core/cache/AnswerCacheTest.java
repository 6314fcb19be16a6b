package io.gatehouse.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Kept answers: that they are no more bytes than there may be, whoever comes and goes, and which of them stay. */
class AnswerCacheTest {

  private static final long NOW = System.currentTimeMillis();

  @Test
  void what_is_kept_is_found_and_is_counted_to_the_byte() {
    AnswerCache cache = new AnswerCache(1 << 20);
    keep(cache, "/a", 1000);

    Entry found = cache.find(asking("/a"));

    assertThat(found).isNotNull();
    assertThat(cache.figures().entries()).isEqualTo(1);
    assertThat(cache.figures().bytes()).isEqualTo(found.size()).isGreaterThan(1000);
    found.body().release();
    cache.purge(Purge.ALL);
    assertThat(cache.figures().bytes()).isZero();
    assertThat(cache.find(asking("/a"))).isNull();
  }

  @Test
  void bytes_that_are_being_read_are_counted_until_they_are_read() {
    AnswerCache cache = new AnswerCache(1 << 20);
    keep(cache, "/a", 1000);
    Entry found = cache.find(asking("/a"));
    Body.Reader reader = found.body().reader(() -> {});
    found.body().release();

    cache.purge(Purge.ALL);

    assertThat(cache.figures().entries()).isZero();
    assertThat(cache.figures().bytes()).isEqualTo(1000);
    assertThat(reader.next()).hasSize(1000);
    reader.close();
    reader.close();
    assertThat(cache.figures().bytes()).isZero();
  }

  @Test
  void what_is_asked_for_stays_and_what_was_asked_for_once_goes() {
    AnswerCache cache = new AnswerCache(20_000);
    keep(cache, "/hot", 1000);
    for (int i = 0; i < 100; i++) {
      release(cache.find(asking("/hot")));
      keep(cache, "/crawled" + i, 1000);
    }

    assertThat(cache.find(asking("/hot"))).isNotNull();
    assertThat(cache.figures().bytes()).isLessThanOrEqualTo(20_000);
    assertThat(cache.figures().evictions()).isGreaterThan(80);
  }

  @Test
  void what_is_being_read_makes_no_room_and_so_there_may_be_none() {
    AnswerCache cache = new AnswerCache(4_000);
    keep(cache, "/a", 2000);
    Entry held = cache.find(asking("/a"));

    assertThat(cache.reserve(2000)).isFalse();
    held.body().release();
    assertThat(cache.reserve(2000)).isTrue();
    assertThat(cache.figures().entries()).isZero();
  }

  @Test
  void the_newest_for_the_same_requests_takes_the_place_of_the_last() {
    AnswerCache cache = new AnswerCache(1 << 20);
    keep(cache, "/a", 10);
    keep(cache, "/a", 20);

    assertThat(cache.figures().entries()).isEqualTo(1);
    Entry found = cache.find(asking("/a"));
    assertThat(found.body().length()).isEqualTo(20);
  }

  @Test
  void nobody_can_fill_it_with_variants_of_one_answer() {
    AnswerCache cache = new AnswerCache(1 << 20);
    for (int i = 0; i < 500; i++) {
      CacheRequest request = CachePolicyTest.request("Accept: " + i);
      keep(cache, request, CachePolicyTest.head(200, "Vary: Accept"), 10);
    }

    assertThat(cache.figures().entries()).isEqualTo(64);
    assertThat(cache.find(CachePolicyTest.request("Accept: 499"))).isNotNull();
    assertThat(cache.find(CachePolicyTest.request("Accept: 0"))).isNull();
  }

  @Test
  void a_change_invalidates_the_answers_to_all_who_asked() {
    AnswerCache cache = new AnswerCache(1 << 20);
    for (String tenant : List.of("", "tenant a", "tenant b")) {
      keep(cache, asking(new CacheKey("r", tenant, "http://a", "/a")), CachePolicyTest.head(200), 10);
    }
    keep(cache, "/b", 10);

    cache.invalidate(new CacheKey("other", "", "http://a", "/a"));

    assertThat(cache.figures().entries()).isEqualTo(1);
  }

  @Test
  void what_is_received_while_it_is_forgotten_is_not_kept() {
    AnswerCache cache = new AnswerCache(1 << 20);
    Entry asked = entry(cache, asking("/a"), CachePolicyTest.head(200, "Cache-Tag: red, blue"), 10);
    Purge red = new Purge(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("red"));

    cache.purge(red);

    assertThat(cache.put(asked)).isFalse();
    Entry later = new Entry(asked.key(), asked.selectors(), asked.head(), asked.body(), Long.MAX_VALUE, NOW, asked.tags());
    assertThat(cache.put(later)).isTrue();
    assertThat(cache.purge(red)).isEqualTo(1);
  }

  @Test
  void no_byte_is_lost_or_invented_by_many_at_once() throws Exception {
    long most = 200_000;
    AnswerCache cache = new AnswerCache(most);
    AtomicLong highest = new AtomicLong();
    AtomicInteger wrong = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      all.add(threads.submit(() -> {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < 4_000; i++) {
          int n = random.nextInt(60);
          Entry found = cache.find(asking("/" + n));
          if (found == null) {
            keep(cache, "/" + n, 100 * n + 1);
          } else {
            Body.Reader reader = found.body().reader(() -> {});
            found.body().release();
            byte[] bytes = reader.next();
            if (bytes.length != 100 * n + 1 || !reader.ended()) {
              wrong.incrementAndGet();
            }
            reader.close();
          }
          if (i % 500 == 0) {
            cache.purge(new Purge(Optional.empty(), Optional.empty(), Optional.of("/1"), Optional.empty()));
          }
          highest.accumulateAndGet(cache.figures().bytes(), Math::max);
        }
      }));
    }
    for (Future<?> one : all) {
      one.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();

    assertThat(wrong).hasValue(0);
    assertThat(highest.get()).isLessThanOrEqualTo(most);
    cache.close();
    assertThat(cache.figures().bytes()).isZero();
    assertThat(cache.figures().entries()).isZero();
  }

  private static void release(Entry entry) {
    entry.body().release();
  }

  private static CacheRequest asking(String target) {
    return asking(new CacheKey("images", "", "http://a", target));
  }

  private static CacheRequest asking(CacheKey key) {
    return new CacheRequest(key, name -> null, false, CacheRules.DEFAULT);
  }

  private static void keep(AnswerCache cache, String target, int size) {
    keep(cache, asking(target), CachePolicyTest.head(200, "Cache-Control: max-age=60"), size);
  }

  private static void keep(AnswerCache cache, CacheRequest request, Head head, int size) {
    if (cache.reserve(size)) {
      Entry entry = entry(cache, request, head, size);
      cache.put(entry);
      entry.body().release();
    }
  }

  private static Entry entry(AnswerCache cache, CacheRequest request, Head head, int size) {
    return Entry.of(request, head, Body.of(new byte[size], () -> cache.giveBack(size)), NOW, NOW);
  }
}
