package io.gatehouse.core.image;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which arguments an option takes: some in fixed places, and possibly a tail of them. Not changed once it is
 * made.
 */
final class Grammar {

  /** What may follow the arguments in fixed places. */
  enum Tail {
    NONE,
    /** A direction with offsets, a focus point, or objects to look for. */
    GRAVITY,
    /** The same without what has to look into the picture. */
    SIDES,
    /** A direction with offsets, a focus point, or {@code prop}. */
    OBJECTS,
    /** Any number of one or more words in turn. */
    REPEAT
  }

  private enum Presence {
    NEEDED,
    /** May be missing and may be empty. */
    FREE,
    /** May be missing, but not empty. */
    LAST
  }

  private record Place(Word word, Presence presence) {}

  /** What is wrong with an argument, counted from 0. */
  record Fault(int argument, String expected) {}

  private final List<Place> places = new ArrayList<>();
  private Tail tail = Tail.NONE;
  private boolean tailNeeded;
  private Word[] repeated = {};

  private Grammar() {}

  static Grammar of(Word... needed) {
    Grammar grammar = new Grammar();
    for (Word word : needed) {
      grammar.places.add(new Place(word, Presence.NEEDED));
    }
    return grammar;
  }

  Grammar free(Word... words) {
    for (Word word : words) {
      places.add(new Place(word, Presence.FREE));
    }
    return this;
  }

  Grammar last(Word word) {
    places.add(new Place(word, Presence.LAST));
    return this;
  }

  Grammar then(Tail optional) {
    tail = optional;
    return this;
  }

  Grammar thenNeeded(Tail needed) {
    tail = needed;
    tailNeeded = true;
    return this;
  }

  Grammar repeat(Word... words) {
    tail = Tail.REPEAT;
    repeated = words;
    return this;
  }

  Grammar repeatNeeded(Word... words) {
    tailNeeded = true;
    return repeat(words);
  }

  /** Null: nothing is wrong. Otherwise what is wrong first. */
  @Nullable Fault fault(List<String> arguments) {
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      if (i >= arguments.size()) {
        return place.presence == Presence.NEEDED ? new Fault(i, place.word.expected()) : null;
      }
      String argument = arguments.get(i);
      if (argument.isEmpty() && place.presence == Presence.FREE) {
        continue;
      }
      if (!place.word.accepts(argument)) {
        return new Fault(i, place.word.expected());
      }
    }
    return tailFault(arguments, places.size());
  }

  private @Nullable Fault tailFault(List<String> arguments, int from) {
    if (from >= arguments.size()) {
      return tailNeeded ? new Fault(from, tail == Tail.REPEAT ? repeated[0].expected() : directions()) : null;
    }
    return switch (tail) {
      case NONE -> new Fault(from, from == 1 ? "1 argument" : "at most " + from + " arguments");
      case REPEAT -> repeatFault(arguments, from, repeated);
      default -> directionFault(arguments, from);
    };
  }

  private @Nullable Fault directionFault(List<String> arguments, int from) {
    String type = arguments.get(from);
    if (type.equals("fp")) {
      return exactly(arguments, from + 1, Word.FRACTION, 2);
    }
    if (Word.SIDE.accepts(type)) {
      for (int i = from + 1; i < arguments.size(); i++) {
        if (i > from + 2) {
          return new Fault(i, "at most 2 offsets");
        }
        if (!Word.SIGNED.accepts(arguments.get(i))) {
          return new Fault(i, Word.SIGNED.expected());
        }
      }
      return null;
    }
    if (tail == Tail.GRAVITY && type.equals("sm") || tail == Tail.OBJECTS && type.equals("prop")) {
      return exactly(arguments, from + 1, Word.SIGNED, 0);
    }
    if (tail == Tail.GRAVITY && type.equals("obj")) {
      return repeatFault(arguments, from + 1, Word.NAME);
    }
    if (tail == Tail.GRAVITY && type.equals("objw")) {
      return repeatFault(arguments, from + 1, Word.NAME, Word.NUMBER);
    }
    return new Fault(from, directions());
  }

  private String directions() {
    return Word.SIDE.expected() + switch (tail) {
      case GRAVITY -> ", or fp, sm, obj or objw";
      case OBJECTS -> ", or fp or prop";
      default -> ", or fp";
    };
  }

  private static @Nullable Fault exactly(
      List<String> arguments, int from, Word word, int count) {
    for (int i = from; i < from + count; i++) {
      if (i >= arguments.size() || !word.accepts(arguments.get(i))) {
        return new Fault(i, word.expected());
      }
    }
    return arguments.size() > from + count ? new Fault(from + count, "nothing more") : null;
  }

  private static @Nullable Fault repeatFault(
      List<String> arguments, int from, Word... words) {
    for (int i = from; i < arguments.size(); i++) {
      Word word = words[(i - from) % words.length];
      if (!word.accepts(arguments.get(i))) {
        return new Fault(i, word.expected());
      }
    }
    int missing = (arguments.size() - from) % words.length;
    return missing == 0 ? null : new Fault(arguments.size(), words[missing].expected());
  }
}
