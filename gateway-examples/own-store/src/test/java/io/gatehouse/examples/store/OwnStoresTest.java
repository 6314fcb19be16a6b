package io.gatehouse.examples.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Inbound;
import io.gatehouse.Refusal;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.setup.KeyedGateway;
import io.gatehouse.key.ApiKey;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both stores in a gateway, with keys of the integrator's own form, over two lives of the process. */
class OwnStoresTest {

  private static final InstantSource NOON = InstantSource.fixed(Instant.parse("2026-06-01T12:00:00Z"));

  @TempDir Path directory;

  private final Pepper pepper = new Pepper(1, new byte[32]);

  @Test
  void what_was_used_in_one_life_is_used_up_in_the_next() {
    PropertiesKeyStore keys = new PropertiesKeyStore(directory);
    keys.put(
        pepper.digest("corp-4711"),
        new ApiKey("4711", "alice", "", "corp", Set.of(), true, NOON.instant(), Optional.empty(), Optional.empty()));

    assertThat(admitOnce("corp-4711")).isInstanceOf(Admission.Admitted.class);
    assertThat(admitOnce("corp-4711")).isInstanceOf(Admission.Admitted.class);

    assertThat(refusal(admitOnce("corp-4711"))).isEqualTo(Refusal.Reason.QUOTA_EXHAUSTED);
    assertThat(refusal(admitOnce("corp-4712"))).isEqualTo(Refusal.Reason.KEY_UNKNOWN);
    assertThat(refusal(admitOnce("gk_live_x"))).isEqualTo(Refusal.Reason.KEY_MALFORMED);
  }

  /** One life: everything is opened, asked once, and closed. */
  private Admission admitOnce(String key) {
    try (JournalQuotaStore use = new JournalQuotaStore(directory.resolve("use.journal"), NOON);
        KeyedGateway gateway =
            KeyedGateway.builder(new PropertiesKeyStore(directory), pepper)
                .keyForm(text -> text.startsWith("corp-"))
                .userQuotas(List.of(new Quota(Meter.REQUESTS, Window.DAY, 2)))
                .quotaStore(use)
                .clock(NOON)
                .build()) {
      return gateway.admit(new Request(key));
    }
  }

  private static Refusal.Reason refusal(Admission admission) {
    assertThat(admission).isInstanceOf(Admission.Refused.class);
    return ((Admission.Refused) admission).refusal().reason();
  }

  private record Request(String key) implements Inbound {
    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String target() {
      return "/";
    }

    @Override
    public Optional<String> header(String name) {
      return headers(name).stream().findFirst();
    }

    @Override
    public List<String> headers(String name) {
      return name.equalsIgnoreCase("X-API-Key") ? List.of(key) : List.of();
    }

    @Override
    public InetAddress clientAddress() {
      return Cidr.address("192.0.2.1");
    }

    @Override
    public long contentLength() {
      return 0;
    }
  }
}
