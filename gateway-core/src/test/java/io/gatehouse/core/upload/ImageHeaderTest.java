package io.gatehouse.core.upload;

import static io.gatehouse.core.upload.Headers.ascii;
import static io.gatehouse.core.upload.Headers.big;
import static io.gatehouse.core.upload.Headers.box;
import static io.gatehouse.core.upload.Headers.bytes;
import static io.gatehouse.core.upload.Headers.chunk;
import static io.gatehouse.core.upload.Headers.join;
import static io.gatehouse.core.upload.Headers.little;
import static io.gatehouse.core.upload.Headers.riff;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What headers say, and that nothing that anybody sends as one does more than be refused. */
class ImageHeaderTest {

  @Test
  void types_and_dimensions_are_found() throws Exception {
    for (Map.Entry<ImageType, byte[]> each : Headers.all().entrySet()) {
      ImageHeader header = read(each.getValue());

      assertThat(header.type()).isEqualTo(each.getKey());
      assertThat(header.width()).as(each.getKey().name()).isEqualTo(40);
      assertThat(header.height()).as(each.getKey().name()).isEqualTo(30);
    }
  }

  @Test
  void webp_has_three_kinds() throws Exception {
    byte[] lossy = riff(chunk("VP8 ", join(bytes(0, 0, 0, 0x9d, 0x01, 0x2a, 40, 0x40, 30, 0x80), new byte[10])));
    byte[] lossless = riff(chunk("VP8L", join(bytes(0x2f), little(39 | 29 << 14), new byte[9])));

    assertThat(read(lossy)).isEqualTo(new ImageHeader(ImageType.WEBP, 40, 30, 1));
    assertThat(read(lossless)).isEqualTo(new ImageHeader(ImageType.WEBP, 40, 30, 1));
    assertThat(read(Headers.webpCanvas(1 << 24, 1 << 24, 7)))
        .isEqualTo(new ImageHeader(ImageType.WEBP, 1 << 24, 1 << 24, 4));
  }

  @Test
  void frames_are_counted_as_far_as_they_are_of_interest() throws Exception {
    byte[] gif = join(
        ascii("GIF89a"), bytes(40, 0, 30, 0, 0x80, 0, 0), new byte[6],
        bytes(0x21, 0xf9, 4, 0, 0, 0, 0, 0),
        gifFrame(0, 0, 40, 30), gifFrame(10, 10, 40, 30), gifFrame(0, 0, 1, 1), bytes(0x3b));
    byte[] png = join(
        Arrays.copyOf(Headers.written("png"), 33), big(8), ascii("acTL"), big(5000), big(0), big(0), big(0),
        ascii("IDAT"), big(0));
    byte[] circle = join(ascii("MM"), bytes(0, 42), big(8), tiffDirectory(40, 30, 8));

    assertThat(read(gif)).as("a frame reaches beyond the screen").isEqualTo(new ImageHeader(ImageType.GIF, 50, 40, 3));
    assertThat(read(png)).isEqualTo(new ImageHeader(ImageType.PNG, 40, 30, 5000));
    assertThat(read(circle)).isEqualTo(new ImageHeader(ImageType.TIFF, 40, 30, 4));
  }

  @Test
  void dimensions_of_all_widths_of_jpeg_xl_are_read() throws Exception {
    byte[] eighths = join(bytes(0xff, 0x0a, 1 | 4 << 1 | 0 << 6), bytes(2 << 1), new byte[8]);
    byte[] ratio = join(bytes(0xff, 0x0a), little(29L << 3 | 3L << 12), new byte[8]);
    byte[] large = join(bytes(0xff, 0x0a), bytes(0b110, 0, 0, 0, 0), new byte[16]);
    byte[] boxed = join(
        box("JXL ", bytes(0x0d, 0x0a, 0x87, 0x0a)), box("ftyp", ascii("jxl "), new byte[4], ascii("jxl ")),
        box("jxlp", new byte[4], Headers.jxl(40, 30)));

    assertThat(read(eighths)).isEqualTo(new ImageHeader(ImageType.JXL, 24, 40, 1));
    assertThat(read(ratio)).isEqualTo(new ImageHeader(ImageType.JXL, 40, 30, 1));
    assertThat(read(large).height()).isEqualTo(1);
    assertThat(read(boxed)).isEqualTo(new ImageHeader(ImageType.JXL, 40, 30, 1));
  }

  @Test
  void what_a_jpeg_has_before_its_frame_is_passed_over() throws Exception {
    byte[] jpeg = Headers.written("jpg");
    byte[] profile = new byte[65_533];
    byte[] padded = join(Arrays.copyOf(jpeg, 2), bytes(0xff, 0xff, 0xe2, 0xff, 0xff), profile,
        bytes(0xff, 0xe2, 0xff, 0xff), profile, Arrays.copyOfRange(jpeg, 2, jpeg.length));

    assertThat(read(padded)).isEqualTo(new ImageHeader(ImageType.JPEG, 40, 30, 1));
  }

