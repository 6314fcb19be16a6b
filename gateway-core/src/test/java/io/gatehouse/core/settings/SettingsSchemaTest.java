package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SettingsSchemaTest {

  @Test
  void every_setting_is_described_in_its_place_and_nothing_else_is_allowed() throws IOException {
    JsonNode schema = new JsonMapper().readTree(SettingsSchema.json());

    assertThat(schema.path("$schema").asText()).isEqualTo("https://json-schema.org/draft/2020-12/schema");
    for (Setting<?> setting : Catalog.all()) {
      JsonNode at = schema;
      for (String name : setting.path().split("\\.")) {
        JsonNode group = at.path("anyOf").path(1).has("properties") ? at.path("anyOf").path(1) : at;
        assertThat(group.path("additionalProperties").asBoolean(true)).as(setting.path()).isFalse();
        at = group.path("properties").path(name.replace("[]", ""));
        at = name.endsWith("[]") ? at.path("items") : at;
      }
      assertThat(at.path("description").asText()).isEqualTo(setting.meaning());
    }
  }

  @Test
  void ranges_choices_defaults_and_what_is_required_are_told() throws IOException {
    JsonNode schema = new JsonMapper().readTree(SettingsSchema.json());
    JsonNode port = schema.at("/properties/server/properties/port");

    assertThat(port.at("/anyOf/0").toString()).isEqualTo("{\"type\":\"integer\",\"minimum\":0,\"maximum\":65535}");
    assertThat(port.at("/anyOf/1/$ref").asText()).isEqualTo("#/$defs/placeholder");
    assertThat(port.path("default").asInt()).isEqualTo(8080);
    assertThat(schema.at("/properties/auth/properties/required/default").asBoolean()).isTrue();
    assertThat(schema.at("/properties/database/properties/driver/anyOf/0/enum").toString())
        .isEqualTo("[\"sqlite\",\"postgres\"]");
    assertThat(schema.at("/properties/backends/items/required").toString()).isEqualTo("[\"url\"]");
  }
}
