package io.gatehouse.core.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever tenants and users are called, their objects stay below the root and apart. */
class ObjectNameTest {

  @TempDir Path root;

  @Test
  void folders_are_apart_and_below_the_root_whatever_they_are_called() throws Exception {
    List<String> names = List.of(
        "acme", "Acme", "..", ".", ".incoming", "../x", "a/b", "/etc", "~acme", "~~acme", "a\0b", "", " ", "C:\\x", "ä",
        "x".repeat(1000));
    Set<String> folders = new HashSet<>();
    byte[] sha256 = new byte[32];
    try (LocalObjects objects = LocalObjects.open(root)) {
      for (String name : names) {
        for (String folder : List.of(
            ObjectName.folder(Optional.of(name), "user"), ObjectName.folder(Optional.empty(), name))) {
          assertThat(folders.add(folder)).as(folder).isTrue();
          String object = ObjectName.of(folder, sha256, ImageType.PNG);
          Path content = Files.write(objects.incoming().resolve("a"), new byte[] {1});
          objects.put(content, new ObjectStore.Incoming(object, 1, "00".repeat(32), "image/png"));

          assertThat(root.resolve(object)).exists();
          assertThat(root.relativize(root.resolve(object).toRealPath()).getNameCount()).isEqualTo(3);
          objects.delete(object);
          objects.delete(object);
          assertThat(root.resolve(object)).doesNotExist();
        }
      }
    }
  }

  @Test
  void nothing_else_becomes_a_path() throws Exception {
    String hex = "ab".repeat(32);
    try (LocalObjects objects = LocalObjects.open(root)) {
      for (String name : List.of(
          "../ab/" + hex + ".png", "acme/../" + hex + ".png", "acme/ab/" + hex, "acme/ab/../x.png", "/acme/ab/" + hex + ".png",
          ".incoming/ab/" + hex + ".png", "")) {
        assertThatThrownBy(() -> objects.delete(name)).as(name).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> objects.source(name)).isInstanceOf(IllegalArgumentException.class);
      }
    }
  }
}
