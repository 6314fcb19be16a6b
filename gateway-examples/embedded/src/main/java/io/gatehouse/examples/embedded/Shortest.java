package io.gatehouse.examples.embedded;

import io.gatehouse.core.key.KeyFormat;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.setup.KeyedGateway;
import io.gatehouse.jetty.filter.GatewayFilter;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.key.User;
import io.gatehouse.limit.Limit;
import jakarta.servlet.DispatcherType;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/** The least that works: one user, one key, five requests a minute. {@link EmbeddedGateway} is the least that is useful. */
final class Shortest {

  private Shortest() {}

  public static void main(String[] args) throws Exception {
    start(8080).getServer().await();
  }

  static Tomcat start(int port) throws Exception {
    Pepper pepper = new Pepper(1, SecureRandom.getSeed(32));
    MemoryDirectory directory = new MemoryDirectory();
    directory.addUser(new User("alice", "alice", true, Instant.now()));
    KeyIssuer issuer = new KeyIssuer(directory, new KeyFormat("gk", "live"), pepper, InstantSource.system());
    System.out.println(issuer.issue("alice", "laptop", Set.of(), Optional.empty()).secret());

    KeyedGateway gateway =
        KeyedGateway.builder(directory, pepper)
            .userLimits(List.of(Limit.of(5, Duration.ofMinutes(1))))
            .build();

    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    tomcat.setPort(port);
    Context application = tomcat.addContext("", null);
    application.addServletContainerInitializer(
        (types, context) -> {
          var filter = context.addFilter("gateway", new GatewayFilter(gateway, new TrustedProxies(List.of())));
          filter.setAsyncSupported(true);
          filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
        },
        null);
    Tomcat.addServlet(application, "hello", new HelloServlet());
    application.addServletMappingDecoded("/*", "hello");
    tomcat.start();
    return tomcat;
  }
}
