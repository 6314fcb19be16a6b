package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Refusal.Reason;
import io.gatehouse.StoreException;
import io.gatehouse.access.Authenticator.Result;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.SigningKey;
import io.gatehouse.key.SigningSecret;
import io.gatehouse.key.SigningSecretAdmin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SignedUrlAuthenticatorTest {
  private static final Pepper NEWER =
      new Pepper(2, "another-pepper-of-the-tests-0123456789".getBytes(StandardCharsets.US_ASCII));

  private final SettableClock clock = new SettableClock();
  private final Secrets store = new Secrets();
  private final SigningSecrets secrets = new SigningSecrets(store, Peppers.of(KnownKeys.PEPPER), clock);
  private EntitlementCache cache = cache(secrets, 100);

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void what_was_signed_with_a_secret_of_a_key_comes_from_its_user() {
    UrlSigner signer = signer("k1", "alice");

    assertThat(user(signer.sign("w:1", "local:///a.jpg", clock.instant().plusSeconds(1)))).isEqualTo("alice");
    assertThat(user(signer.sign("w:1", "local:///a.jpg", clock.instant().plusSeconds(9)) + "?v=1")).isEqualTo("alice");
    assertThat(authenticator().authenticate(Requests.get("/image/k1"))).isInstanceOf(Result.Absent.class);
    assertThat(store.asked).as("looked up once").hasValue(1);
  }

  @Test
  void below_the_prefix_no_other_credential_has_a_say() {
    signer("k1", "alice");

    assertThat(reason("/i/k1")).isEqualTo(Reason.BAD_REQUEST);
    assertThat(reason("/i/")).isEqualTo(Reason.BAD_REQUEST);
  }

  @Test
  void unknown_keys_wrong_signatures_and_keys_without_secrets_look_the_same() {
    signer("k1", "alice");
    store.keys.put("bare", KnownKeys.key("bare", "bob"));

    Result wrong = authenticator().authenticate(Requests.get(forged("k1", 60)));
    Result unknown = authenticator().authenticate(Requests.get(forged("k2", 60)));
    Result bare = authenticator().authenticate(Requests.get(forged("bare", 60)));
    Result expired = authenticator().authenticate(Requests.get(forged("k1", -60)));
    Result endless = authenticator().authenticate(Requests.get(new UrlSigner("k1", "x".repeat(40)).sign("w:1", "a")));

    assertThat(List.of(unknown, bare, expired, endless)).containsOnly(wrong);
    assertThat(((Result.Rejected) wrong).refusal().reason()).isEqualTo(Reason.SIGNATURE_INVALID);
  }

  @Test
  void they_take_the_same_time() {
    SigningSecrets.Issued first = issue("k1", "alice");
    store.keys.put("one", KnownKeys.key("one", "bob"));
    secrets.issue("one").orElseThrow();
    secrets.issue("k1").orElseThrow();
    List<String> targets = List.of(
        new UrlSigner("k1", first.secret()).sign("w:1", "local:///a.jpg", clock.instant().plusSeconds(60)),
        forged("k1", 60), forged("one", 60), forged("none", 60));
    SignedUrlAuthenticator authenticator = authenticator();

    long[][] samples = new long[targets.size()][300];
    for (int sample = -300; sample < 300; sample++) {
      for (int i = 0; i < targets.size(); i++) {
        long begin = System.nanoTime();
        for (int call = 0; call < 20; call++) {
          authenticator.authenticate(Requests.get(targets.get(i)));
        }
        if (sample >= 0) {
          samples[i][sample] = System.nanoTime() - begin;
        }
      }
    }

    long[] medians = Arrays.stream(samples).mapToLong(all -> Arrays.stream(all).sorted().toArray()[150]).toArray();
    assertThat((double) Arrays.stream(medians).max().orElseThrow() / Arrays.stream(medians).min().orElseThrow())
        .as("medians in ns: %s", Arrays.toString(medians)).isLessThan(2.5);
    assertThat(store.asked).as("one look-up each").hasValue(3);
  }

  @Test
  void a_url_has_an_end_and_ends_with_it() {
    UrlSigner signer = signer("k1", "alice");
    String path = signer.sign("w:1", "local:///a.jpg", clock.instant().plusSeconds(60));

    assertThat(user(path)).isEqualTo("alice");
    clock.advance(Duration.ofSeconds(60));
    assertThat(reason(path)).isEqualTo(Reason.URL_EXPIRED);
    String endless = signer.sign("w:1", "local:///a.jpg");
    assertThat(reason(endless)).isEqualTo(Reason.IMAGE_FORBIDDEN);
    Result admitted = authenticator(SignedUrlAuthenticator.Endless.ADMITTED).authenticate(Requests.get(endless));
    assertThat(admitted).isInstanceOf(Result.Known.class);
  }

  @Test
  void a_key_that_may_not_be_used_signs_nothing() {
    UrlSigner signer = signer("k1", "alice");
    ApiKey key = store.keys.get("k1");
    String path = signer.sign("w:1", "local:///a.jpg", clock.instant().plusSeconds(600));

    assertThat(user(path)).isEqualTo("alice");
    change(key.withEnabled(false));
    assertThat(reason(path)).isEqualTo(Reason.KEY_DISABLED);
    change(key.withExpiresAt(Optional.of(clock.instant())));
    assertThat(reason(path)).isEqualTo(Reason.KEY_EXPIRED);
    change(key);
    assertThat(user(path)).isEqualTo("alice");
  }

  @Test
  void of_two_secrets_both_sign_until_one_is_deleted() {
    SigningSecrets.Issued first = issue("k1", "alice");
    SigningSecrets.Issued second = secrets.issue("k1").orElseThrow();
    String older = new UrlSigner("k1", first.secret()).sign("w:1", "a", clock.instant().plusSeconds(60));
    String newer = new UrlSigner("k1", second.secret()).sign("w:1", "a", clock.instant().plusSeconds(60));

    assertThat(secrets.issue("k1")).as("a third").isEmpty();
    assertThat(user(older)).isEqualTo("alice");
    assertThat(user(newer)).isEqualTo("alice");
    assertThat(secrets.signer("k1").orElseThrow().sign("w:1", "a", clock.instant().plusSeconds(60))).isEqualTo(newer);

    store.deleteSecret("k1", first.kept().id());
    cache.changed(KnownKeys.changeOf("alice"));
    assertThat(reason(older)).isEqualTo(Reason.SIGNATURE_INVALID);
    assertThat(user(newer)).isEqualTo("alice");
  }

  @Test
  void secrets_survive_a_change_of_the_pepper_and_then_need_the_older_one_no_more() {
    UrlSigner signer = signer("k1", "alice");
    String path = signer.sign("w:1", "a", clock.instant().plusSeconds(60));
    String sealed = store.all.get(0).sealed();

    become(new Peppers(NEWER, List.of(KnownKeys.PEPPER)));
    assertThat(user(path)).isEqualTo("alice");
    assertThat(store.all.get(0).version()).isEqualTo(2);
    assertThat(store.all.get(0).sealed()).isNotEqualTo(sealed);

    become(Peppers.of(NEWER));
    assertThat(user(path)).isEqualTo("alice");
    become(Peppers.of(KnownKeys.PEPPER));
    assertThat(reason(path)).as("without the pepper").isEqualTo(Reason.SIGNATURE_INVALID);
  }

  @Test
  void what_was_sealed_for_one_key_cannot_be_opened_for_another() {
    SigningSecrets.Issued issued = issue("k1", "alice");
    store.keys.put("k2", KnownKeys.key("k2", "bob"));
    store.all.add(new SigningSecret(
        issued.kept().id(), "k2", 1, issued.kept().sealed(), issued.kept().createdAt()));

    assertThat(reason(new UrlSigner("k2", issued.secret()).sign("w:1", "a", clock.instant().plusSeconds(60))))
        .isEqualTo(Reason.SIGNATURE_INVALID);
  }

  @Test
  void while_the_store_is_away_known_keys_are_known_and_others_cannot_be_judged() {
    UrlSigner signer = signer("k1", "alice");
    String path = signer.sign("w:1", "a", clock.instant().plusSeconds(7200));
    assertThat(user(path)).isEqualTo("alice");
    store.away = true;

    clock.advance(Duration.ofMinutes(30));
    assertThat(user(path)).isEqualTo("alice");
    assertThatThrownBy(() -> reason(forged("k2", 7200))).isInstanceOf(StoreException.class);
  }

  @Test
  void an_entry_that_is_due_is_looked_up_by_its_id_in_the_background() {
    UrlSigner signer = signer("k1", "alice");
    String path = signer.sign("w:1", "a", clock.instant().plusSeconds(600));
    assertThat(user(path)).isEqualTo("alice");
    store.keys.put("k1", KnownKeys.key("k1", "alice").withEnabled(false));

    clock.advance(Duration.ofSeconds(61));
    assertThat(user(path)).as("the request that finds it old does not wait").isEqualTo("alice");
    await().atMost(Duration.ofSeconds(5)).until(() ->
        authenticator().authenticate(Requests.get(path)) instanceof Result.Rejected);
  }

  @Test
  void nothing_shows_a_secret() {
    SigningSecrets.Issued issued = issue("k1", "alice");

    assertThat(issued.secret()).matches("gss_[0-9A-Za-z_-]{43}");
    assertThat(issued.toString()).doesNotContain(issued.secret()).doesNotContain(issued.kept().sealed());
    assertThat(issued.kept().toString()).doesNotContain(issued.kept().sealed());
    assertThat(issued.kept().sealed()).doesNotContain(issued.secret());
  }

  private SigningSecrets.Issued issue(String key, String user) {
    store.keys.put(key, KnownKeys.key(key, user));
    return secrets.issue(key).orElseThrow();
  }

  private UrlSigner signer(String key, String user) {
    return new UrlSigner(key, issue(key, user).secret());
  }

  private String forged(String key, long seconds) {
    return new UrlSigner(key, "a-secret-that-nobody-has-0123456789abcdef")
        .sign("w:1", "local:///a.jpg", clock.instant().plusSeconds(seconds));
  }

  private void change(ApiKey key) {
    store.keys.put(key.id(), key);
    cache.changed(KnownKeys.changeOf(key.user()));
  }

  private void become(Peppers peppers) {
    cache.close();
    cache = cache(new SigningSecrets(store, peppers, clock), 100);
  }

  private EntitlementCache cache(SigningSecrets signing, long size) {
    return new EntitlementCache(
        new KnownKeys().search(),
        Optional.of(signing),
        new EntitlementCache.Bounds(size, Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofHours(1)),
        clock.nanoTime());
  }

  private SignedUrlAuthenticator authenticator() {
    return authenticator(SignedUrlAuthenticator.Endless.REFUSED);
  }

  private SignedUrlAuthenticator authenticator(SignedUrlAuthenticator.Endless endless) {
    EntitlementRules rules = new EntitlementRules(KnownKeys::entitlementOf);
    KeyAuthenticator keys =
        new KeyAuthenticator(cache, rules, KnownKeys.PEPPER, text -> false, "", clock);
    return new SignedUrlAuthenticator("/i", cache, rules, KnownKeys.PEPPER, keys, endless, clock);
  }

  private String user(String target) {
    Result result = authenticator().authenticate(Requests.get(target));
    assertThat(result).isInstanceOf(Result.Known.class);
    return ((Result.Known) result).entitlement().subject().user();
  }

  private Reason reason(String target) {
    return ((Result.Rejected) authenticator().authenticate(Requests.get(target))).refusal().reason();
  }

  /** Counts what it is asked when a URL comes. */
  private static final class Secrets implements SigningSecretAdmin {
    private final Map<String, ApiKey> keys = new ConcurrentHashMap<>();
    private final List<SigningSecret> all = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean away;

    @Override
    public Optional<SigningKey> signingKey(String id) {
      asked.incrementAndGet();
      if (away) {
        throw new StoreException("away");
      }
      return Optional.ofNullable(keys.get(id)).map(key -> new SigningKey(key, secretsOf(id)));
    }

    @Override
    public List<SigningSecret> secretsOf(String key) {
      return all.stream().filter(secret -> secret.key().equals(key)).toList();
    }

    @Override
    public boolean addSecret(SigningSecret secret) {
      return secretsOf(secret.key()).size() < MOST_SECRETS && all.add(secret);
    }

    @Override
    public boolean deleteSecret(String key, String id) {
      return all.removeIf(secret -> secret.key().equals(key) && secret.id().equals(id));
    }

    @Override
    public boolean reseal(SigningSecret secret) {
      List<SigningSecret> resealed = new ArrayList<>(all);
      resealed.replaceAll(each -> each.id().equals(secret.id()) ? secret : each);
      all.clear();
      all.addAll(resealed);
      return true;
    }

    @Override
    public Map<Integer, Long> secretsByVersion() {
      return Map.of();
    }
  }
}
