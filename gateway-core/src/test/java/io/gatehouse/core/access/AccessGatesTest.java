package io.gatehouse.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.access.AddressRules;
import io.gatehouse.access.Authenticator;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.gate.Gates;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessGatesTest {

  private static final Authenticator ABSENT = request -> new Authenticator.Result.Absent();

  @Test
  void without_a_credential_a_request_is_refused_unless_anonymous_ones_are_admitted() {
    Gate strict = new IdentityGate(List.of(ABSENT), IdentityGate.Anonymous.REFUSED);
    Gate open = new IdentityGate(List.of(ABSENT), IdentityGate.Anonymous.ADMITTED);

    assertThat(reason(Requests.get("/"), strict)).contains(Refusal.Reason.KEY_MISSING);
    assertThat(reason(Requests.get("/"), open)).isEmpty();
  }

  @Test
  void the_first_authenticator_that_finds_a_credential_has_the_last_word() {
    Authenticator bad =
        request -> new Authenticator.Result.Rejected(Refusal.of(Refusal.Reason.KEY_UNKNOWN, "no"));
    Authenticator good = request -> new Authenticator.Result.Known(entitlement(List.of(), Set.of()));

    assertThat(reason(Requests.get("/"), new IdentityGate(List.of(ABSENT, bad, good), IdentityGate.Anonymous.REFUSED)))
        .contains(Refusal.Reason.KEY_UNKNOWN);
    assertThat(reason(Requests.get("/"), new IdentityGate(List.of(ABSENT, good, bad), IdentityGate.Anonymous.REFUSED)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.1.2.3, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "2001:db8::/32, 2001:db8:1::1, true",
    "2001:db8::/32, 2001:db9::1, false",
    "2001:db8::/32, 10.0.0.1, false",
    "0.0.0.0/0, 198.51.100.7, true"
  })
  void only_addresses_on_the_list_come_in(String network, String client, boolean allowed) {
    Gate identity = known(entitlement(List.of(Cidr.parse("203.0.113.9"), Cidr.parse(network)), Set.of()));

    Optional<Refusal.Reason> reason = reason(Requests.get("/").from(client), identity, new WhitelistGate());

    assertThat(reason).isEqualTo(allowed ? Optional.empty() : Optional.of(Refusal.Reason.ADDRESS_FORBIDDEN));
  }

  @Test
  void without_a_list_every_address_comes_in() {
    assertThat(reason(Requests.get("/"), known(entitlement(List.of(), Set.of())), new WhitelistGate())).isEmpty();
    assertThat(reason(Requests.get("/"), new WhitelistGate(), new ScopeGate())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.9.9.9, ip-denylist",
    "10.1.2.3, ip-denylist",
    "192.0.2.1, ip-whitelist",
    "10.2.0.1, key-networks",
    "10.3.0.1,",
    "::ffff:10.3.0.1,",
    "::ffff:10.9.9.9, ip-denylist"
  })
  void what_is_denied_comes_first_and_then_user_and_key_have_to_allow(String client, String rule) {
    AddressRules rules = new AddressRules(
        List.of(Cidr.parse("10.9.0.0/16"), Cidr.parse("10.1.2.3")),
        List.of(Cidr.parse("10.0.0.0/8")),
        List.of(Cidr.parse("10.1.0.0/16"), Cidr.parse("10.3.0.0/16"), Cidr.parse("192.0.2.0/24")));
    Gate identity = known(entitlement(rules));

    Optional<Refusal> refusal = refusal(Requests.get("/").from(client), identity, new WhitelistGate());

    assertThat(refusal.map(Refusal::rule)).isEqualTo(Optional.ofNullable(rule));
    refusal.ifPresent(each ->
        assertThat(each.detail()).as("the same for all").isEqualTo("This key may not be used from this address."));
  }

  @Test
  void one_list_alone_is_enough_to_refuse_and_enough_to_allow() {
    List<Cidr> here = List.of(Cidr.parse("192.0.2.1"));
    List<Cidr> elsewhere = List.of(Cidr.parse("198.51.100.0/24"));

    assertThat(reason(Requests.get("/"), known(entitlement(new AddressRules(here, List.of(), List.of()))),
        new WhitelistGate())).contains(Refusal.Reason.ADDRESS_FORBIDDEN);
    assertThat(reason(Requests.get("/"), known(entitlement(new AddressRules(elsewhere, List.of(), List.of()))),
        new WhitelistGate())).isEmpty();
    assertThat(reason(Requests.get("/"), known(entitlement(new AddressRules(List.of(), List.of(), here))),
        new WhitelistGate())).isEmpty();
    assertThat(reason(Requests.get("/"), known(entitlement(new AddressRules(List.of(), List.of(), elsewhere))),
        new WhitelistGate())).contains(Refusal.Reason.ADDRESS_FORBIDDEN);
  }

  @Test
  void permissions_of_the_application_behind_say_nothing_of_what_may_be_called() {
    Gate permitted = known(entitlement(List.of(), Set.of("images:write", "get:all")));
    Gate both = known(entitlement(List.of(), Set.of("images:write", "POST /up")));

    assertThat(reason(Requests.get("/a"), permitted, new ScopeGate())).isEmpty();
    assertThat(reason(Requests.get("/a"), both, new ScopeGate())).contains(Refusal.Reason.SCOPE_MISSING);
    assertThat(reason(Requests.get("/up").method("POST"), both, new ScopeGate())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, GET, /a, true",
    "GET, HEAD, /a, true",
    "GET, POST, /a, false",
    "*, DELETE, /a, true",
    "GET /img, GET, /img, true",
    "GET /img, GET, /img/x, true",
    "GET /img, GET, /img?x, true",
    "GET /img, GET, /images, false",
    "GET /img/, GET, /img/x, true",
    "GET /img, GET, /%69mg/x, false",
    "* /, PUT, /anything, true",
    "POST /up, GET, /up, false"
  })
  void a_scope_covers_its_method_below_its_prefix(String scope, String method, String target, boolean covered) {
    Gate identity = known(entitlement(List.of(), Set.of(scope)));

    Optional<Refusal.Reason> reason = reason(Requests.get(target).method(method), identity, new ScopeGate());

    assertThat(reason).isEqualTo(covered ? Optional.empty() : Optional.of(Refusal.Reason.SCOPE_MISSING));
  }

  private static Entitlement entitlement(List<Cidr> networks, Set<String> scopes) {
    return new Entitlement(new Subject("u", "k"), List.of(), List.of(), networks, scopes);
  }

  private static Entitlement entitlement(AddressRules rules) {
    return new Entitlement(new Subject("u", "k"), List.of(), List.of(), Optional.empty(), rules, Set.of(), Map.of(),
        List.of(), Optional.empty());
  }

  private static Gate known(Entitlement entitlement) {
    return new IdentityGate(
        List.of(request -> new Authenticator.Result.Known(entitlement)), IdentityGate.Anonymous.REFUSED);
  }

  private static Optional<Refusal.Reason> reason(Requests request, Gate... gates) {
    return refusal(request, gates).map(Refusal::reason);
  }

  private static Optional<Refusal> refusal(Requests request, Gate... gates) {
    return Stream.of(new Gates(List.of(gates), List.of()).admit(request))
        .filter(Admission.Refused.class::isInstance)
        .map(refused -> ((Admission.Refused) refused).refusal())
        .findFirst();
  }
}
