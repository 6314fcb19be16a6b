package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.tls.Trust;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.thread.Invocable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that come and go with the lanes that need them. */
class ClientsTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private static final Trust TRUST = Trust.ofJava();

  private final Clients clients = new Clients(Invocable.InvocationType.BLOCKING);

  @BeforeEach
  void start() {
    clients.start();
  }

  @AfterEach
  void stop() {
    clients.stop();
  }

  @Test
  void lanes_that_differ_in_nothing_of_a_client_share_one_with_its_threads() {
    Client one = clients.want(settings(1).responseTimeout(Duration.ofSeconds(5)).build());

    assertThat(clients.want(settings(1).responseTimeout(Duration.ofSeconds(9)).build())).isSameAs(one);
    Client other = clients.want(settings(2).build());
    assertThat(other).isNotSameAs(one);
    assertThat(other.http().getExecutor()).isSameAs(one.http().getExecutor());
    assertThat(other.http().getScheduler()).isSameAs(one.http().getScheduler());
  }

  @Test
  void a_client_that_is_not_wanted_stops_when_its_last_use_is_over() {
    Client old = clients.want(settings(1).build());
    assertThat(old.began()).isTrue();
    assertThat(old.began()).isTrue();
    clients.want(settings(2).build());

    clients.wantOnly(List.of(settings(2).build()));
    old.ended();
    assertThat(old.began()).as("who comes late may use it while it is there").isTrue();
    old.ended();
    assertThat(old.http().isRunning()).isTrue();
    old.ended();

    await().atMost(SOON).until(old.http()::isStopped);
    assertThat(old.began()).isFalse();
    assertThat(clients.running()).isEqualTo(1);
  }

  @Test
  void one_that_comes_even_later_gets_a_client_for_itself_that_is_gone_with_it() {
    ProxySettings settings = settings(1).build();
    Client old = clients.want(settings);
    clients.want(settings(2).build());
    clients.wantOnly(List.of(settings(2).build()));
    await().atMost(SOON).until(old.http()::isStopped);

    Client late = clients.late(settings);
    HttpClient http = late.http();
    assertThat(http.isRunning()).isTrue();
    late.ended();

    await().atMost(SOON).until(http::isStopped);
    assertThat(clients.running()).isEqualTo(1);
  }

  @Test
  void the_threads_outlive_every_client() {
    for (int i = 1; i <= 100; i++) {
      Client client = clients.want(settings(i).build());
      clients.wantOnly(List.of(settings(i).build()));
      assertThat(client.http().isRunning()).isTrue();
    }

    await().atMost(SOON).until(() -> clients.running() == 1);
  }

  private static ProxySettings.Builder settings(int seconds) {
    return ProxySettings.builder().trust(TRUST).connectTimeout(Duration.ofSeconds(seconds));
  }
}
