package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.Admission;
import io.gatehouse.Enforcement;
import io.gatehouse.Refusal;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.Blocks;
import io.gatehouse.access.Blocks.Question;
import io.gatehouse.access.Cidr;
import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.abuse.BlockGate;
import io.gatehouse.core.fixture.CountryFile;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one node makes of the blocks of a store, and what it keeps there. */
class AbuseTest {

  private static final String CLIENT = "198.51.100.1";

  @TempDir Path directory;
  private final SettableClock clock = new SettableClock();
  private Stores stores;
  private Abuse node;

  @BeforeEach
  void open() {
    Settings settings = settings("mode", "enforced");
    stores = Stores.open(settings, clock);
    node = Abuse.open(settings, stores, clock);
  }

  @AfterEach
  void close() {
    node.close();
    stores.close();
  }

  /** @param more of the group abuse: name, value, name, value */
  private Settings settings(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("GATEHOUSE_DATA_DIR", directory.toString());
    environment.put("GATEHOUSE_SERVER_TRUSTED_PROXIES", "192.0.2.0/24");
    environment.put("GATEHOUSE_ABUSE_BAD_KEYS_PER_MINUTE", "5");
    for (int i = 0; i < more.length; i += 2) {
      environment.put("GATEHOUSE_ABUSE_" + more[i].toUpperCase(), more[i + 1]);
    }
    return SettingsReader.read(Optional.empty(), environment).settings();
  }

  @Test
  void a_suspension_is_kept_with_an_entry_in_the_audit_log_that_is_json() throws Exception {
    offend(node, CLIENT);

    Block block = kept(CLIENT, 1);
    assertThat(block.expiresAt()).contains(clock.instant().plusSeconds(60));
    AuditRecord record = audited().get(0);
    assertThat(record.administrator()).isEqualTo(AuditRecord.GATEWAY);
    assertThat(record.object()).isEqualTo("blocks/" + block.id());
    assertThat(record.before()).isEmpty();
    assertThat(new ObjectMapper().readTree(record.after())).isEqualTo(new ObjectMapper().readTree("""
        {"id":"%s","kind":"network","value":"198.51.100.1/32","reason":"more than 5 keys in a minute that are none",
         "enforcement":"enforced","source":"automatic","created_at":"2026-06-01T00:00:00Z",
         "expires_at":"2026-06-01T00:01:00Z","strikes":1}""".formatted(block.id())));
  }

  @Test
  void what_is_refused_goes_on_until_the_suspension_ends_and_strikes_outlive_a_restart() {
    offend(node, CLIENT);
    kept(CLIENT, 1);
    assertThat(blocked(node, CLIENT)).isTrue();

    node.close();
    node = Abuse.open(settings("mode", "enforced"), stores, clock);
    assertThat(blocked(node, CLIENT)).isTrue();
    clock.advance(Duration.ofSeconds(60));
    assertThat(blocked(node, CLIENT)).isFalse();
    offend(node, CLIENT);

    assertThat(kept(CLIENT, 2).expiresAt()).contains(clock.instant().plusSeconds(120));
  }

  @Test
  void another_node_hears_of_it_and_does_not_count_it_twice() {
    try (Abuse other = Abuse.open(settings("mode", "enforced"), stores, clock)) {
      other.upToDate();
      offend(node, CLIENT);
      Block block = kept(CLIENT, 1);
      assertThat(blocked(other, CLIENT)).isFalse();
      offend(other, CLIENT); // before it has heard
      assertThat(blocked(other, CLIENT)).isTrue();

      other.changed(new Change(Topic.BLOCKS, block.id()));
      await().until(() -> {
        other.upToDate();
        return other.blocklist().automatic(Kind.NETWORK, CLIENT).map(Block::id).equals(Optional.of(block.id()));
      });

      assertThat(blocked(other, CLIENT)).isTrue();
      assertThat(stores.blocks().blocks(Question.ALL, 9)).containsExactly(block);
      assertThat(audited()).hasSize(1);
    }
  }

  @Test
  void what_was_lifted_is_lifted_and_forgotten() {
    offend(node, CLIENT);
    Block block = kept(CLIENT, 1);

    stores.blocks().deleteBlock(block.id());
    node.changed(new Change(Topic.BLOCKS, block.id()));
    assertThat(blocked(node, CLIENT)).isTrue();
    node.upToDate();
    assertThat(blocked(node, CLIENT)).isFalse();

    clock.advance(Duration.ofMinutes(5));
    offend(node, CLIENT);
    assertThat(kept(CLIENT, 1).id()).isNotEqualTo(block.id());
  }

  @Test
  void when_everything_may_have_changed_everything_is_read() {
    node.upToDate();
    stores.blocks().addBlock(manual("01MANUAL", "203.0.113.1"));
    node.upToDate();
    assertThat(blocked(node, "203.0.113.1")).isFalse();

    node.changed(new Change(Topic.BLOCKS, ""));
    node.changed(new Change(Topic.USER, ""));
    node.upToDate();

    assertThat(blocked(node, "203.0.113.1")).isTrue();
    assertThat(node.blocksInForce().get("network").getAsLong()).isEqualTo(1);
    assertThat(node.blocksInForce()).containsOnlyKeys("network", "country", "key", "user");
    assertThat(node.suspensions()).containsOnlyKeys("bad_keys", "address_refusals", "key_refusals", "spike");
  }

  @Test
  void trusted_proxies_and_what_is_exempt_are_not_suspended() {
    node.become(settings("mode", "enforced", "exempt", "198.51.100.0/24"));

    offend(node, CLIENT);
    offend(node, "192.0.2.5");
    offend(node, "203.0.113.5");

    assertThat(blocked(node, CLIENT)).isFalse();
    assertThat(blocked(node, "192.0.2.5")).isFalse();
    assertThat(blocked(node, "203.0.113.5")).isTrue();
  }

