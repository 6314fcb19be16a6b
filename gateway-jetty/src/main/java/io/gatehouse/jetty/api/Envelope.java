package io.gatehouse.jetty.api;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** What a request says besides its path, its query and its document. For one thread. */
public interface Envelope {

  /** All lines of a field, by its name without regard to case. */
  List<String> fields(String name);

  /** The first line of a field. */
  default Optional<String> field(String name) {
    return fields(name).stream().findFirst();
  }

  /** The other end of the connection. */
  InetAddress peer();

  /** The address of the client, behind proxies that are trusted; empty when nothing came over a network. */
  String client();

  /** The id that the client is told; empty when there is none. */
  String requestId();
}
