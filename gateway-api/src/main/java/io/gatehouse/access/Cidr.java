package io.gatehouse.access;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A network in CIDR form (RFC 4632, RFC 4291 2.3). An IPv4-mapped IPv6 network of at least 96 bits is the IPv4 network
 * that it maps, so that a client is inside or outside whichever way its address is written. So is one of more than 96
 * bits in the prefix of translators, {@code 64:ff9b::/96} (RFC 6052, 2.1), whose addresses stand for IPv4 clients too:
 * but only for public ones (RFC 6052, 3.1), so that nobody comes in as 127.0.0.1 by way of a translator.
 *
 * <p>A value: equal when network and prefix are.
 */
public final class Cidr {

  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]{2,45}|[0-9a-fA-F:]{1,39}:"
      + "(?:OCTET\\.){3}OCTET".replace("OCTET", "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"));

  private final InetAddress network;

  /** That of the network, which would copy it for every request that is compared with it. */
  private final byte[] bytes;

  /** Of IPv4 the whole address, of IPv6 its last 32 bits. */
  private final int word;

  private final int prefix;

  /**
   * The network that an address lies in.
   *
   * @param address bits beyond the prefix have no say
   * @param prefix the number of leading bits that count: 0 to 32, or 0 to 128
   */
  public Cidr(InetAddress address, int prefix) {
    byte[] masked = address.getAddress();
    int bits = prefix;
    if (isMapped(masked) && prefix >= 96 || prefix > 96 && prefix <= 128 && isTranslated(masked)) {
      masked = embedded(masked);
      bits -= 96;
    }
    if (bits < 0 || bits > masked.length * 8) {
      throw new IllegalArgumentException("prefix: " + bits + " (expected: 0 to " + masked.length * 8 + ")");
    }
    for (int bit = bits; bit < masked.length * 8; bit++) {
      masked[bit / 8] &= (byte) ~(0x80 >>> (bit % 8));
    }
    this.network = addressOf(masked);
    this.bytes = network.getAddress();
    this.word = word(bytes, bytes.length - 4);
    this.prefix = bits;
  }

  /** The lowest address of the network; bits beyond the prefix are zero. */
  public InetAddress network() {
    return network;
  }

  /** The number of leading bits that count: 0 to 32, or 0 to 128. */
  public int prefix() {
    return prefix;
  }

  /**
   * Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32} or a single address.
   *
   * @throws IllegalArgumentException when the text is neither; host names are not looked up
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String addressText = slash < 0 ? text : text.substring(0, slash);
    byte[] address = literal(addressText);
    if (address == null) {
      throw new IllegalArgumentException("network: " + text + " (expected: an address or CIDR such as 192.0.2.0/24)");
    }
    int bits = address.length * 8;
    int prefix = bits;
    if (slash >= 0) {
      String digits = text.substring(slash + 1);
      if (!digits.matches("[0-9]{1,3}") || Integer.parseInt(digits) > bits) {
        throw new IllegalArgumentException("network: " + text + " (expected: a prefix of 0 to " + bits + " bits)");
      }
      prefix = Integer.parseInt(digits);
    }
    try {
      // Not folded to IPv4: a network wider than all mapped addresses is one of IPv6.
      return new Cidr(bits == 32 ? addressOf(address) : Inet6Address.getByAddress(null, address, -1), prefix);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("network: " + text, e);
    }
  }

  /**
   * Reads one address in literal form, without looking up names. An IPv4-mapped IPv6 address is given as IPv4.
   *
   * @throws IllegalArgumentException when the text is not an address
   */
  public static InetAddress address(String text) {
    byte[] address = literal(text);
    if (address == null) {
      throw new IllegalArgumentException("address: " + text + " (expected: an IPv4 or IPv6 address)");
    }
    return addressOf(address);
  }

  /** The IPv4 address that an IPv6 address stands for, mapped or translated; any other address as it is. */
  public static InetAddress folded(InetAddress address) {
    byte[] bytes = address.getAddress();
    return isMapped(bytes) || isTranslated(bytes) ? addressOf(embedded(bytes)) : address;
  }

  /**
   * What tells the client behind an address from others: the IPv4 address that it is or stands for, or the network of an
   * IPv6 address. An IPv6 client owns at least a /64, and would otherwise be as many clients as it likes.
   *
   * @param ipv6Prefix how many bits of an IPv6 address make one client, 1 to 128
   * @return {@code 192.0.2.1} or {@code 2001:db8:0:0:0:0:0:0/64}
   */
  public static String client(InetAddress address, int ipv6Prefix) {
    InetAddress folded = folded(address);
    return folded instanceof Inet4Address ? folded.getHostAddress() : new Cidr(folded, ipv6Prefix).toString();
  }

  /**
   * Whether the address lies inside; an IPv4 address is never inside an IPv6 network, nor the other way, but for what is
   * {@link #folded}.
   */
  public boolean contains(InetAddress address) {
    if (address instanceof Inet4Address ipv4) {
      // Read at fixed places, the copy of the address need not be made: this is asked for every request.
      return bytes.length == 4
          && Integer.toUnsignedLong(word(ipv4.getAddress(), 0) ^ word) >>> 32 - prefix == 0;
    }
    byte[] theirs = address.getAddress();
    if (isMapped(theirs) || bytes.length == 4 && isTranslated(theirs)) {
      theirs = embedded(theirs);
    }
    if (theirs.length != bytes.length) {
      return false;
    }
    int whole = prefix / 8;
    for (int i = 0; i < whole; i++) {
      if (theirs[i] != bytes[i]) {
        return false;
      }
    }
    int rest = prefix % 8;
    return rest == 0 || ((theirs[whole] ^ bytes[whole]) & (0xff00 >>> rest) & 0xff) == 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Cidr that && network.equals(that.network) && prefix == that.prefix;
  }

  @Override
  public int hashCode() {
    return 31 * network.hashCode() + prefix;
  }

  /** The form that {@link #parse} reads: {@code 192.0.2.0/24}. */
  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }

  /** Four numbers without leading zeros, which some read as octal (RFC 6943 3.1.1). */
  private static byte @Nullable [] ipv4(String text) {
    byte[] address = new byte[4];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int begin = at;
      int octet = 0;
      while (at < text.length() && at - begin < 3 && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        octet = octet * 10 + text.charAt(at) - '0';
        at++;
      }
      boolean last = i == 3;
      boolean ended = last ? at == text.length() : at < text.length() && text.charAt(at) == '.';
      if (at == begin || octet > 255 || at - begin > 1 && text.charAt(begin) == '0' || !ended) {
        return null;
      }
      address[i] = (byte) octet;
      at++;
    }
    return address;
  }

  private static byte @Nullable [] literal(String text) {
    if (text.indexOf(':') < 0) {
      return ipv4(text);
    }
    // Only literals may reach InetAddress: anything else would be looked up in the DNS.
    if (!IPV6.matcher(text).matches()) {
      return null;
    }
    try {
      byte[] address = InetAddress.getByName(text).getAddress();
      if (address.length == 4) {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(address, 0, mapped, 12, 4);
        return mapped;
      }
      return address;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private static boolean isMapped(byte[] address) {
    if (address.length != 16) {
      return false;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return false;
      }
    }
    return address[10] == (byte) 0xff && address[11] == (byte) 0xff;
  }

  private static boolean isTranslated(byte[] address) {
    if (address.length != 16
        || address[0] != 0 || address[1] != 0x64 || address[2] != (byte) 0xff || address[3] != (byte) 0x9b) {
      return false;
    }
    for (int i = 4; i < 12; i++) {
      if (address[i] != 0) {
        return false;
      }
    }
    InetAddress inside = addressOf(embedded(address));
    return !inside.isAnyLocalAddress()
        && !inside.isLoopbackAddress()
        && !inside.isSiteLocalAddress()
        && !inside.isLinkLocalAddress()
        && !inside.isMulticastAddress();
  }

  private static int word(byte[] bytes, int at) {
    return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
  }

  private static byte[] embedded(byte[] address) {
    return Arrays.copyOfRange(address, 12, 16);
  }

  private static InetAddress addressOf(byte[] address) {
    try {
      return InetAddress.getByAddress(address); // folds an IPv4-mapped address to IPv4
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("address: " + address.length + " bytes (expected: 4 or 16)", e);
    }
  }
}
