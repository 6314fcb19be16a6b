package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.upload.Upload;
import io.gatehouse.upload.UploadStore;
import io.gatehouse.upload.UploadStore.After;
import io.gatehouse.upload.UploadStore.Condemned;
import io.gatehouse.upload.UploadStore.Placement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link UploadStore} keeps. */
public abstract class UploadStoreContract extends StoreContract {

  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract UploadStore uploads();

  /** Makes a user with this id. */
  protected abstract void addUser(String id);

  @Test
  void an_upload_is_shown_when_it_is_stored_and_not_before() {
    Upload upload = upload(fresh("user"), object(), NOON);
    uploads().begin(upload.id(), upload.user(), upload.key(), "start", NOON);
    uploads().reserve(upload.id(), 1000);
    assertThat(uploads().upload(upload.user(), upload.id())).isEmpty();

    assertThat(uploads().place(upload)).isEqualTo(new Placement.Granted());
    assertThat(uploads().upload(upload.user(), upload.id())).isEmpty();
    assertThat(uploads().uploads(upload.user(), Optional.empty(), 10)).isEmpty();

    uploads().stored(upload.id());
    assertThat(uploads().upload(upload.user(), upload.id())).contains(upload);
    assertThat(uploads().upload(fresh("other"), upload.id())).isEmpty();
    assertThat(uploads().uploads(upload.user(), Optional.empty(), 10)).containsExactly(upload);
  }

  @Test
  void pages_go_from_the_newest_to_the_oldest() {
    String user = fresh("user");
    List<Upload> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(0, store(upload(user, object(), NOON.plusMillis(i / 2))));
    }

    List<Upload> told = new ArrayList<>();
    Optional<After> after = Optional.empty();
    for (List<Upload> page = uploads().uploads(user, after, 2);
        !page.isEmpty();
        page = uploads().uploads(user, after, 2)) {
      told.addAll(page);
      Upload last = page.get(page.size() - 1);
      after = Optional.of(new After(last.createdAt(), last.id()));
    }

