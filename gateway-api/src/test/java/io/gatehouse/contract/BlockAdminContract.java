package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.BlockAdmin;
import io.gatehouse.access.Blocks.Question;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link BlockAdmin} keeps. */
public abstract class BlockAdminContract extends StoreContract {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00.123Z");
  private static final AtomicInteger IDS = new AtomicInteger();

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract BlockAdmin blocks();

  @Test
  void what_was_added_is_read_as_it_was() {
    Block forGood = block(Kind.KEY, key(), Optional.empty());
    Block forAWhile =
        new Block(
            id(), Kind.USER, key(), "too — many", Enforcement.SHADOW, Source.AUTOMATIC, NOON,
            Optional.of(NOON.plusSeconds(60)), 7);

    blocks().addBlock(forGood);
    blocks().addBlock(forAWhile);

    assertThat(blocks().block(forGood.id())).contains(forGood);
    assertThat(blocks().block(forAWhile.id())).contains(forAWhile);
    assertThat(blocks().blocks(List.of(forAWhile.id(), forGood.id(), "none"))).containsExactlyInAnyOrder(forGood, forAWhile);
    assertThat(blocks().blocks(List.of())).isEmpty();
    assertThat(blocks().block("none")).isEmpty();
  }

  @Test
  void one_network_is_one_block_however_it_is_written() {
    String network = "10.7." + IDS.incrementAndGet() % 250 + ".0/24";
    Block block = block(Kind.NETWORK, network.replace(".0/24", ".9/24"), Optional.empty());
    blocks().addBlock(block);

    assertThat(block.value()).isEqualTo(network);
    assertThat(blocks().blockOf(Source.ADMINISTRATOR, Kind.NETWORK, "::ffff:" + network.replace("/24", "/120")))
        .contains(block);
    assertThatThrownBy(() -> blocks().addBlock(block(Kind.NETWORK, network, Optional.empty())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(network);
    assertThat(blocks().blockOf(Source.AUTOMATIC, Kind.NETWORK, network)).isEmpty();
    assertThat(blocks().blockOf(Source.ADMINISTRATOR, Kind.KEY, network)).isEmpty();
  }

  @Test
  void the_gateway_and_an_administrator_may_block_the_same_but_each_once() {
    String key = key();
    Block manual = block(Kind.KEY, key, Optional.empty());
    Block automatic =
        new Block(id(), Kind.KEY, key, "", Enforcement.ENFORCED, Source.AUTOMATIC, NOON, Optional.of(NOON), 1);
    blocks().addBlock(manual);
    blocks().addBlock(automatic);

    assertThat(blocks().blockOf(Source.ADMINISTRATOR, Kind.KEY, key)).contains(manual);
    assertThat(blocks().blockOf(Source.AUTOMATIC, Kind.KEY, key)).contains(automatic);
    Block second = new Block(id(), Kind.KEY, key, "", Enforcement.ENFORCED, Source.AUTOMATIC, NOON, Optional.empty(), 1);
    assertThatThrownBy(() -> blocks().addBlock(second)).isInstanceOf(IllegalArgumentException.class);
    assertThat(blocks().block(second.id())).isEmpty();
  }

  @Test
  void a_change_replaces_what_may_change_and_refuses_the_rest() {
    Block block = block(Kind.USER, key(), Optional.empty());
    blocks().addBlock(block);
    Block changed =
        new Block(
            block.id(), Kind.USER, block.value(), "other", Enforcement.SHADOW, Source.ADMINISTRATOR, NOON.plusSeconds(1),
            Optional.of(NOON.plusSeconds(9)), 3);

    assertThat(blocks().updateBlock(changed)).isTrue();

    assertThat(blocks().block(block.id())).contains(changed);
    Block moved = new Block(
        block.id(), Kind.USER, key(), "", Enforcement.ENFORCED, Source.ADMINISTRATOR, NOON, Optional.empty(), 0);
    assertThatThrownBy(() -> blocks().updateBlock(moved)).isInstanceOf(IllegalArgumentException.class);
    assertThat(blocks().block(block.id())).contains(changed);
    assertThat(blocks().updateBlock(block(Kind.USER, key(), Optional.empty()))).isFalse();
  }

  @Test
  void what_was_deleted_is_gone_and_may_be_added_again() {
    Block block = block(Kind.USER, key(), Optional.empty());
    blocks().addBlock(block);

    assertThat(blocks().deleteBlock(block.id())).isTrue();
    assertThat(blocks().deleteBlock(block.id())).isFalse();

    assertThat(blocks().block(block.id())).isEmpty();
    blocks().addBlock(block);
    assertThat(blocks().block(block.id())).contains(block);
  }

  @Test
  void pages_go_by_the_id_and_show_what_is_asked_for_each_once() {
    List<Block> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Block block = new Block(
          id(), i % 2 == 0 ? Kind.KEY : Kind.USER, key(), "", i < 3 ? Enforcement.ENFORCED : Enforcement.SHADOW,
          Source.ADMINISTRATOR, NOON, i == 5 ? Optional.of(NOON) : Optional.empty(), 0);
      blocks().addBlock(block);
      all.add(block);
    }

    String before = all.get(0).id().substring(0, all.get(0).id().length() - 1);
    Question mine = Question.ALL.after(before);
    assertThat(walk(mine)).containsSubsequence(all);
    assertThat(walk(new Question(Optional.of(Kind.USER), Optional.of(Source.ADMINISTRATOR), Optional.empty(),
        Optional.empty(), before))).contains(all.get(1), all.get(3), all.get(5)).doesNotContain(all.get(0), all.get(2));
    assertThat(walk(new Question(Optional.empty(), Optional.empty(), Optional.of(Enforcement.SHADOW), Optional.empty(),
        before))).contains(all.get(3), all.get(4), all.get(5)).doesNotContain(all.get(0));
    assertThat(walk(new Question(Optional.empty(), Optional.of(Source.AUTOMATIC), Optional.empty(), Optional.empty(),
        before))).doesNotContainAnyElementsOf(all);
    assertThat(walk(new Question(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(NOON), before)))
        .contains(all.get(4)).doesNotContain(all.get(5));
    assertThat(walk(new Question(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(NOON.minusMillis(1)), before)))
        .contains(all.get(5));
  }

  @Test
  void what_has_ended_long_ago_is_forgotten_and_nothing_else() {
    Instant long_ago = Instant.EPOCH.plus(Duration.ofDays(1));
    Block ended = block(Kind.KEY, key(), Optional.of(long_ago.minusMillis(1)));
    Block just = block(Kind.KEY, key(), Optional.of(long_ago));
    Block forGood = block(Kind.KEY, key(), Optional.empty());
    List.of(ended, just, forGood).forEach(blocks()::addBlock);

    assertThat(blocks().forgetBlocks(long_ago)).isPositive();

    assertThat(blocks().blocks(List.of(ended.id(), just.id(), forGood.id()))).containsExactlyInAnyOrder(just, forGood);
  }

  @Test
  void of_many_who_block_the_same_one_has_made_it() {
    String key = key();

    long made = Crowd.sum(8, 1, (thread, round) -> {
      try {
        blocks().addBlock(block(Kind.KEY, key, Optional.empty()));
        return 1;
      } catch (IllegalArgumentException e) {
        return 0;
      }
    });

    assertThat(made).isEqualTo(1);
  }

  @Test
  void a_store_that_cannot_answer_never_says_that_nobody_is_blocked() throws Exception {
    Block block = block(Kind.KEY, key(), Optional.empty());
    blocks().addBlock(block);

    whileBroken(
        () -> blocks().block(block.id()),
        () -> blocks().blocks(Question.ALL, 1),
        () -> blocks().blocks(List.of(block.id())),
        () -> blocks().blockOf(Source.ADMINISTRATOR, Kind.KEY, block.value()),
        () -> blocks().updateBlock(block),
        () -> blocks().deleteBlock(block.id()));

    assertThat(blocks().block(block.id())).contains(block);
  }

  private List<Block> walk(Question question) {
    List<Block> seen = new ArrayList<>();
    List<Block> page = blocks().blocks(question, 2);
    while (!page.isEmpty()) {
      seen.addAll(page);
      page = blocks().blocks(question.after(page.get(page.size() - 1).id()), 2);
    }
    assertThat(seen).doesNotHaveDuplicates();
    return seen;
  }

  private static Block block(Kind kind, String value, Optional<Instant> expiresAt) {
    return new Block(id(), kind, value, "because", Enforcement.ENFORCED, Source.ADMINISTRATOR, NOON, expiresAt, 0);
  }

  private static String key() {
    return UUID.randomUUID().toString();
  }

  private static String id() {
    return String.format("01M9%022d", IDS.incrementAndGet());
  }
}
