package io.gatehouse.core.settings;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which settings differ between those that run and those that were read, by their paths: {@code backends[1].weight}. An
 * element of a list that came or went has the path of what it has to have: {@code backends[2].url}.
 *
 * @param atOnce those that can change while the gateway runs
 * @param atRestart those that only a restart can change
 */
public record Changes(List<String> atOnce, List<String> atRestart) {

  public Changes {
    atOnce = List.copyOf(atOnce);
    atRestart = List.copyOf(atRestart);
  }

  /** What differs, in the order of the documentation. */
  public static Changes between(Effective running, Effective read) {
    Set<String> late = Catalog.atRestart().stream().map(Setting::path).collect(Collectors.toSet());
    List<String> all = running.differences(read);
    return new Changes(
        all.stream().filter(path -> !late.contains(path)).toList(), all.stream().filter(late::contains).toList());
  }
}