  @Test
  void switched_off_nobody_more_is_suspended_and_those_who_are_stay_so_until_it_ends() {
    offend(node, CLIENT);
    kept(CLIENT, 1);

    node.become(settings("mode", "off"));
    offend(node, "203.0.113.5");

    assertThat(blocked(node, CLIENT)).isTrue();
    assertThat(blocked(node, "203.0.113.5")).isFalse();
    node.become(settings("mode", "shadow", "first_suspension", "10s"));
    offend(node, "203.0.113.6");
    Block shadow = kept("203.0.113.6", 1);
    assertThat(shadow.enforcement()).isEqualTo(Enforcement.SHADOW);
    assertThat(shadow.expiresAt()).contains(clock.instant().plusSeconds(10));
    assertThat(blocked(node, "203.0.113.6")).isFalse();
  }

  @Test
  void what_ended_long_ago_is_forgotten() {
    offend(node, CLIENT);
    kept(CLIENT, 1);
    clock.advance(Duration.ofDays(1).plusSeconds(59));
    node.forget();
    assertThat(stores.blocks().blocks(Question.ALL, 9)).hasSize(1);

    clock.advance(Duration.ofSeconds(2));
    node.forget();

    assertThat(stores.blocks().blocks(Question.ALL, 9)).isEmpty();
    assertThat(node.blocklist().automatic(Kind.NETWORK, CLIENT)).isEmpty();
  }

  @Test
  void in_a_full_store_ended_suspensions_give_way_and_those_that_go_on_do_not() throws Exception {
    Optional<Instant> goesOn = Optional.of(clock.instant().plusSeconds(3600));
    long now = clock.millis();
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("gatehouse.db"));
        Statement statement = database.createStatement()) {
      statement.executeUpdate("""
          WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
          INSERT INTO blocks SELECT '01FULL' || n, 'KEY', 'k' || n, '', 'ENFORCED', 'AUTOMATIC', %d,
            CASE n WHEN 7 THEN %d ELSE %d END, 1 FROM numbers""".formatted(
          Blocks.MOST_AUTOMATIC - 1, now, now - 1000, now + 3_600_000));
    }
    assertThatThrownBy(() -> stores.blocks().addBlock(
        new Block("01MORE", Kind.KEY, "more", "", Enforcement.ENFORCED, Source.AUTOMATIC, clock.instant(), goesOn, 1)))
        .hasMessage("automatic blocks: one more than 10000 (expected: at most so many)");

    offend(node, CLIENT);
    kept(CLIENT, 1);
    assertThat(stores.blocks().block("01FULL7")).isEmpty();
    assertThat(stores.blocks().block("01FULL8")).isPresent();

    offend(node, "203.0.113.5");
    await().until(() -> node.suspensionsDropped() == 1);
    assertThat(blocked(node, "203.0.113.5")).isFalse();
    assertThat(blocked(node, CLIENT)).isTrue();
  }

  @Test
  void another_file_of_countries_is_read_and_a_broken_one_is_refused_before() throws Exception {
    assertThat(node.knowsCountries()).isFalse();
    assertThat(node.countries().countryOf(Cidr.address("203.0.113.5"))).isEmpty();
    Path file = Files.write(directory.resolve("a.mmdb"), CountryFile.of(Map.of("203.0.113.0/24", "DE")));
    Path broken = Files.writeString(directory.resolve("b.mmdb"), "nothing of use");

    node.become(settings("countries_file", file.toString()));
    assertThat(node.countries().countryOf(Cidr.address("203.0.113.5"))).contains("DE");

    assertThatThrownBy(() -> Gatehouse.check(settings("countries_file", broken.toString())))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(broken + ": abuse.countries_file: no MaxMind DB");
    node.become(settings("countries_file", broken.toString()));
    assertThat(node.countries().countryOf(Cidr.address("203.0.113.5"))).contains("DE");
    node.become(settings());
    assertThat(node.knowsCountries()).isFalse();
  }

  /** Sends more bad keys than an address may. */
  private static void offend(Abuse at, String address) {
    Gates gates = new Gates(
        List.of(
            new BlockGate(at.blocklist(), at.countries()),
            passage -> Optional.of(Refusal.of(Refusal.Reason.KEY_UNKNOWN, "no"))),
        List.of(at.watch()));
    for (int i = 0; i < 7; i++) {
      gates.admit(Requests.get("/").from(address));
    }
  }

  private static boolean blocked(Abuse at, String address) {
    Gates gates = new Gates(List.of(new BlockGate(at.blocklist(), at.countries())), List.of());
    return gates.admit(Requests.get("/").from(address)) instanceof Admission.Refused;
  }

  private Block kept(String address, int strikes) {
    await().until(() -> stored(address).filter(block -> block.strikes() == strikes).isPresent());
    return stored(address).orElseThrow();
  }

  private Optional<Block> stored(String address) {
    return stores.blocks().blockOf(Source.AUTOMATIC, Kind.NETWORK, address);
  }

  private List<AuditRecord> audited() {
    return stores.audit().newest(
        AuditLog.Question.between(Instant.EPOCH, clock.instant().plusSeconds(1)).doing("suspend"), 9);
  }

  private Block manual(String id, String network) {
    return new Block(
        id, Kind.NETWORK, network, "", Enforcement.ENFORCED, Source.ADMINISTRATOR, clock.instant(), Optional.empty(), 0);
  }
}
