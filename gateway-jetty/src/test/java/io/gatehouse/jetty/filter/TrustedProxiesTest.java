package io.gatehouse.jetty.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

  private static final TrustedProxies PROXIES =
      new TrustedProxies(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8")));

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 198.51.100.9",
    "192.0.2.1, '198.51.100.9, 10.0.0.2'",
    "2001:db8::1, 198.51.100.9",
    "11.0.0.1, 10.0.0.1"
  })
  void what_a_peer_that_is_not_trusted_says_is_ignored(String peer, String forwarded) {
    assertThat(clientOf(peer, forwarded)).isEqualTo(Cidr.address(peer).getHostAddress());
  }

  @Test
  void without_trusted_proxies_the_peer_is_the_client() {
    TrustedProxies nobody = new TrustedProxies(List.of());

    assertThat(nobody.clientOf(request("10.0.0.1", "198.51.100.9")).getHostAddress()).isEqualTo("10.0.0.1");
  }

  @ParameterizedTest
  @CsvSource({
    "'198.51.100.9', 198.51.100.9",
    "'1.1.1.1, 198.51.100.9', 198.51.100.9",
    "'1.1.1.1, 198.51.100.9, 10.0.0.2, 10.0.0.3', 198.51.100.9",
    "'10.0.0.4, 10.0.0.2', 10.0.0.4",
    "' 198.51.100.9 ,\t10.0.0.2 ', 198.51.100.9",
    "'2001:db8::9, fd00::2', 2001:db8:0:0:0:0:0:9"
  })
  void the_list_is_walked_from_the_right_to_the_first_address_that_is_not_trusted(String forwarded, String client) {
    assertThat(clientOf("10.0.0.1", forwarded)).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource({
    "198.51.100.9:4711, 198.51.100.9",
    "[2001:db8::9]:4711, 2001:db8:0:0:0:0:0:9",
    "[2001:db8::9], 2001:db8:0:0:0:0:0:9",
    "2001:db8::9, 2001:db8:0:0:0:0:0:9",
    "::ffff:198.51.100.9, 198.51.100.9"
  })
  void ports_and_brackets_are_left_away_and_mapped_addresses_are_ipv4(String forwarded, String client) {
    assertThat(clientOf("10.0.0.1", forwarded)).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource({
    "'198.51.100.9, unknown, 10.0.0.2', 10.0.0.2",
    "'198.51.100.9, , 10.0.0.2', 10.0.0.2",
    "'198.51.100.9, 010.0.0.3, 10.0.0.2', 10.0.0.2",
    "'198.51.100.9, localhost', 10.0.0.1",
    "'198.51.100.9, [::1', 10.0.0.1",
    "'198.51.100.9, 256.1.1.1', 10.0.0.1",
    "'198.51.100.9, fe80::1%eth0', 10.0.0.1",
    "'', 10.0.0.1",
    "',', 10.0.0.1"
  })
  void what_is_no_address_ends_the_walk_at_the_last_that_was_one(String forwarded, String client) {
    assertThat(clientOf("10.0.0.1", forwarded)).isEqualTo(client);
  }

  @Test
  void several_fields_are_one_list() {
    assertThat(PROXIES.clientOf(request("10.0.0.1", "1.1.1.1", "198.51.100.9, 10.0.0.3", "10.0.0.2")).getHostAddress())
        .isEqualTo("198.51.100.9");
    assertThat(PROXIES.clientOf(request("10.0.0.1")).getHostAddress()).isEqualTo("10.0.0.1");
  }

  @Test
  void a_list_that_is_too_long_is_not_walked_to_its_end() {
    String trusted = IntStream.range(0, 100).mapToObj(i -> "10.0.1." + i).collect(Collectors.joining(","));

    assertThat(clientOf("10.0.0.1", "198.51.100.9," + trusted)).startsWith("10.0.1.");
  }

  @ParameterizedTest
  @CsvSource({"[fd00::1], fd00::1", "fe80::1%eth0, fe80::1", "::ffff:192.0.2.1, 192.0.2.1"})
  void the_peer_is_read_however_its_container_writes_it(String peer, String same) {
    TrustedProxies nobody = new TrustedProxies(List.of());

    assertThat(nobody.clientOf(request(peer))).isEqualTo(Cidr.address(same));
  }

  private static String clientOf(String peer, String forwarded) {
    return PROXIES.clientOf(request(peer, forwarded)).getHostAddress();
  }

  @Test
  void without_the_list_forwarded_is_walked_in_the_same_way() {
    assertThat(clientOf(Map.of("Forwarded", List.of("for=1.1.1.1, for=198.51.100.9;proto=https", "for=10.0.0.2"))))
        .isEqualTo("198.51.100.9");
    assertThat(clientOf(Map.of("Forwarded", List.of("for=198.51.100.9, proto=https")))).isEqualTo("10.0.0.1");
    assertThat(clientOf(Map.of("Forwarded", List.of("for=198.51.100.9"), "X-Forwarded-For", List.of("10.0.0.7"))))
        .isEqualTo("10.0.0.7");
  }

  @Test
  void scheme_and_host_are_the_nearest_that_a_trusted_peer_tells() {
    HttpServletRequest request = request("10.0.0.1", Map.of(
        "X-Forwarded-Proto", List.of("http, HTTPS"), "X-Forwarded-Host", List.of("evil", "pics.example:8443")));

    assertThat(PROXIES.schemeOf(request)).contains("https");
    assertThat(PROXIES.hostOf(request)).contains("pics.example:8443");
    assertThat(new TrustedProxies(List.of()).schemeOf(request)).isEmpty();
    assertThat(new TrustedProxies(List.of()).hostOf(request)).isEmpty();
  }

  @Test
  void scheme_and_host_may_stand_in_forwarded() {
    HttpServletRequest request = request("10.0.0.1", Map.of(
        "Forwarded", List.of("host=evil;proto=http, host=\"[2001:db8::1]:81\";proto=https")));

    assertThat(PROXIES.schemeOf(request)).contains("https");
    assertThat(PROXIES.hostOf(request)).contains("[2001:db8::1]:81");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a b", "u@a", "", "a:b", "a:123456", "[::1", "a\u00e4"})
  void what_is_no_host_is_not_told(String host) {
    assertThat(PROXIES.hostOf(request("10.0.0.1", Map.of("X-Forwarded-Host", List.of(host))))).isEmpty();
  }

  private static String clientOf(Map<String, List<String>> fields) {
    return PROXIES.clientOf(request("10.0.0.1", fields)).getHostAddress();
  }

  private static HttpServletRequest request(String peer, String... forwarded) {
    return request(peer, Map.of("X-Forwarded-For", List.of(forwarded)));
  }

  /** A request of which only the peer and some fields are known. */
  private static HttpServletRequest request(String peer, Map<String, List<String>> fields) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            TrustedProxiesTest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getRemoteAddr" -> peer;
                  case "getHeaders" ->
                      Collections.enumeration(fields.getOrDefault((String) arguments[0], List.of()));
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