  @Test
  void bmp_has_old_headers_and_images_that_stand_on_their_head() throws Exception {
    byte[] core = join(ascii("BM"), new byte[12], little(12), bytes(40, 0, 30, 0), new byte[20]);
    byte[] upsideDown = join(ascii("BM"), new byte[12], little(40), little(40), little(-30), new byte[40]);

    assertThat(read(core)).isEqualTo(new ImageHeader(ImageType.BMP, 40, 30, 1));
    assertThat(read(upsideDown)).isEqualTo(new ImageHeader(ImageType.BMP, 40, 30, 1));
  }

  @Test
  void other_content_is_told_from_images() {
    for (String text : new String[] {"", "G", "<html>", "%PDF-1.7", "RIFF....WAVE", "....ftypisom", "BM"}) {
      assertThatThrownBy(() -> read(ascii(text))).as(text).isInstanceOfSatisfying(
          RefusedUpload.class, refused -> assertThat(refused.why()).isEqualTo(RefusedUpload.Why.TYPE));
    }
    for (String text : new String[] {"<svg/>", "\u00ef\u00bb\u00bf  <?xml version='1.0'?>", "<!-- --><svg>"}) {
      assertThatThrownBy(() -> read(ascii(text))).hasMessageContaining("SVG");
    }
  }

  @Test
  void images_without_pixels_are_broken() {
    assertThatThrownBy(() -> read(join(ascii("GIF89a"), bytes(0, 0, 0, 0, 0, 0, 0, 0x3b))))
        .isInstanceOf(RefusedUpload.class);
    assertThatThrownBy(() -> read(box("ftyp", ascii("avif"), new byte[4]))).hasMessageContaining("no pixels");
  }

  @Test
  void whatever_is_cut_off_or_changed_is_read_or_refused_within_bounds() throws Exception {
    Random random = new Random(20261124);
    for (byte[] good : Headers.all().values()) {
      for (int length = 0; length < Math.min(good.length, 700); length++) {
        readOrRefused(Arrays.copyOf(good, length));
      }
      for (int i = 0; i < 4_000; i++) {
        byte[] bad = good.clone();
        for (int change = random.nextInt(6); change >= 0; change--) {
          bad[random.nextInt(Math.min(bad.length, 300))] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt());
        }
        readOrRefused(bad);
      }
    }
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(600)];
      random.nextBytes(noise);
      readOrRefused(noise);
    }
  }

  @Test
  void a_header_that_leads_back_and_forth_is_given_up() {
    byte[] boxes = new byte[400_000];
    byte[] nested = join(box("ftyp", ascii("avif"), new byte[4]), big(boxes.length + 12), ascii("meta"), new byte[4]);
    for (int at = 0; at + 8 <= boxes.length; at += 8) {
      System.arraycopy(join(big(8), ascii("free")), 0, boxes, at, 8);
    }

    assertThatThrownBy(() -> read(join(nested, boxes))).hasMessageContaining("too many boxes");
  }

  private static void readOrRefused(byte[] content) throws IOException {
    long[] read = {0};
    try {
      ImageType type = ImageType.of(Arrays.copyOf(content, Math.min(content.length, ImageType.SNIFFED)));
      ImageHeader header = ImageHeader.read(type, new Content(counting(content, read), content.length), 3);
      assertThat(header.width()).isPositive();
      assertThat(header.height()).isPositive();
      assertThat(header.frames()).isPositive();
    } catch (RefusedUpload e) {
      assertThat(e.why()).isIn(RefusedUpload.Why.TYPE, RefusedUpload.Why.BROKEN);
    }
    assertThat(read[0]).isLessThanOrEqualTo(content.length / Content.PAGE + Content.SPARE);
  }

  private static Content.Source counting(byte[] content, long[] pages) {
    return (at, into) -> {
      pages[0]++;
      int count = (int) Math.max(0, Math.min(into.length, content.length - at));
      System.arraycopy(content, (int) at, into, 0, count);
      return count;
    };
  }

  private static ImageHeader read(byte[] content) throws IOException, RefusedUpload {
    ImageType type = ImageType.of(Arrays.copyOf(content, Math.min(content.length, ImageType.SNIFFED)));
    return ImageHeader.read(type, new Content(counting(content, new long[1]), content.length), 3);
  }

  private static byte[] gifFrame(int left, int top, int width, int height) {
    return join(bytes(0x2c, left, 0, top, 0, width, 0, height, 0, 0, 2), bytes(3, 1, 2, 3, 2, 1, 2, 0));
  }

  private static byte[] tiffDirectory(int width, int height, int next) {
    return join(
        bytes(0, 3), bytes(1, 0, 0, 3), big(1), bytes(0, width, 0, 0), bytes(1, 1, 0, 4), big(1), big(height),
        bytes(1, 2, 0, 3), big(1), big(0), big(next));
  }
}
