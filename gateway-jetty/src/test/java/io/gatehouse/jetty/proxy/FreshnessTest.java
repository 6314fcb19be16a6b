package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreshnessTest {
  private static final Instant END = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant NOW = END.minusSeconds(100);

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "max-age=31536000, public | max-age=100, public, must-revalidate",
    "max-age=60 | max-age=60, must-revalidate",
    "Max-Age=\"900\" , S-MaxAge=800 | max-age=100, s-maxage=100, must-revalidate",
    "s-maxage=50 | s-maxage=50, max-age=100, must-revalidate",
    "public | public, max-age=100, must-revalidate",
    "max-age=99999999999999999999 | max-age=100, must-revalidate",
    "max-age=soon | max-age=0, must-revalidate",
    "max-age | max-age=0, must-revalidate",
    "max-age=900, stale-while-revalidate=60, stale-if-error=\"9\" | max-age=100, must-revalidate",
    "private=\"set-cookie, x\", max-age=9, must-revalidate | private=\"set-cookie, x\", max-age=9, must-revalidate",
    "no-cache, max-age=900 | no-cache, max-age=100, must-revalidate",
    "public, no-store, max-age=900 | no-store",
    ", ,max-age=5,, | max-age=5, must-revalidate",
    "max-age=900; public | no-store",
    "max-age=\"900 | no-store"
  })
  void no_cache_holds_an_answer_longer_than_its_url(String received, String limited) {
    assertThat(new Freshness(END, NOW).cacheControl(List.of(received))).isEqualTo(limited);
  }

  @Test
  void without_a_word_of_the_backend_the_rest_of_the_life_is_said() {
    assertThat(new Freshness(END, NOW).cacheControl(List.of())).isEqualTo("max-age=100, must-revalidate");
    assertThat(new Freshness(END, NOW).cacheControl(List.of("public", "max-age=900")))
        .isEqualTo("public, max-age=100, must-revalidate");
    assertThat(new Freshness(END, END.minusMillis(1)).cacheControl(List.of())).isEqualTo("max-age=0, must-revalidate");
    assertThat(new Freshness(END, END.plusSeconds(9)).cacheControl(List.of())).isEqualTo("max-age=0, must-revalidate");
  }

  @Test
  void expires_is_no_later_than_the_end() {
    Freshness freshness = new Freshness(END, NOW);

    assertThat(freshness.expires("Wed, 24 Nov 2027 12:00:00 GMT")).isEqualTo("Tue, 24 Nov 2026 12:00:00 GMT");
    assertThat(freshness.expires("Tue, 24 Nov 2026 11:59:00 GMT")).isEqualTo("Tue, 24 Nov 2026 11:59:00 GMT");
    assertThat(freshness.expires("0")).isEqualTo("0");
  }
}
