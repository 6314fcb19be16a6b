package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.BlockAdmin;
import io.gatehouse.access.Blocks;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.setup.Administrable;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.problem.Problem;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who is kept out: list, add, change, let in again. What has ended is not shown; that the gateway remembers its own for a
 * while is nobody's business but its own.
 */
final class BlocksResource {

  private static final String PATH = AdminServlet.ROOT + "blocks";
  private static final String ONE = PATH + "/{id}";

  private static final FieldType<Kind> KIND = FieldTypes.choice(Kind.class);
  private static final FieldType<Source> SOURCE = FieldTypes.choice(Source.class);
  private static final FieldType<Enforcement> ENFORCEMENT = FieldTypes.choice(Enforcement.class);

  private static final FieldType<String> REASON =
      FieldTypes.text(
          "at most " + Block.LONGEST_REASON + " characters, no control characters",
          text -> text.length() <= Block.LONGEST_REASON && text.chars().noneMatch(Character::isISOControl));

  private static final FieldType<String> COUNTRY =
      FieldTypes.text("two capital letters such as DE (ISO 3166-1)", text -> text.matches("[A-Z]{2}"));

  private final Stores stores;
  private final BlockAdmin blocks;
  private final Administrable gatehouse;
  private final InstantSource clock;
  private final FieldType<Instant> expiry;

  BlocksResource(Administrable gatehouse, InstantSource clock) {
    this.gatehouse = gatehouse;
    this.stores = gatehouse.stores();
    this.blocks = stores.blocks();
    this.clock = clock;
    this.expiry = FieldTypes.future(clock);
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("POST", PATH, this::add);
    router.add("GET", ONE, this::show);
    router.add("PATCH", ONE, this::change);
    router.add("DELETE", ONE, this::delete);
  }

  private Answer list(Call call) {
    Optional<Kind> kind = call.query().get("kind", KIND);
    Optional<Source> source = call.query().get("source", SOURCE);
    Optional<Enforcement> enforcement = call.query().get("enforcement", ENFORCEMENT);
    String after = call.query().get("after", FieldTypes.ID_TEXT).orElse("");
    int size = Page.size(call);
    call.check();
    List<Block> found =
        blocks.blocks(
            new Blocks.Question(kind, source, enforcement, Optional.of(clock.instant()), after), size + 1);
    return Page.answer(
        call, PATH, Json.object(), "blocks", size, found, BlocksResource::json, Block::id, Map.of());
  }

  private Answer add(Call call) {
    Fields body = call.body("kind", "value", "reason", "enforcement", "expires_at");
    Optional<Kind> kind = body.require("kind", KIND);
    Optional<String> value = kind.flatMap(each -> body.require("value", typeOf(each)));
    String reason = body.get("reason", REASON).orElse("");
    Enforcement enforcement = body.get("enforcement", ENFORCEMENT).orElse(Enforcement.ENFORCED);
    Optional<Instant> expiresAt = body.clearable("expires_at", expiry, Optional.empty());
    boolean forced = forced(call);
    if (value.isPresent()) {
      requireEffect(kind.get(), value.get(), call);
    }
    call.check();
    Block block = new Block(
        TimeOrderedId.next(clock), kind.get(), value.get(), reason, enforcement, Source.ADMINISTRATOR, clock.instant(),
        expiresAt, 0);
    requireOthers(block, forced, call);
    makeRoom(block);
    try {
      blocks.addBlock(block);
    } catch (IllegalArgumentException e) {
      // The id is new, and there is none for this value: no other change is made meanwhile.
      throw new ProblemException(
          Problem.of(409, "blocks-full", "Too many blocks", "There are " + Blocks.MOST + " blocks; delete some first."));
    }
    ObjectNode json = json(block);
    return Answer.created(PATH + "/" + block.id(), json).tagged(json);
  }

  private static FieldType<String> typeOf(Kind kind) {
    return switch (kind) {
      case NETWORK -> FieldTypes.NETWORK.map(Cidr::toString);
      case COUNTRY -> COUNTRY;
      case KEY, USER -> FieldTypes.ID_TEXT;
    };
  }

