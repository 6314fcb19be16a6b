package io.gatehouse.examples.benchmarks.springcloud;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Spring Cloud Gateway with one route and no filter of ours: {@code port backend...}. All requests go to the first backend,
 * because its load balancer costs some 10 % more.
 */
@SpringBootApplication
public class SpringCloudGateway {

  public static void main(String[] arguments) {
    SpringApplication application = new SpringApplication(SpringCloudGateway.class);
    application.setDefaultProperties(Map.of(
        "server.address", "127.0.0.1", "server.port", arguments[0], "backend", arguments[1]));
    application.run();
  }

  /** Everything to the backend. */
  @Bean
  public RouteLocator routes(RouteLocatorBuilder routes, Environment environment) {
    String backend = environment.getRequiredProperty("backend");
    return routes.routes().route("all", route -> route.path("/**").uri(backend)).build();
  }
}
