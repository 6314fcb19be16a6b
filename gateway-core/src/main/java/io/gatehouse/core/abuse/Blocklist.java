package io.gatehouse.core.abuse;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.Cidr;
import io.gatehouse.access.Countries;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that a node knows of, ready to be asked for every request: without I/O, without a lock, and with one read where
 * there are none. Blocks that have ended stay until they are taken away and keep nobody out.
 *
 * <p>Any number of threads. Changes are made one at a time, and seen by all requests that begin afterwards.
 */
public final class Blocklist {

  private final InstantSource clock;

  /** All blocks by their ids, and the ids of the gateway's own by what they block. Guarded by this. */
  private final Map<String, Block> byId = new HashMap<>();

  private final Map<String, String> automatic = new HashMap<>();

  private volatile Tables tables = new Tables(null, null, new Owners(), new Owners(), new Owners());

  /** What is asked: replaced where a network changes; the tables of owners change in place. */
  private record Tables(
      @Nullable NetworkTree ipv4, @Nullable NetworkTree ipv6, Owners countries, Owners keys, Owners users) {

    Owners of(Kind kind) {
      return switch (kind) {
        case COUNTRY -> countries;
        case KEY -> keys;
        case USER -> users;
        case NETWORK -> throw new IllegalArgumentException("kind: NETWORK (expected: one that has owners)");
      };
    }
  }

  /** Blocks by their values. */
  private static final class Owners extends ConcurrentHashMap<String, List<Block>> {
    private static final long serialVersionUID = 1L;
  }

