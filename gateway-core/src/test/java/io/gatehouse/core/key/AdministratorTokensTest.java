package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdministratorTokensTest {

  private final Pepper old = pepper(1);
  private final Pepper fresh = pepper(2);

  @Test
  void a_token_is_found_while_there_is_the_pepper_that_it_was_made_with() {
    AdministratorTokens.Issued issued = new AdministratorTokens(Peppers.of(old)).issue();

    AdministratorTokens later = new AdministratorTokens(new Peppers(fresh, List.of(old)));

    assertThat(later.digests(issued.token())).containsExactly(fresh.digest(issued.token()), issued.digest());
    assertThat(later.issue().digest().version()).isEqualTo(2);
    assertThat(new AdministratorTokens(Peppers.of(fresh)).digests(issued.token())).doesNotContain(issued.digest());
  }

  @Test
  void what_cannot_be_a_token_has_no_digest() {
    AdministratorTokens tokens = new AdministratorTokens(Peppers.of(fresh));

    assertThat(tokens.digests(new KeyFormat("gk", "live").mint())).isEmpty();
    assertThat(tokens.digests("")).isEmpty();
    assertThat(tokens.issue().toString()).doesNotContain("token");
  }

  private static Pepper pepper(int version) {
    return new Pepper(version, String.valueOf(version).repeat(32).getBytes(StandardCharsets.US_ASCII));
  }
}
