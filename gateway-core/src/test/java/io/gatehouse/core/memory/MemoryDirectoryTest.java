package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import io.gatehouse.access.WhitelistAdmin;
import io.gatehouse.contract.BackendAdminContract;
import io.gatehouse.contract.KeyAdminContract;
import io.gatehouse.contract.LimitAdminContract;
import io.gatehouse.contract.PlanAdminContract;
import io.gatehouse.contract.QuotaAdminContract;
import io.gatehouse.contract.RegistrationsContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.contract.UserAdminContract;
import io.gatehouse.contract.WhitelistAdminContract;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MemoryDirectoryTest {

  private static final User USER = new User("u1", "Ada", true, Instant.EPOCH);

  private final List<Change> heard = new ArrayList<>();
  private final MemoryDirectory directory = new MemoryDirectory(heard::add);

  @Nested
  class AsUserAdmin extends UserAdminContract {
    @Override
    protected UserAdmin users() {
      return directory;
    }
  }

  @Nested
  class AsKeyAdmin extends KeyAdminContract {
    @Override
    protected KeyAdmin keys() {
      return directory;
    }

    @Override
    protected UserAdmin users() {
      return directory;
    }
  }

  @Nested
  class AsWhitelistAdmin extends WhitelistAdminContract {
    @Override
    protected WhitelistAdmin whitelist() {
      return directory;
    }

    @Override
    protected void addOwner(String id) {
      directory.addUser(new User(id, id, true, Instant.EPOCH));
    }
  }

  @Nested
  class AsLimitAdmin extends LimitAdminContract {
    @Override
    protected LimitAdmin limits() {
      return directory;
    }

    @Override
    protected void addOwner(Level level, String id) {
      if (level == Level.USER) {
        directory.addUser(new User(id, id, true, Instant.EPOCH));
      } else if (level == Level.KEY) {
        directory.addUser(new User("user of " + id, id, true, Instant.EPOCH));
        directory.addKey(
            new ApiKey(id, "user of " + id, "", "gk", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty()),
            new KeyDigest(1, id.hashCode(), 2, 3, 4));
      }
    }
  }

  @Nested
  class AsQuotaAdmin extends QuotaAdminContract {
    @Override
    protected QuotaAdmin quotas() {
      return directory;
    }

    @Override
    protected void addOwner(String id) {
      directory.addUser(new User(id, id, true, Instant.EPOCH));
    }

    @Override
    protected void addKey(String user, String id) {
      directory.addKey(
          new ApiKey(id, user, "", "gk", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty()),
          new KeyDigest(1, id.hashCode(), 2, 3, 4));
    }

    @Override
    protected void deleteKey(String id) {
      directory.deleteKey(id);
    }
  }

  @Nested
  class AsPlanAdmin extends PlanAdminContract {
    private final SettableClock clock = new SettableClock();
    private final MemoryDirectory timed = new MemoryDirectory(change -> {}, clock.nanoTime(), clock);

    @Override
    protected PlanAdmin plans() {
      return timed;
    }

    @Override
    protected UserAdmin users() {
      return timed;
    }

    @Override
    protected Instant now() {
      return clock.instant();
    }

    @Override
    protected void pass(Duration time) {
      clock.advance(time);
    }
  }

  @Nested
  class AsBackendAdmin extends BackendAdminContract {
    @Override
    protected BackendAdmin backendAdmin() {
      return directory;
    }
  }

  @Nested
  class AsRegistrations extends RegistrationsContract {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);
    private final MemoryDirectory timed = new MemoryDirectory(change -> {}, nanos::get);

    @Override
    protected Registrations registrations() {
      return timed;
    }

    @Override
    protected BackendAdmin backendAdmin() {
      return timed;
    }

    @Override
    protected void pass(Duration time) {
      nanos.addAndGet(time.toNanos());
    }
  }

  @Test
  void a_beat_in_time_is_not_told() {
    AtomicLong nanos = new AtomicLong();
    MemoryDirectory timed = new MemoryDirectory(heard::add, nanos::get);
    Upstream backend =
        new Upstream(URI.create("http://10.0.0.1:8080"), 1, Upstream.State.ENABLED, Duration.ofSeconds(30));
    timed.register(backend, Duration.ofSeconds(30));
    assertThat(heard).hasSize(1);

    nanos.addAndGet(Duration.ofSeconds(29).toNanos());
    timed.beat(backend.uri(), Duration.ofSeconds(30));
    timed.register(backend, Duration.ofSeconds(30));
    assertThat(heard).hasSize(1);

    nanos.addAndGet(Duration.ofSeconds(30).toNanos());
    timed.beat(backend.uri(), Duration.ofSeconds(30));
    assertThat(heard).as("it is back").hasSize(2);
  }

  @Test
  void the_listener_hears_of_every_change_once_and_of_nothing_else() {
    ApiKey key = new ApiKey("k1", "u1", "", "gh", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty());
    ApiKey next = new ApiKey("k2", "u1", "", "gh", Set.of(), true, Instant.EPOCH, Optional.empty(), Optional.empty());
    directory.addUser(USER);
    directory.updateUser(USER.withEnabled(false));
    directory.addKey(key, new KeyDigest(1, 1, 1, 1, 1));
    directory.updateKey(key.withEnabled(false));
    directory.rotateKey(key, next, new KeyDigest(1, 2, 2, 2, 2));
    directory.deleteKey("k1");
    directory.replaceNetworks("u1", List.of(Cidr.parse("10.0.0.0/8")));
    directory.replaceLimits(Level.USER, "u1", Optional.of(List.of(Limit.of(1, Duration.ofSeconds(1)))));
    directory.replaceQuotas("u1", Optional.of(List.of(new Quota(Meter.BYTES, Window.DAY, 1))));
    directory.deleteUser("u1");
    assertThat(heard).hasSize(10).containsOnly(new Change(Topic.USER, "u1"));

    heard.clear();
    Upstream backend = new Upstream(URI.create("http://a.test:1"), 1, Upstream.State.ENABLED, Duration.ofSeconds(1));
    directory.putBackend(backend);
    directory.deleteBackend(backend.uri());
    assertThat(heard).hasSize(2).containsOnly(new Change(Topic.BACKENDS, "http://a.test:1"));

    heard.clear();
    directory.updateUser(USER);
    directory.deleteUser("u1");
    directory.updateKey(key);
    directory.deleteKey("k1");
    directory.deleteBackend(backend.uri());
    directory.find(new KeyDigest(1, 1, 1, 1, 1));
    assertThat(heard).isEmpty();
  }

  @Test
  void a_deleted_user_leaves_nothing_behind() {
    directory.addUser(USER);
    directory.replaceNetworks("u1", List.of(Cidr.parse("10.0.0.0/8")));
    directory.replaceLimits(Level.USER, "u1", Optional.of(List.of()));
    directory.replaceQuotas("u1", Optional.of(List.of()));

    directory.deleteUser("u1");

    assertThat(directory.networksOf("u1")).isEmpty();
    assertThat(directory.limitsOf(Level.USER, "u1")).isEmpty();
    assertThat(directory.quotasOf("u1")).isEmpty();
  }

  @Test
  void the_listener_may_ask_the_directory() {
    List<Optional<User>> seen = new ArrayList<>();
    MemoryDirectory[] self = new MemoryDirectory[1];
    self[0] = new MemoryDirectory(change -> seen.add(self[0].user(change.reference())));

    self[0].addUser(USER);

    assertThat(seen).containsExactly(Optional.of(USER));
  }
}
