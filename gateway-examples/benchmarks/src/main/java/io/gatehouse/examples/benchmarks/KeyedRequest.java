package io.gatehouse.examples.benchmarks;

import io.gatehouse.Inbound;
import io.gatehouse.access.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** A request with a key, as a server would have parsed it. */
final class KeyedRequest implements Inbound {

  private final InetAddress client = Cidr.address("198.51.100.7");
  private final Optional<String> key;
  private final List<String> keys;

  KeyedRequest(String key) {
    this.key = Optional.of(key);
    this.keys = List.of(key);
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String target() {
    return "/img/w:300/plain/photo.jpg";
  }

  @Override
  public Optional<String> header(String name) {
    return name.equals("X-API-Key") ? key : Optional.empty();
  }

  @Override
  public List<String> headers(String name) {
    return name.equals("X-API-Key") ? keys : List.of();
  }

  @Override
  public InetAddress clientAddress() {
    return client;
  }

  @Override
  public long contentLength() {
    return 0;
  }
}
