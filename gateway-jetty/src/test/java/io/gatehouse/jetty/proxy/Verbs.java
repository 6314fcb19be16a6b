package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A balancer that takes the first backend that was not tried, and writes down every verb. */
final class Verbs implements Balancer {

  private final List<Upstream> upstreams;
  private final List<String> said = new CopyOnWriteArrayList<>();

  Verbs(List<Upstream> upstreams) {
    this.upstreams = upstreams;
  }

  /** What was said of the picks: the place of the backend, and the verb. */
  List<String> said() {
    return said;
  }

  @Override
  public Optional<Pick> pick(Inbound request, Set<URI> tried) {
    return upstreams.stream().filter(upstream -> !tried.contains(upstream.uri())).findFirst().map(upstream -> {
      int place = upstreams.indexOf(upstream);
      return new Pick() {
        @Override
        public Upstream upstream() {
          return upstream;
        }

        @Override
        public void answered(int status, Duration elapsed) {
          said.add(place + " answered " + status);
        }

        @Override
        public void failed(Throwable cause) {
          said.add(place + " failed");
        }

        @Override
        public void abandoned() {
          said.add(place + " abandoned");
        }

        @Override
        public void outrun(Duration elapsed) {
          said.add(place + " outrun");
        }
      };
    });
  }
}
