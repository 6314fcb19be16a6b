package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;
import io.gatehouse.upstream.Upstream;
import io.gatehouse.upstream.Upstream.State;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Backends named by a letter, and a request that says nothing. */
final class Upstreams {

  static final Inbound ANY = request("/");

  private Upstreams() {}

  static Inbound request(String target) {
    return new Request(target);
  }

  private record Request(String target) implements Inbound {
    @Override
    public String method() {
      return "GET";
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.empty();
    }

    @Override
    public List<String> headers(String name) {
      return List.of();
    }

    @Override
    public InetAddress clientAddress() {
      return InetAddress.getLoopbackAddress();
    }

    @Override
    public long contentLength() {
      return 0;
    }
  }

  static URI uri(String name) {
    return URI.create("http://" + name + ":8080");
  }

  static Upstream upstream(String name, int weight) {
    return upstream(name, weight, State.ENABLED);
  }

  static Upstream upstream(String name, int weight, State state) {
    return new Upstream(uri(name), weight, state, Duration.ofSeconds(30));
  }

  static String name(Upstream upstream) {
    return upstream.uri().getHost();
  }
}
