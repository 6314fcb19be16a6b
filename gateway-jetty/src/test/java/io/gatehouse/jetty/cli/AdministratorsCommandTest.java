package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.admin.AuditLog.Question;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.core.setup.Stores;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdministratorsCommandTest {

  @TempDir Path directory;
  private Shell shell;

  @BeforeEach
  void open() {
    shell = new Shell(directory);
  }

  @Test
  void an_administrator_is_made_listed_and_revoked() {
    Shell.Result made = shell.run("administrators", "create", "Olga", "--role", "operator");
    String token = made.out().strip();
    JsonNode listed = shell.json("administrators", "list").get("administrators").get(0);

    assertThat(made.exit()).isZero();
    assertThat(made.err()).contains("Administrator Olga is made", "only this once");
    assertThat(token).matches("gatehouse_admin_[0-9A-Za-z]{48}");
    assertThat(listed.get("role").textValue()).isEqualTo("operator");
    assertThat(token).startsWith(listed.get("start").textValue());
    assertThat(shell.run("administrators", "list").out()).contains("Olga  operator  -").doesNotContain(token);

    String id = listed.get("id").textValue();
    String second = shell.run("administrators", "rotate", id).out().strip();
    assertThat(second).matches("gatehouse_admin_[0-9A-Za-z]{48}").isNotEqualTo(token);
    assertThat(shell.run("administrators", "revoke", id).err()).contains("Administrator Olga is none any more.");
    assertThat(shell.run("administrators", "list").err()).contains("There are no administrators in the store.");
    assertThat(shell.run("administrators", "revoke", id).err()).contains("there is no administrator with the id " + id);
  }

  @Test
  void a_role_that_does_not_fit_is_refused() {
    assertThat(shell.run("administrators", "create", "x", "--role", "root").exit()).isEqualTo(2);
    assertThat(shell.run("administrators", "create", "x", "--role", "tenant").err()).contains("tenant: missing");
    assertThat(shell.run("administrators", "create", "x", "--role", "owner", "--tenant", "acme").exit()).isEqualTo(1);
    assertThat(shell.json("administrators", "create", "x", "--role", "tenant", "--tenant", "acme").get("tenant").textValue())
        .isEqualTo("acme");
  }

  @Test
  void whatever_a_command_changes_is_in_the_audit_log() {
    JsonNode user = shell.json("users", "create", "ann");
    JsonNode key = shell.json("keys", "create", "--user", "ann");
    shell.json("keys", "disable", key.get("id").textValue());
    shell.json("keys", "enable", key.get("id").textValue());
    shell.json("keys", "rotate", key.get("id").textValue());
    shell.json("keys", "revoke", key.get("id").textValue());
    shell.json("users", "disable", "ann");
    shell.json("users", "delete", "ann");
    shell.run("users", "delete", "nobody");
    shell.run("keys", "create", "--user", "nobody");

    List<AuditRecord> records = audit();

    assertThat(records)
        .extracting(AuditRecord::operation)
        .containsExactlyInAnyOrder(
            "addUser", "addKey", "changeKey", "changeKey", "rotateKey", "rotateKey", "deleteKey", "changeUser",
            "deleteUser");
    assertThat(records).extracting(AuditRecord::administrator).containsOnly("command-line");
    assertThat(records.toString()).doesNotContain(key.get("key").textValue());
    assertThat(records)
        .filteredOn(record -> record.operation().equals("deleteUser"))
        .singleElement()
        .satisfies(record -> {
          assertThat(record.object()).isEqualTo("users/" + user.get("id").textValue());
          assertThat(record.before()).contains("\"name\":\"ann\"", "\"enabled\":false");
          assertThat(record.after()).isEmpty();
        });
  }

  private List<AuditRecord> audit() {
    Map<String, String> environment = Map.of("GATEHOUSE_DATA_DIR", directory.resolve("data").toString());
    try (Stores stores =
        Stores.open(SettingsReader.read(Optional.empty(), environment).settings(), InstantSource.system())) {
      return stores.audit().newest(Question.between(Shell.NOW, Shell.NOW.plusSeconds(1)), 99);
    }
  }
}
