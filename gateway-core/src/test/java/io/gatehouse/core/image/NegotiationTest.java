package io.gatehouse.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.image.Negotiation.Accept;
import io.gatehouse.core.image.Negotiation.Hints;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NegotiationTest {

  private static final ImagePolicy POLICY = ImagePolicy.builder().build();
  private static final Requests PHONE = Requests.get("/i")
      .with("Accept", "image/avif;q=0.9, image/jxl", "image/webp")
      .with("Sec-CH-DPR", "2.6").with("DPR", "1").with("Width", "700").with("Viewport-Width", "9000");

  @Test
  void imgproxy_gets_formats_in_one_order_and_no_hints_unless_it_heeds_them() {
    ImageHints hints = Negotiation.DEFAULT.asked(PHONE::headers, POLICY);

    assertThat(Negotiation.DEFAULT.fields(hints)).isEqualTo(Map.of(
        "Accept", "image/avif,image/webp,image/jxl", "DPR", "", "Width", "", "Sec-CH-DPR", "", "Sec-CH-Width", "",
        "Viewport-Width", "", "Sec-CH-Viewport-Width", ""));
  }

  @Test
  void hints_go_under_the_names_that_all_versions_read() {
    Negotiation heeding = new Negotiation(Accept.NORMALIZED, Set.of(), Hints.HEEDED);

    assertThat(heeding.fields(heeding.asked(PHONE::headers, POLICY)))
        .containsEntry("DPR", "3").containsEntry("Width", "800").containsEntry("Sec-CH-DPR", "").containsEntry("Accept", "");
  }

  @Test
  void formats_are_those_that_imgproxy_chooses_and_the_policy_allows() {
    Negotiation two = new Negotiation(Accept.NORMALIZED, Set.of(ImageFormat.AVIF, ImageFormat.WEBP), Hints.IGNORED);
    ImagePolicy frugal = ImagePolicy.builder().formats(Set.of(ImageFormat.JPEG, ImageFormat.WEBP, ImageFormat.JXL)).build();

    assertThat(two.asked(PHONE::headers, POLICY).formats()).containsExactly(ImageFormat.AVIF, ImageFormat.WEBP);
    assertThat(two.asked(PHONE::headers, frugal).formats()).containsExactly(ImageFormat.WEBP);
    assertThat(Negotiation.DEFAULT.asked(Requests.get("/i")::headers, POLICY)).isEqualTo(ImageHints.NONE);
  }

  @Test
  void accept_may_pass_as_it_was_sent_which_hints_may_not() {
    Negotiation passing = new Negotiation(Accept.AS_SENT, Set.of(), Hints.IGNORED);

    assertThat(passing.fields(passing.asked(PHONE::headers, POLICY)).keySet())
        .containsAll(List.of("DPR", "Width")).doesNotContain("Accept");
  }
}
