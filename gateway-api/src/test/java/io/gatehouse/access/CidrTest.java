package io.gatehouse.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.0/24",
    "192.0.2.77/24, 192.0.2.0/24",
    "192.0.2.77, 192.0.2.77/32",
    "10.255.255.255/9, 10.128.0.0/9",
    "0.0.0.0/0, 0.0.0.0/0",
    "255.255.255.255/1, 128.0.0.0/1",
    "2001:db8::/32, 2001:db8:0:0:0:0:0:0/32",
    "2001:db8:ffff::1/33, 2001:db8:8000:0:0:0:0:0/33",
    "::1, 0:0:0:0:0:0:0:1/128",
    "::/0, 0:0:0:0:0:0:0:0/0",
    "::ffff:192.0.2.77/120, 192.0.2.0/24",
    "::ffff:c000:24d, 192.0.2.77/32",
    "::ffff:0:0/96, 0.0.0.0/0",
    "::ffff:0:0/95, 0:0:0:0:0:fffe:0:0/95",
    "64:ff9b::192.0.2.33, 192.0.2.33/32",
    "64:ff9b::192.0.2.33/120, 192.0.2.0/24",
    "64:ff9b::/96, 64:ff9b:0:0:0:0:0:0/96",
    "64:ff9b::127.0.0.1, 64:ff9b:0:0:0:0:7f00:1/128",
    "64:ff9b::10.0.0.0/104, 64:ff9b:0:0:0:0:a00:0/104",
    "64:ff9b:1::192.0.2.33, 64:ff9b:1:0:0:0:c000:221/128",
    "::192.0.2.33, 0:0:0:0:0:0:c000:221/128"
  })
  void a_network_is_masked_and_printed_in_the_form_that_is_read(String text, String expected) {
    Cidr cidr = Cidr.parse(text);

    assertThat(cidr).hasToString(expected).isEqualTo(Cidr.parse(expected)).hasSameHashCodeAs(Cidr.parse(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.255, true",
    "192.0.2.0/24, 192.0.3.0, false",
    "192.0.2.0/25, 192.0.2.127, true",
    "192.0.2.0/25, 192.0.2.128, false",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.0, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, ::1, false",
    "::/0, 203.0.113.9, false",
    "::/0, 2001:db8::1, true",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "192.0.2.0/24, ::ffff:192.0.2.9, true",
    "::ffff:192.0.2.0/120, 192.0.2.9, true",
    "::ffff:192.0.2.0/120, 192.0.3.9, false",
    "192.0.2.0/24, 64:ff9b::192.0.2.9, true",
    "192.0.2.0/24, 64:ff9b::192.0.3.9, false",
    "64:ff9b::192.0.2.0/120, 192.0.2.9, true",
    "64:ff9b::192.0.2.0/120, 64:ff9b::192.0.2.9, true",
    "64:ff9b::/96, 64:ff9b::192.0.2.9, true",
    "64:ff9b::/96, 192.0.2.9, false",
    "2001:db8::/32, 64:ff9b::192.0.2.9, false",
    "127.0.0.0/8, 64:ff9b::127.0.0.1, false",
    "10.0.0.0/8, 64:ff9b::10.0.0.1, false",
    "169.254.0.0/16, 64:ff9b::169.254.169.254, false",
    "192.0.2.0/24, 64:ff9b:1::192.0.2.9, false"
  })
  void an_address_is_inside_or_outside_however_it_is_written(String network, String address, boolean inside) {
    assertThat(Cidr.parse(network).contains(Cidr.address(address))).isEqualTo(inside);
  }

  @ParameterizedTest
  @CsvSource({
    "64:ff9b::192.0.2.9, 192.0.2.9",
    "::ffff:192.0.2.9, 192.0.2.9",
    "192.0.2.9, 192.0.2.9",
    "64:ff9b::192.168.0.1, 64:ff9b:0:0:0:0:c0a8:1",
    "64:ff9b::0.0.0.0, 64:ff9b:0:0:0:0:0:0",
    "2001:db8::1, 2001:db8:0:0:0:0:0:1"
  })
  void what_stands_for_a_public_ipv4_address_is_folded_to_it(String address, String folded) {
    assertThat(Cidr.folded(Cidr.address(address)).getHostAddress()).isEqualTo(folded);
  }

  @Test
  void a_mapped_address_object_is_the_ipv4_address_that_it_maps() throws UnknownHostException {
    byte[] bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, (byte) 192, 0, 2, 9};
    InetAddress mapped = Inet6Address.getByAddress(null, bytes, -1);
    assertThat(mapped).isInstanceOf(Inet6Address.class);

    assertThat(Cidr.parse("192.0.2.0/24").contains(mapped)).isTrue();
    assertThat(new Cidr(mapped, 120)).isEqualTo(Cidr.parse("192.0.2.0/24"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "example.com", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.1.1.999", "010.1.1.1",
      "::ffff:010.1.1.1", "1.2.3.4:", "0x7f.0.0.1",
      "2130706433", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", ":", ":::", "1::2::3", "12345::", "g::1", "fe80::1%eth0",
      "[::1]", "::1.2.3.4.5", "::ffff:256.1.1.1", "1.2.3.4:80", "١.٢.٣.٤"})
  void what_is_not_an_address_is_refused_without_asking_the_dns(String text) {
    long start = System.nanoTime();
    assertThatIllegalArgumentException().isThrownBy(() -> Cidr.address(text))
        .withMessage("address: " + text + " (expected: an IPv4 or IPv6 address)");
    assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text))
        .withMessage("network: " + text + " (expected: an address or CIDR such as 192.0.2.0/24)");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.0/33, 32", "10.0.0.0/, 32", "10.0.0.0/-1, 32", "10.0.0.0/x, 32", "10.0.0.0/8/8, 32",
      "10.0.0.0/1000, 32", "::/129, 128", "::ffff:10.0.0.0/129, 128"})
  void a_prefix_that_does_not_fit_is_refused(String text, int bits) {
    assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text))
        .withMessage("network: " + text + " (expected: a prefix of 0 to " + bits + " bits)");
  }

  @Test
  void the_constructor_checks_the_prefix() throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress(new byte[] {10, 1, 2, 3});

    assertThat(new Cidr(address, 8)).isEqualTo(Cidr.parse("10.0.0.0/8"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Cidr(address, 33))
        .withMessage("prefix: 33 (expected: 0 to 32)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Cidr(address, -1))
        .withMessage("prefix: -1 (expected: 0 to 32)");
  }
}