    assertThat(told).containsExactlyInAnyOrderElementsOf(all);
    assertThat(told).isSortedAccordingTo((a, b) -> b.createdAt().compareTo(a.createdAt()));
  }

  @Test
  void the_same_object_of_a_user_is_known_and_that_of_another_is_placed_beside() {
    Upload first = store(upload(fresh("user"), object(), NOON));
    Upload again = begun(upload(first.user(), first.object(), NOON));
    Upload beside = begun(upload(fresh("user"), first.object(), NOON));

    assertThat(uploads().place(again)).isEqualTo(new Placement.Known(first));
    assertThat(uploads().place(beside)).isEqualTo(new Placement.Granted());
  }

  @Test
  void an_object_that_is_being_put_for_the_same_user_or_deleted_is_busy() {
    Upload first = begun(upload(fresh("user"), object(), NOON));
    uploads().place(first);
    Upload again = begun(upload(first.user(), first.object(), NOON));
    assertThat(uploads().place(again)).isEqualTo(new Placement.Busy());

    uploads().stored(first.id());
    uploads().condemn(first.user(), first.id(), "start");
    Upload other = begun(upload(fresh("user"), first.object(), NOON));
    assertThat(uploads().place(other)).isEqualTo(new Placement.Busy());
    assertThat(uploads().place(again)).isEqualTo(new Placement.Busy());

    uploads().forget(first.id());
    assertThat(uploads().place(other)).isEqualTo(new Placement.Granted());
  }

  @Test
  void an_object_is_deleted_with_the_last_who_needs_it() {
    Upload one = store(upload(fresh("user"), object(), NOON));
    Upload two = store(upload(fresh("user"), one.object(), NOON));
    Upload three = begun(upload(fresh("user"), one.object(), NOON));
    uploads().place(three);

    assertThat(uploads().condemn(two.user(), one.id(), "start")).as("of somebody else").isEmpty();
    assertThat(uploads().condemn(one.user(), one.id(), "start")).contains(condemned(one, Optional.empty()));
    assertThat(uploads().condemn(one.user(), one.id(), "start")).as("again").isEmpty();
    assertThat(uploads().upload(one.user(), one.id())).isEmpty();
    assertThat(uploads().abandon(three.id(), "start")).contains(condemned(three, Optional.empty()));
    assertThat(uploads().condemn(two.user(), two.id(), "start")).contains(condemned(two, Optional.of(two.object())));
  }

  @Test
  void what_is_abandoned_says_what_is_charged_and_what_is_to_be_deleted() {
    Upload arriving = begun(upload(fresh("user"), object(), NOON));
    uploads().reserve(arriving.id(), 4711);
    Upload placed = begun(upload(fresh("user"), object(), NOON));
    uploads().place(placed);
    Upload stored = store(upload(fresh("user"), object(), NOON));

    assertThat(uploads().bytesOf(arriving.user())).isEqualTo(4711);
    assertThat(uploads().bytesOf(stored.user())).isEqualTo(100);
    assertThat(uploads().bytesOf(fresh("user"))).isZero();
    assertThat(uploads().abandon(arriving.id(), "start"))
        .contains(new Condemned(arriving.id(), arriving.user(), 4711, Optional.empty()));
    assertThat(uploads().abandon(placed.id(), "start")).contains(condemned(placed, Optional.of(placed.object())));
    assertThat(uploads().abandon(placed.id(), "start"))
        .as("by who goes on with it")
        .contains(condemned(placed, Optional.of(placed.object())));
    assertThat(uploads().abandon(stored.id(), "start")).isEmpty();
    uploads().forget(placed.id());
    assertThat(uploads().abandon(placed.id(), "start")).isEmpty();
    assertThat(uploads().upload(stored.user(), stored.id())).contains(stored);
  }

  @Test
  void what_is_unfinished_is_found_by_its_start_or_its_age() {
    String start = fresh("start");
    Upload arriving = upload(fresh("user"), object(), NOON);
    uploads().begin(arriving.id(), arriving.user(), arriving.key(), start, NOON);
    Upload stored = upload(fresh("user"), object(), NOON.plusSeconds(1));
    uploads().begin(stored.id(), stored.user(), stored.key(), start, NOON.plusSeconds(1));
    uploads().place(stored);
    uploads().stored(stored.id());
    Upload condemned = store(upload(fresh("user"), object(), NOON.plusSeconds(2)));
    uploads().condemn(condemned.user(), condemned.id(), start);

    assertThat(uploads().unfinished(List.of(start), Instant.EPOCH, 10)).containsExactly(arriving.id(), condemned.id());
    assertThat(uploads().unfinished(List.of(start), Instant.EPOCH, 1)).containsExactly(arriving.id());
    assertThat(uploads().unfinished(List.of(), Instant.EPOCH, 10)).isEmpty();
    assertThat(uploads().unfinished(List.of(fresh("start")), NOON.plusMillis(1), 1000))
        .contains(arriving.id())
        .doesNotContain(condemned.id(), stored.id());
  }

  @Test
  void uploads_of_users_who_are_gone_are_found() {
    String user = fresh("user");
    addUser(user);
    Upload kept = store(upload(user, object(), NOON));
    Upload left = store(upload(fresh("gone"), object(), NOON));

    assertThat(uploads().ownerless(100_000)).contains(left).doesNotContain(kept);
  }

  @Test
  void of_many_who_place_one_object_for_one_user_one_may() {
    String user = fresh("user");
    String object = object();

    long granted = Crowd.sum(8, 1, (thread, round) ->
        uploads().place(begun(upload(user, object, NOON))) instanceof Placement.Granted ? 1 : 0);

    assertThat(granted).isEqualTo(1);
  }

  @Test
  void a_store_that_is_away_says_so() throws Exception {
    Upload upload = upload("user", object(), NOON);
    whileBroken(
        () -> uploads().begin(upload.id(), "user", "key", "start", NOON),
        () -> uploads().reserve(upload.id(), 1),
        () -> uploads().place(upload),
        () -> uploads().stored(upload.id()),
        () -> uploads().upload("user", upload.id()),
        () -> uploads().bytesOf("user"),
        () -> uploads().uploads("user", Optional.empty(), 1),
        () -> uploads().condemn("user", upload.id(), "start"),
        () -> uploads().abandon(upload.id(), "start"),
        () -> uploads().forget(upload.id()),
        () -> uploads().unfinished(List.of(), NOON, 1),
        () -> uploads().ownerless(1));
  }

  private Upload begun(Upload upload) {
    uploads().begin(upload.id(), upload.user(), upload.key(), "start", upload.createdAt());
    return upload;
  }

  private Upload store(Upload upload) {
    begun(upload);
    uploads().place(upload);
    uploads().stored(upload.id());
    return upload;
  }

  private static Condemned condemned(Upload upload, Optional<String> unneeded) {
    return new Condemned(upload.id(), upload.user(), upload.bytes(), unneeded);
  }

  private static String object() {
    return fresh("object") + "/ab/abcd.png";
  }

  private static Upload upload(String user, String object, Instant at) {
    return new Upload(fresh("id"), user, "key", object, 100, "image/png", 3, 2, at);
  }
}
