package io.gatehouse.core.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.core.image.ImgproxySigner.Pair;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImgproxySignerTest {

  private static final Pair FIRST = new Pair("test-key".getBytes(UTF_8), "test-salt".getBytes(UTF_8));
  private static final Pair SECOND = new Pair("test-key2".getBytes(UTF_8), "test-salt2".getBytes(UTF_8));

  /** Of imgproxy's documentation and examples. */
  private static final Pair EXAMPLE = Pair.ofHex(
      "943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881",
      "520f986b998545b4785e0defbc4f3c1203f22de2374a3d53cb7a7fe9fea309c5");

  @ParameterizedTest
  @CsvSource({
    "/fill/300/300/no/1/aHR0cDovL2ltZy5leGFtcGxlLmNvbS9wcmV0dHkvaW1hZ2UuanBn.png,"
        + " _PQ4ytCQMMp-1w1m_vP6g8Qb-Q7yF9mwghf6PddqxLw",
    "/rs:fill:300:300:1/g:no/aHR0cDovL2ltZy5leGFtcGxlLmNvbS9wcmV0dHkvaW1hZ2UuanBn.png,"
        + " cGLCtXhsgt6WN2feSwzbxOftfbLOdGZwi_iijYVyiIs",
  })
  void the_examples_of_imgproxy_are_signed_as_there(String path, String signature) {
    assertThat(new ImgproxySigner(List.of(EXAMPLE)).sign(path)).isEqualTo(signature);
  }

  @Test
  void the_cases_of_imgproxys_own_tests_hold() {
    ImgproxySigner both = new ImgproxySigner(List.of(FIRST, SECOND));

    assertThat(both.sign("/asd")).isEqualTo("oWaL7QoW5TsgbuiS9-5-DI8S3Ibbo1gdB2SteJh3a20");
    assertThat(both.verify("oWaL7QoW5TsgbuiS9-5-DI8S3Ibbo1gdB2SteJh3a20", "/asd")).isTrue();
    assertThat(both.verify("jYz1UZ7j1BCdSzH3pZhaYf0iuz0vusoOTdqJsUT6WXI", "/asd")).isTrue();
    assertThat(both.verify("dtLwhdnPPis", "/asd")).isFalse();
    assertThat(both.verify("oWaL7QoW5Ts", "/asd")).isFalse();
    assertThat(new ImgproxySigner(List.of(FIRST), 8).verify("oWaL7QoW5Ts", "/asd")).isTrue();
    assertThat(new ImgproxySigner(List.of(FIRST), 8).verify("oWaL7QoW5TsgbuiS9-5-DI8S3Ibbo1gdB2SteJh3a20", "/asd"))
        .isFalse();
  }

  @Test
  void a_path_is_verified_by_what_follows_its_signature() {
    ImgproxySigner signer = new ImgproxySigner(List.of(EXAMPLE));
    String path = signer.signed("/rs:fit:10/plain/http://e.com/a@png");

    assertThat(signer.verify(ImagePath.parse(path))).isTrue();
    assertThat(signer.verify(ImagePath.parse(path.replace("rs:fit:10", "rs:fit:11")))).isFalse();
    assertThat(signer.verify(ImagePath.parseUnsigned("/rs:fit:10/plain/http://e.com/a@png"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 3", "3, 4", "31, 42", "32, 43"})
  void signatures_are_cut_to_their_size(int bytes, int characters) {
    assertThat(new ImgproxySigner(List.of(FIRST), bytes).sign("/asd")).hasSize(characters);
  }

  @Test
  void no_mutation_of_a_signature_passes() {
    ImgproxySigner signer = new ImgproxySigner(List.of(FIRST, SECOND));
    String right = signer.sign("/asd");
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.";
    Random random = new Random(1);
    Set<String> mutants = new HashSet<>(List.of("", right + "=", right + "A", right.substring(1), " " + right));
    for (int i = 0; i < right.length(); i++) {
      for (char c : alphabet.toCharArray()) {
        mutants.add(right.substring(0, i) + c + right.substring(i + 1));
        mutants.add(right.substring(0, i) + c + right.substring(i));
      }
      int cut = random.nextInt(right.length());
      mutants.add(right.substring(0, cut));
      mutants.add(right.substring(cut) + right.substring(0, cut));
    }
    mutants.remove(right);

    assertThat(mutants).hasSizeGreaterThan(5000).noneMatch(mutant -> signer.verify(mutant, "/asd"));
  }

  @Test
  void keys_and_salts_are_not_shown() {
    assertThat(EXAMPLE).hasToString("Pair[...]");
    assertThatIllegalArgumentException().isThrownBy(() -> Pair.ofHex("943b421cxy", "52"))
        .withMessage("key: 10 characters (expected: an even number of hexadecimal digits)").withNoCause();
    assertThatIllegalArgumentException().isThrownBy(() -> Pair.ofHex("94", "5"))
        .withMessageStartingWith("salt: 1 characters");
    assertThatIllegalArgumentException().isThrownBy(() -> Pair.ofHex("", "5234")).withMessageStartingWith("key: empty");
  }

  @Test
  void sizes_and_pairs_are_checked() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ImgproxySigner(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new ImgproxySigner(List.of(FIRST), 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new ImgproxySigner(List.of(FIRST), 33))
        .withMessage("size: 33 (expected: 1 to 32)");
  }
}
