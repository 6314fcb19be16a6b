package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.RateLimiter;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailuresTest {

  @TempDir Path directory;

  @Test
  void a_store_that_does_not_answer_is_said_to_come_back() throws Exception {
    try (RunningAdmin admin = RunningAdmin.start(directory)) {
      admin.gatehouse().stores().close();

      for (Reply reply :
          List.of(
              admin.get("/users"),
              admin.send("POST", "/users", "{\"name\":\"x\"}"),
              admin.get("/backends"))) {
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.problem()).isEqualTo("store-unavailable");
        assertThat(reply.header("Retry-After")).isEqualTo("1");
        assertThat(reply.json().toString()).doesNotContain("gatehouse.db");
      }
    }
  }

  @Test
  void what_nobody_foresaw_is_said_without_details() throws Exception {
    try (RunningAdmin admin =
        RunningAdmin.start(
            directory,
            Map.of(),
            new BrokenLimiter())) {
      Reply reply = admin.get("/users");

      assertThat(reply.status()).isEqualTo(500);
      assertThat(reply.problem()).isEqualTo("internal-error");
      assertThat(reply.json().toString()).doesNotContain("a detail", "Exception");
    }
  }

  private static final class BrokenLimiter implements RateLimiter {

    @Override
    public Decision tryAcquire(List<Charge> charges) {
      throw new IllegalStateException("a detail");
    }

    @Override
    public Decision peek(List<Charge> charges) {
      throw new IllegalStateException("a detail");
    }

    @Override
    public void giveBack(List<Charge> charges) {
      throw new IllegalStateException("a detail");
    }

    @Override
    public void debit(List<Charge> charges) {
      throw new IllegalStateException("a detail");
    }
  }
}
