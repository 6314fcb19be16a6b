package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretTest {

  @Test
  void a_secret_is_shown_only_when_it_is_revealed() {
    Secret secret = new Secret("hunter2");

    assertThat(secret).hasToString("******");
    assertThat(String.format("%s", secret)).isEqualTo("******");
    assertThat(secret.reveal()).isEqualTo("hunter2");
  }

  @Test
  void secrets_of_one_text_are_equal() {
    assertThat(new Secret("a")).isEqualTo(new Secret("a")).hasSameHashCodeAs(new Secret("a"));
    assertThat(new Secret("a")).isNotEqualTo(new Secret("b")).isNotEqualTo("a");
  }
}
