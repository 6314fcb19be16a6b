package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.core.key.Pepper;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.key.User;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoresTest {

  @TempDir Path directory;

  @Test
  void what_was_made_is_there_when_the_stores_are_opened_again() {
    try (Stores stores = Stores.open(settings(), InstantSource.system())) {
      stores.users().addUser(new User("u1", "alice", true, Instant.ofEpochMilli(5)));
      stores.issuer().issue("u1", "laptop", Set.of(), Optional.empty());
    }

    try (Stores stores = Stores.open(settings(), InstantSource.system())) {
      assertThat(stores.users().userNamed("Alice")).isPresent();
      assertThat(stores.keys().keysOf("u1")).hasSize(1);
      assertThat(stores.databaseName()).contains("gatehouse.db");
    }
  }

  @Test
  void secrets_are_made_once_and_for_their_user_only() throws Exception {
    DataDirectory data = new DataDirectory(directory.resolve("data"));

    DataDirectory.Kept first = data.secret(DataDirectory.ADMIN_TOKEN);
    DataDirectory.Kept second = data.secret(DataDirectory.ADMIN_TOKEN);

    assertThat(first.fresh()).isTrue();
    assertThat(second.fresh()).isFalse();
    assertThat(second.secret()).isEqualTo(first.secret()).hasSize(64);
    assertThat(first.toString()).doesNotContain(first.secret());
    Path file = data.resolve(DataDirectory.ADMIN_TOKEN);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent()))).isEqualTo("rwx------");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).as("nothing half-made is left behind").containsExactly(file);
    }
  }

  @Test
  void processes_that_start_at_once_agree_on_a_secret() throws Exception {
    Set<String> secrets = new ConcurrentSkipListSet<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread = new Thread(() -> secrets.add(new DataDirectory(directory.resolve("data")).secret("pepper").secret()));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(secrets).hasSize(1);
  }

  @Test
  void a_secret_file_that_was_cut_short_is_not_taken_for_a_secret() throws Exception {
    Files.writeString(directory.resolve("pepper"), "short");

    assertThatThrownBy(() -> new DataDirectory(directory).secret("pepper"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("pepper")
        .hasMessageContaining("expected: 16 or more")
        .hasMessageNotContaining("short:");
  }

  @Test
  void a_node_with_another_pepper_notices_instead_of_refusing_every_key() throws Exception {
    Stores.open(settings(), InstantSource.system()).close();
    Files.delete(directory.resolve("pepper"));

    assertThatThrownBy(() -> Stores.open(settings(), InstantSource.system()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("another pepper")
        .hasMessageContaining("GATEHOUSE_AUTH_PEPPER");
  }

  @Test
  void a_further_pepper_is_made_beside_the_first_and_both_are_looked_under() throws Exception {
    try (Stores first = Stores.open(settings(), InstantSource.system())) {
      assertThat(first.peppers().all()).extracting(Pepper::version).containsExactly(1);
    }
    Settings second = settings("GATEHOUSE_AUTH_PEPPER_VERSION", "2");

    try (Stores stores = Stores.open(second, InstantSource.system())) {
      assertThat(stores.peppers().all()).extracting(Pepper::version).containsExactly(2, 1);
    }
    assertThat(Files.readString(directory.resolve("pepper-2")).strip())
        .matches("[0-9a-f]{64}").isNotEqualTo(Files.readString(directory.resolve("pepper")).strip());
    try (Stores again = Stores.open(settings(), InstantSource.system())) {
      assertThat(again.peppers().all()).extracting(Pepper::version).containsExactly(1, 2);
    }
  }

  @Test
  void peppers_of_the_settings_are_those_that_are_looked_under() {
    Settings settings = settings(
        "GATEHOUSE_AUTH_PEPPER", "c".repeat(32),
        "GATEHOUSE_AUTH_PEPPER_VERSION", "3",
        "GATEHOUSE_AUTH_OTHER_PEPPERS", "1:" + "a".repeat(32) + ", 2:" + "b".repeat(40));

    try (Stores stores = Stores.open(settings, InstantSource.system())) {
      assertThat(stores.peppers().all()).extracting(Pepper::version).containsExactly(3, 2, 1);
      assertThat(stores.peppers().inUse().fingerprint())
          .isEqualTo(new Pepper(3, "c".repeat(32).getBytes(StandardCharsets.UTF_8)).fingerprint());
    }
    assertThat(directory.resolve("pepper")).doesNotExist();
  }

  @Test
  void a_node_with_another_older_pepper_notices() throws Exception {
    Stores.open(settings("GATEHOUSE_AUTH_PEPPER_VERSION", "2"), InstantSource.system()).close();
    Stores.open(settings(), InstantSource.system()).close();
    Files.writeString(directory.resolve("pepper-2"), "x".repeat(64));

    assertThatThrownBy(() -> Stores.open(settings(), InstantSource.system()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("another pepper 2")
        .hasMessageContaining("pepper-2 of its data directory")
        .hasMessageNotContaining("xxxx");
  }

  private Settings settings(String... more) {
    Map<String, String> environment = new HashMap<>(Map.of("GATEHOUSE_DATA_DIR", directory.toString()));
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return SettingsReader.read(Optional.empty(), environment).settings();
  }
}
