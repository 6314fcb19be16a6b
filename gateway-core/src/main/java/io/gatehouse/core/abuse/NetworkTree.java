package io.gatehouse.core.abuse;

import io.gatehouse.access.Block;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of networks of one family, as a binary tree of their bits in which paths without a fork are one step (Morrison's
 * PATRICIA, 1968). From the root to an address lie the networks that cover it, the widest first; so a look-up takes a step
 * for each fork and network on that way, at most as many as an address has bits, and allocates nothing.
 *
 * <p>Immutable: a change copies the way to what it changes, and shares the rest with the tree before. So readers need no
 * lock, and one change among 100,000 networks costs a few dozen nodes.
 *
 * <p>Bits are counted from the first of {@code high}; an IPv4 address is in its first 32.
 *
 * @param bits how many bits of {@code high} and {@code low} count; the others are zero
 * @param blocks of exactly this network; empty where the tree only forks
 * @param zero the networks inside whose next bit is 0
 * @param one the networks inside whose next bit is 1
 */
record NetworkTree(
    long high, long low, int bits, List<Block> blocks, @Nullable NetworkTree zero, @Nullable NetworkTree one) {

  /** The same with other blocks of one network; null when nothing is left. */
  static @Nullable NetworkTree with(
      @Nullable NetworkTree tree, long high, long low, int bits, UnaryOperator<List<Block>> change) {
    if (tree == null) {
      List<Block> blocks = change.apply(List.of());
      return blocks.isEmpty() ? null : new NetworkTree(high, low, bits, blocks, null, null);
    }
    int common = Math.min(Math.min(bits, tree.bits), sharedBits(high, low, tree));
    if (common == tree.bits && common == bits) {
      return joined(tree, change.apply(tree.blocks), tree.zero, tree.one);
    }
    if (common == tree.bits) {
      return bit(high, low, common) == 0
          ? joined(tree, tree.blocks, with(tree.zero, high, low, bits, change), tree.one)
          : joined(tree, tree.blocks, tree.zero, with(tree.one, high, low, bits, change));
    }
    List<Block> blocks = change.apply(List.of());
    if (blocks.isEmpty()) {
      return tree;
    }
    if (common == bits) {
      boolean zero = bit(tree.high, tree.low, bits) == 0;
      return new NetworkTree(high, low, bits, blocks, zero ? tree : null, zero ? null : tree);
    }
    NetworkTree leaf = new NetworkTree(high, low, bits, blocks, null, null);
    boolean zero = bit(high, low, common) == 0;
    return new NetworkTree(
        high & mask(common), low & mask(common - 64), common, List.of(), zero ? leaf : tree, zero ? tree : leaf);
  }

  /** Leaves out what neither forks nor blocks. */
  private static @Nullable NetworkTree joined(
      NetworkTree tree, List<Block> blocks, @Nullable NetworkTree zero, @Nullable NetworkTree one) {
    if (blocks.isEmpty() && (zero == null || one == null)) {
      return zero == null ? one : zero;
    }
    return new NetworkTree(tree.high, tree.low, tree.bits, blocks, zero, one);
  }

  /** Whether an address lies inside. */
  boolean covers(long high, long low) {
    return ((high ^ this.high) & mask(bits)) == 0 && ((low ^ this.low) & mask(bits - 64)) == 0;
  }

  /** The way to go for an address that lies inside; none from a single address. */
  @Nullable NetworkTree towards(long high, long low) {
    return bits == 128 ? null : bit(high, low, bits) == 0 ? zero : one;
  }

  private static int sharedBits(long high, long low, NetworkTree tree) {
    int shared = Long.numberOfLeadingZeros(high ^ tree.high);
    return shared < 64 ? shared : 64 + Long.numberOfLeadingZeros(low ^ tree.low);
  }

  private static int bit(long high, long low, int place) {
    return (int) (place < 64 ? high >>> 63 - place : low >>> 127 - place) & 1;
  }

  /** The first so many bits of 64; none for less than one, all for more than 64. */
  static long mask(int bits) {
    return bits <= 0 ? 0 : bits >= 64 ? -1 : -1L << 64 - bits;
  }
}
