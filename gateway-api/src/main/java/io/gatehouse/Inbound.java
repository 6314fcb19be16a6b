package io.gatehouse;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A request as the gates see it: a view, read by one thread, valid until the answer is complete. Implementations are
 * thin adapters over whatever server received the request.
 */
public interface Inbound {

  /** The method as sent, case kept: {@code GET}. */
  String method();

  /** Path and query exactly as received, percent-encoding untouched: {@code /a%2Fb//c?x=1}. */
  String target();

  /** The first value of a field, or empty. Names compare without case (RFC 9110, 5.1). */
  Optional<String> header(String name);

  /** All values of a field in the order received; empty when the field is absent. */
  List<String> headers(String name);

  /**
   * The address of the client: the peer, or what trusted proxies say of it. An IPv4-mapped IPv6 address is given as
   * IPv4.
   */
  InetAddress clientAddress();

  /** The declared length of the request body in bytes, 0 when there is none, -1 when it is not declared. */
  long contentLength();

  /** The target up to the first question mark. */
  default String path() {
    String target = target();
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }
}
