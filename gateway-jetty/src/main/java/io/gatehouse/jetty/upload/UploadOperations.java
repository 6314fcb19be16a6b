package io.gatehouse.jetty.upload;

import static io.gatehouse.jetty.api.Operation.Parameter.optional;
import static io.gatehouse.jetty.api.Operation.read;
import static io.gatehouse.jetty.api.Operation.store;

import io.gatehouse.core.settings.UploadSettings;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What whoever sends an API key can do with images of their own, and the documents of it. The only list of it. */
public final class UploadOperations {

  private static final String PATH = "upload";

  public static final List<Operation> ALL =
      List.of(
          store("upload", "POST", PATH, "Stores an image: as the body, or as the one file of a form")
              .takes("Image")
              .answers(200, "UploadWithUrls")
              .answers(201, "UploadWithUrls")
              .mayFail(
                  "content-too-large", "unsupported-media-type", "image-unreadable", "image-too-large",
                  "storage-quota-exceeded", "uploads-full", "request-timeout", "bad-request"),
          read("listUploads", PATH, "Lists the images of the user, newest first")
              .byKeys("")
              .query(
                  optional("after", Schema.text(), "The `next` of the answer before."),
                  optional(
                      "limit", Schema.count(1, Page.LARGEST), "How many rows at the most; otherwise " + Page.USUAL + "."))
              .answers(200, "Uploads"),
          read("showUpload", PATH + "/{id}", "Shows an image of the user").byKeys("").answers(200, "Upload"),
          store("deleteUpload", "DELETE", PATH + "/{id}", "Deletes an image of the user").answers(204, ""));

  public static final Map<String, Schema> SCHEMAS = schemas();

  private UploadOperations() {}

  private static Map<String, Schema> schemas() {
    Map<String, Schema> all = new LinkedHashMap<>();
    all.put(
        "Image",
        Schema.text().saying("The bytes of an image: JPEG, PNG, GIF, WebP, AVIF, HEIC, JPEG XL, BMP or TIFF."));
    all.put("Upload", upload());
    all.put(
        "UploadWithUrls",
        upload()
            .may(
                "urls",
                Schema.texts(UploadSettings.MOST_URLS)
                    .saying("Signed URLs of it, by the names of `upload.urls`; absent when there are none."))
            .may("urls_expire_at", Schema.text("date-time").saying("When they are worth nothing any more.")));
    all.put(
        "Uploads",
        Schema.object().has("uploads", Schema.list(Schema.ref("Upload"))).has("next", Schema.text().orNull()));
    return all;
  }

  private static Schema upload() {
    return Schema.object()
        .has("id", Schema.text())
        .has("source", Schema.text("uri").saying("As imgproxy reads it: `local:///…` or `s3://…`."))
        .has("bytes", Schema.count())
        .has("type", Schema.text().saying("As found in the content: `image/jpeg`."))
        .has("width", Schema.count(1, Integer.MAX_VALUE))
        .has("height", Schema.count(1, Integer.MAX_VALUE))
        .has("sha256", Schema.pattern("^[0-9a-f]{64}$"))
        .has("created_at", Schema.text("date-time"));
  }
}
