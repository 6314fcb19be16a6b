package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {

  @Test
  void a_letter_changed_added_dropped_or_swapped_counts_one() {
    assertThat(Nearest.distance("port", "port")).isZero();
    assertThat(Nearest.distance("port", "pert")).isEqualTo(1);
    assertThat(Nearest.distance("port", "ports")).isEqualTo(1);
    assertThat(Nearest.distance("port", "pot")).isEqualTo(1);
    assertThat(Nearest.distance("port", "prot")).isEqualTo(1);
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
  }

  @Test
  void the_closest_is_found_when_one_is_close() {
    List<String> names = List.of("port", "host", "read_timeout", "write_timeout");

    assertThat(Nearest.of("prot", names)).contains("port");
    assertThat(Nearest.of("readTimout", names)).contains("read_timeout");
    assertThat(Nearest.of("write-timeout", names)).contains("write_timeout");
    assertThat(Nearest.of("timeout", names)).isEmpty();
    assertThat(Nearest.of("pt", names)).isEmpty();
    assertThat(Nearest.of("", names)).isEmpty();
  }

  @Test
  void a_beginning_is_enough_when_only_one_name_has_it() {
    assertThat(Nearest.of("observ", List.of("observability", "server"))).contains("observability");
    assertThat(Nearest.of("warning", List.of("warn", "error"))).contains("warn");
    assertThat(Nearest.of("log", List.of("log_level", "log_format"))).isEmpty();
  }
}
