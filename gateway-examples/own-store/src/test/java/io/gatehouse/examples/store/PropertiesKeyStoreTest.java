package io.gatehouse.examples.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.contract.KeyStoreContract;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PropertiesKeyStoreTest extends KeyStoreContract {

  private static final KeyDigest DIGEST = new KeyDigest(1, 1, 2, 3, 4);
  private static final ApiKey KEY =
      new ApiKey(
          "k1", "alice", "Zoë's = : # key", "", Set.of("GET /a,b", "POST"), true, Instant.EPOCH, Optional.empty(),
          Optional.empty());

  @TempDir Path temporary;

  @Override
  protected KeyStore storeOf(Map<KeyDigest, ApiKey> keys) {
    PropertiesKeyStore store = new PropertiesKeyStore(directory());
    keys.forEach(store::put);
    return store;
  }

  @Override
  protected boolean breakStore() throws IOException {
    Files.move(directory(), temporary.resolve("away"));
    return true;
  }

  @Override
  protected void mendStore() throws IOException {
    Files.move(temporary.resolve("away"), directory());
  }

  @Test
  void a_key_is_there_after_a_restart_and_follows_what_an_editor_changes() throws IOException {
    new PropertiesKeyStore(directory()).put(DIGEST, KEY);
    PropertiesKeyStore store = new PropertiesKeyStore(directory());
    assertThat(store.find(DIGEST)).contains(KEY);

    edit("enabled=true", "enabled=false");

    assertThat(store.find(DIGEST)).contains(KEY.withEnabled(false));
  }

  @Test
  void a_key_that_is_put_again_replaces_the_old_one_and_leaves_nothing_behind() throws IOException {
    PropertiesKeyStore store = new PropertiesKeyStore(directory());
    store.put(DIGEST, KEY);
    store.put(DIGEST, KEY.withExpiresAt(Optional.of(Instant.EPOCH.plusSeconds(9))));

    assertThat(store.find(DIGEST)).contains(KEY.withExpiresAt(Optional.of(Instant.EPOCH.plusSeconds(9))));
    try (var files = Files.list(directory())) {
      assertThat(files).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"enabled=true, enabled=yes", "id=k1, id=", "user=alice, owner=alice", "created=1970, created=once"})
  void a_slip_of_the_pen_is_a_store_that_cannot_answer_and_never_another_key(String old, String slip)
      throws IOException {
    PropertiesKeyStore store = new PropertiesKeyStore(directory());
    store.put(DIGEST, KEY);

    edit(old, slip);

    assertThatThrownBy(() -> store.find(DIGEST)).isInstanceOf(StoreException.class).hasMessageContaining(DIGEST.hex());
  }

  @Test
  void a_key_that_cannot_be_kept_is_an_error_that_names_it() throws IOException {
    PropertiesKeyStore store = new PropertiesKeyStore(directory());
    breakStore();

    assertThatThrownBy(() -> store.put(DIGEST, KEY)).isInstanceOf(StoreException.class).hasMessageContaining("k1");
  }

  private Path directory() {
    return temporary.resolve("keys");
  }

  private void edit(String old, String fresh) throws IOException {
    Path file = directory().resolve("1-" + DIGEST.hex() + ".properties");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).anyMatch(line -> line.startsWith(old));
    Files.write(file, lines.stream().map(line -> line.startsWith(old) ? fresh : line).toList());
  }
}
