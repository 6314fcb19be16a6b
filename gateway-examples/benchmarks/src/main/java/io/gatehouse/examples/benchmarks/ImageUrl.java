package io.gatehouse.examples.benchmarks;

import io.gatehouse.core.image.ImageOptions;
import io.gatehouse.core.image.ImagePath;
import io.gatehouse.core.image.ImagePolicy;
import io.gatehouse.core.image.ImageRewriter;
import io.gatehouse.core.image.ImgproxySigner;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One path of imgproxy, as a page has hundreds of: read, judged by a tenant's policy, written anew and signed. */
@State(Scope.Benchmark)
public class ImageUrl extends Timed {

  private final ImgproxySigner signer = new ImgproxySigner(List.of(ImgproxySigner.Pair.ofHex(
      "943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881",
      "520f986b998545b4785e0defbc4f3c1203f22de2374a3d53cb7a7fe9fea309c5")));
  private final ImageRewriter rewriter = ImageRewriter.signing(signer);

  private final ImagePolicy policy = ImagePolicy.builder()
      .sources("local:///tenants/acme/", "s3://pictures/acme/", "https://cdn.acme.example", "https://img.example.com/photos")
      .presets(Map.of("thumb", ImageOptions.parse("rs:fill:200:200/g:sm/q:75")))
      .imposed(ImageOptions.parse("msr:50/maf:1"))
      .build();

  private String plain =
      "/rs:fill:640:480:0/dpr:2/q:80/plain/https://img.example.com/photos/2026/11/24/curiosity.jpg%3Fv=3@webp";
  private String encoded = "/pr:thumb/aHR0cHM6Ly9pbWcuZXhhbXBsZS5jb20vcGhvdG9zLzIwMjYvMTEvMjQvY3VyaW9zaXR5LmpwZw.webp";

  @Benchmark
  public ImageRewriter.Result gatehouse() {
    return rewriter.rewrite(plain, policy);
  }

  @Benchmark
  public ImageRewriter.Result gatehousePreset() {
    return rewriter.rewrite(encoded, policy);
  }

  @Benchmark
  public ImagePath readOnly() {
    return ImagePath.parseUnsigned(plain);
  }

  @Benchmark
  public String signOnly() {
    return signer.sign(plain);
  }
}
