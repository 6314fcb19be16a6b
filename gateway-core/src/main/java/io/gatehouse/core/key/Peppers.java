package io.gatehouse.core.key;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The pepper that new digests are made with, and those that older ones may have been made with. Keys whose digest is of a
 * lower version than that in use are given a new one when they come. Immutable; any number of threads.
 */
public final class Peppers {

  private final Pepper inUse;
  private final List<Pepper> others;

  /**
   * Peppers of different versions.
   *
   * @param inUse makes the digests of new keys
   * @param others looked under as well, the highest version first; also such that other nodes use already
   * @throws IllegalArgumentException when two are of one version
   */
  public Peppers(Pepper inUse, List<Pepper> others) {
    Set<Integer> versions = new HashSet<>(Set.of(inUse.version()));
    for (Pepper each : others) {
      if (!versions.add(each.version())) {
        throw new IllegalArgumentException("version: " + each.version() + " twice (expected: once)");
      }
    }
    this.inUse = inUse;
    this.others = others.stream().sorted(Comparator.comparingInt(Pepper::version).reversed()).toList();
  }

  /** One pepper and no other. */
  public static Peppers of(Pepper pepper) {
    return new Peppers(pepper, List.of());
  }

  public Pepper inUse() {
    return inUse;
  }

  /** The highest version first. */
  public List<Pepper> others() {
    return others;
  }

  /** That in use first. */
  public List<Pepper> all() {
    List<Pepper> all = new ArrayList<>(others);
    all.add(0, inUse);
    return all;
  }
}
