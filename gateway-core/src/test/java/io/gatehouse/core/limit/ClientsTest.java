package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientsTest {

  private final AtomicInteger made = new AtomicInteger();
  private final Clients<String> clients = new Clients<>(64, client -> {
    made.incrementAndGet();
    return client;
  });

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "::ffff:192.0.2.1, 192.0.2.1",
    "64:ff9b::c000:201, 192.0.2.1",
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:0:0:0:0/64"
  })
  void a_client_has_one_name_however_it_comes(String address, String name) {
    assertThat(clients.of(Cidr.address(address))).isEqualTo(name);
  }

  @Test
  void what_is_ready_for_a_client_is_made_once() {
    for (int i = 0; i < 3; i++) {
      clients.of(Cidr.address("192.0.2.1"));
      clients.of(Cidr.address("2001:db8::1"));
    }

    assertThat(made).hasValue(2);
  }

  @Test
  void more_clients_than_are_remembered_are_still_told_apart() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 20_000; i++) {
        String address = "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255);
        assertThat(clients.of(Cidr.address(address))).isEqualTo(address);
      }
    }
  }
}