  private static boolean forced(Call call) {
    return call.query().get("force", FieldTypes.TRUE_OR_FALSE).orElse(false);
  }

  /** A block of nobody would mislead. */
  private void requireEffect(Kind kind, String value, Call call) {
    String expected = switch (kind) {
      case NETWORK -> "";
      case COUNTRY -> gatehouse.countries().isPresent() ? "" : "a file in the setting abuse.countries_file first";
      case KEY -> stores.keys().key(value).isPresent() ? "" : "the id of a key";
      case USER -> stores.users().user(value).isPresent() ? "" : "the id of a user";
    };
    if (!expected.isEmpty()) {
      call.faults().add("value", "\"" + value + "\" (expected: " + expected + ")");
    }
  }

  /** Ends a call that would keep out whoever makes it over a network, unless that is wanted. */
  private void requireOthers(Block block, boolean forced, Call call) {
    if (forced || block.enforcement() == Enforcement.SHADOW || call.request().client().isEmpty()) {
      return;
    }
    InetAddress caller = Cidr.address(call.request().client());
    boolean own = switch (block.kind()) {
      case NETWORK -> Cidr.parse(block.value()).contains(caller);
      case COUNTRY -> gatehouse.countries()
          .flatMap(countries -> countries.countryOf(caller))
          .filter(block.value()::equals)
          .isPresent();
      case KEY, USER -> false;
    };
    if (own) {
      call.faults().add(
          "value",
          "\"" + block.value() + "\" covers your own address, " + caller.getHostAddress()
              + " (expected: another, or force=true in the query)");
      throw call.faults().problem();
    }
  }

  /** Takes away one that has ended and is in the way; ends the call when there is one that has not. */
  private void makeRoom(Block block) {
    Optional<Block> there = blocks.blockOf(block.source(), block.kind(), block.value());
    if (there.isPresent() && there.get().inForceAt(clock.instant())) {
      throw new ProblemException(
          Problem.of(
              409, "block-exists", "Block exists",
              "There is a block of \"" + block.value() + "\" already: " + there.get().id() + "."));
    }
    there.map(Block::id).ifPresent(blocks::deleteBlock);
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode json = json(require(call.id()));
    return Answer.ok(json).tagged(json);
  }

  private Answer change(Call call) {
    Block block = require(call.id());
    Fields body = call.body("reason", "enforcement", "expires_at");
    Block changed = block
        .withReason(body.get("reason", REASON).orElse(block.reason()))
        .withEnforcement(body.get("enforcement", ENFORCEMENT).orElse(block.enforcement()))
        .withExpiresAt(body.clearable("expires_at", expiry, block.expiresAt()));
    boolean forced = forced(call);
    call.check();
    call.expect(json(block));
    requireOthers(changed, forced || block.enforcement() == Enforcement.ENFORCED, call);
    if (!blocks.updateBlock(changed)) {
      throw missing();
    }
    ObjectNode json = json(changed);
    return Answer.ok(json).tagged(json);
  }

  private Answer delete(Call call) {
    Block block = require(call.id());
    call.check();
    call.expect(json(block));
    if (!blocks.deleteBlock(block.id())) {
      throw missing();
    }
    return Answer.noContent();
  }

  private Block require(String id) {
    Instant now = clock.instant();
    return blocks.block(id).filter(block -> block.inForceAt(now)).orElseThrow(BlocksResource::missing);
  }

  private static ProblemException missing() {
    return ProblemException.notFound("There is no block with this id, or it has ended.");
  }

  private static ObjectNode json(Block block) {
    return Json.object()
        .put("id", block.id())
        .put("kind", FieldTypes.nameOf(block.kind()))
        .put("value", block.value())
        .put("reason", block.reason())
        .put("enforcement", FieldTypes.nameOf(block.enforcement()))
        .put("source", FieldTypes.nameOf(block.source()))
        .put("created_at", block.createdAt().toString())
        .put("expires_at", block.expiresAt().map(Instant::toString).orElse(null))
        .put("strikes", block.strikes());
  }
}
