package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.access.Cidr;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.SlowHash;
import io.gatehouse.key.User;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyIssuerTest {

  private static final List<Cidr> OFFICE = List.of(Cidr.parse("192.0.2.0/24"));

  private final SettableClock clock = new SettableClock();
  private final MemoryDirectory directory = new MemoryDirectory();
  private final Peppers peppers = Peppers.of(KnownKeys.PEPPER);
  private final KeyIssuer issuer =
      new KeyIssuer(directory, new KeyFormat("gk", "live"), peppers.inUse(), clock);

  @BeforeEach
  void addUser() {
    directory.addUser(new User("u1", "alice", true, clock.instant()));
  }

  @Test
  void a_successor_has_the_rights_of_the_old_key_and_each_knows_the_other() {
    KeyTerms terms = new KeyTerms("n", Set.of("GET /img/", "images:write"), OFFICE, Optional.empty());
    ApiKey old = issuer.issue("u1", terms).key();

    ApiKey fresh = issuer.rotate(old.id(), Duration.ofHours(1)).orElseThrow().key();

    assertThat(fresh.scopes()).isEqualTo(terms.scopes());
    assertThat(fresh.networks()).isEqualTo(OFFICE);
    assertThat(fresh.replaces()).contains(old.id());
    assertThat(fresh.replacedBy()).isEmpty();
    assertThat(directory.key(old.id()).orElseThrow().replacedBy()).contains(fresh.id());
  }

  @Test
  void an_imported_key_has_an_id_of_ours_and_no_text() {
    KeyDigest digest = new KeyDigest(KeyDigest.UNPEPPERED, 1, 2, 3, 4);

    ImportedKey imported = issuer.imported("u1", "old_", new KeyTerms("n", Set.of(), Optional.empty()), digest);

    assertThat(imported.key().id()).hasSize(KeyFormat.ID_LENGTH);
    assertThat(imported.key().start()).isEqualTo("old_");
    assertThat(directory.keysOf("u1")).as("not added yet").isEmpty();
    directory.importKeys(List.of(imported));
    assertThat(directory.find(digest)).contains(imported.key());
  }

  @Test
  void terms_that_no_key_can_have_are_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyTerms("a\n", Set.of(), Optional.empty()));
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyTerms("x".repeat(101), Set.of(), Optional.empty()));
    for (String scope : List.of("get", "GET img", "images:", ":write", "Images:write", "images: write", "")) {
      assertThat(KeyTerms.isScope(scope)).as(scope).isFalse();
    }
    for (String scope : List.of("GET", "* /", "POST /a:b", "images:write", "a.b-c:d:*")) {
      assertThat(KeyTerms.isScope(scope)).as(scope).isTrue();
    }
    KeyTerms past = new KeyTerms("", Set.of(), Optional.of(clock.instant()));
    assertThatIllegalArgumentException().isThrownBy(() -> issuer.issue("u1", past));
    assertThatIllegalArgumentException().isThrownBy(() -> issuer.imported("u1", "abc",
        new KeyTerms("", Set.of(), Optional.empty()), new SlowHash("$2b$10$" + "a".repeat(53))));
  }

  @Test
  void a_reported_key_is_suspended_whatever_state_it_is_in() {
    IssuedKey issued = issuer.issue("u1", "", Set.of(), Optional.empty());
    LeakReports reports = new LeakReports(
        new KeySearch(Dossiers.of(directory, KnownKeys::dossierOf), directory, peppers, text -> false), directory, peppers.inUse());

    assertThat(reports.report(issued.secret() + "x")).isEmpty();
    assertThat(reports.report("x".repeat(513))).isEmpty();
    ApiKey suspended = issued.key().suspended("leaked");
    assertThat(reports.report(issued.secret())).contains(new LeakReports.Suspended(issued.key(), suspended));
    assertThat(reports.report(issued.secret())).as("once more")
        .contains(new LeakReports.Suspended(suspended, suspended));

    assertThat(directory.key(issued.key().id())).contains(issued.key().suspended(ApiKey.LEAKED));
  }

  @Test
  void a_report_does_not_take_a_disabled_user_for_a_disabled_key() {
    IssuedKey issued = issuer.issue("u1", "", Set.of(), Optional.empty());
    directory.updateUser(new User("u1", "alice", false, clock.instant()));
    LeakReports reports = new LeakReports(
        new KeySearch(Dossiers.of(directory, KnownKeys::dossierOf), directory, peppers, text -> false), directory, peppers.inUse());

    reports.report(issued.secret());

    assertThat(directory.key(issued.key().id()).orElseThrow().suspension()).contains("leaked");
  }
}