  /** Nobody is kept out. */
  public Blocklist(InstantSource clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /** Takes these for all blocks there are. */
  public synchronized void replaceAll(Collection<Block> blocks) {
    byId.clear();
    automatic.clear();
    Tables fresh = new Tables(null, null, new Owners(), new Owners(), new Owners());
    for (Block block : blocks) {
      fresh = entered(fresh, block);
    }
    tables = fresh;
  }

  /** Enters a block, in place of the one with the same id. */
  public synchronized void put(Block block) {
    remove(block.id());
    tables = entered(tables, block);
  }

  private Tables entered(Tables into, Block block) {
    byId.put(block.id(), block);
    if (block.source() == Source.AUTOMATIC) {
      automatic.put(automaticName(block.kind(), block.value()), block.id());
    }
    return changed(into, block, known -> with(known, block));
  }

  /** Takes a block away. Empty when there was none with this id. */
  public synchronized Optional<Block> remove(String id) {
    Block block = byId.remove(id);
    if (block == null) {
      return Optional.empty();
    }
    automatic.remove(automaticName(block.kind(), block.value()), id);
    tables = changed(tables, block, known -> without(known, id));
    return Optional.of(block);
  }

  /** Takes away the blocks that have ended before a moment. */
  public synchronized void forget(Instant endedBefore) {
    forget(endedBefore, byId.keySet());
  }

  /** Takes away the gateway's own blocks that have ended before a moment. */
  synchronized void forgetAutomatic(Instant endedBefore) {
    forget(endedBefore, automatic.values());
  }

  private void forget(Instant endedBefore, Collection<String> ids) {
    ids.stream()
        .map(byId::get)
        .filter(block -> block.expiresAt().map(end -> end.isBefore(endedBefore)).orElse(false))
        .map(Block::id)
        .toList()
        .forEach(this::remove);
  }

  /** The gateway's own block of somebody, even if it has ended. */
  public synchronized Optional<Block> automatic(Kind kind, String value) {
    return Optional.ofNullable(automatic.get(automaticName(kind, Block.canonical(kind, value)))).map(byId::get);
  }

  /** How many blocks are the gateway's own, those that have ended included. */
  synchronized int automaticBlocks() {
    return automatic.size();
  }

  /** How many blocks of a kind have not ended. Walks over all blocks. */
  public synchronized long inForce(Kind kind) {
    Instant now = clock.instant();
    return byId.values().stream().filter(block -> block.kind() == kind && block.inForceAt(now)).count();
  }

  /**
   * The block of an address, or of the country that it is in: one that is enforced if there is any, or else one in the
   * shadow; null when it is not blocked.
   *
   * @param countries asked only where a country is blocked
   */
  @Nullable Block ofAddress(InetAddress address, Countries countries) {
    Tables now = tables;
    Block found = null;
    if (now.ipv4 != null || now.ipv6 != null) {
      found = ofNetworks(now, address);
    }
    if (!now.countries.isEmpty() && !enforced(found)) {
      Optional<String> country = countries.countryOf(address);
      if (country.isPresent()) {
        found = stronger(found, binding(now.countries.get(country.get())));
      }
    }
    return found;
  }

  private @Nullable Block ofNetworks(Tables now, InetAddress address) {
    InetAddress folded = address instanceof Inet4Address ? address : Cidr.folded(address);
    Block found = null;
    if (folded instanceof Inet4Address) {
      found = on(now.ipv4, word(folded.getAddress(), 0) << 32, 0);
    }
    if (!(address instanceof Inet4Address) && !enforced(found)) {
      byte[] bytes = address.getAddress();
      long high = word(bytes, 0) << 32 | word(bytes, 4);
      long low = word(bytes, 8) << 32 | word(bytes, 12);
      found = stronger(found, on(now.ipv6, high, low));
    }
    return found;
  }

  private @Nullable Block on(@Nullable NetworkTree tree, long high, long low) {
    Block found = null;
    NetworkTree at = tree;
    while (at != null && at.covers(high, low)) {
      found = stronger(found, binding(at.blocks()));
      if (enforced(found)) {
        return found;
      }
      at = at.towards(high, low);
    }
    return found;
  }

  /** The block of a caller, by the key or the user; as {@link #ofAddress}. */
  @Nullable Block ofCaller(String user, String key) {
    Tables now = tables;
    Block ofKey = now.keys.isEmpty() ? null : binding(now.keys.get(key));
    return enforced(ofKey) || now.users.isEmpty() ? ofKey : stronger(ofKey, binding(now.users.get(user)));
  }

  /** Of the blocks of one value, the one that counts. */
  private @Nullable Block binding(@Nullable List<Block> blocks) {
    if (blocks == null) {
      return null;
    }
    Block found = null;
    for (int i = 0; i < blocks.size() && !enforced(found); i++) {
      Block block = blocks.get(i);
      if (block.expiresAt().isEmpty() || block.expiresAt().get().toEpochMilli() > clock.millis()) {
        found = stronger(found, block);
      }
    }
    return found;
  }

  private static boolean enforced(@Nullable Block block) {
    return block != null && block.enforcement() == Enforcement.ENFORCED;
  }

  private static @Nullable Block stronger(@Nullable Block first, @Nullable Block second) {
    return first == null || enforced(second) && !enforced(first) ? second : first;
  }

  private static Tables changed(Tables in, Block block, UnaryOperator<List<Block>> change) {
    if (block.kind() != Kind.NETWORK) {
      in.of(block.kind()).compute(block.value(), (value, known) -> {
        List<Block> blocks = change.apply(known == null ? List.of() : known);
        return blocks.isEmpty() ? null : blocks;
      });
      return in;
    }
    Cidr network = Cidr.parse(block.value());
    byte[] bytes = network.network().getAddress();
    if (bytes.length == 4) {
      NetworkTree ipv4 = NetworkTree.with(in.ipv4, word(bytes, 0) << 32, 0, network.prefix(), change);
      return new Tables(ipv4, in.ipv6, in.countries, in.keys, in.users);
    }
    long high = word(bytes, 0) << 32 | word(bytes, 4);
    long low = word(bytes, 8) << 32 | word(bytes, 12);
    NetworkTree ipv6 = NetworkTree.with(in.ipv6, high, low, network.prefix(), change);
    return new Tables(in.ipv4, ipv6, in.countries, in.keys, in.users);
  }

  private static List<Block> with(List<Block> known, Block block) {
    List<Block> more = new ArrayList<>(known);
    more.add(block);
    return List.copyOf(more);
  }

  private static List<Block> without(List<Block> known, String id) {
    return known.stream().filter(block -> !block.id().equals(id)).toList();
  }

  private static String automaticName(Kind kind, String value) {
    return kind + " " + value;
  }

  private static long word(byte[] bytes, int at) {
    return (bytes[at] & 0xffL) << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
  }
}
