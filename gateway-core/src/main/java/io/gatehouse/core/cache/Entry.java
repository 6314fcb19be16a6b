package io.gatehouse.core.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is kept, or could be. Immutable, but that its body may still grow.
 *
 * @param key what it is kept under
 * @param selectors what the request said that it was the answer to, for each field of {@code Vary}
 * @param head as the backend gave it
 * @param body held by the store for as long as it is there
 * @param askedMillis when the backend was asked, in milliseconds since 1970
 * @param answeredMillis when the answer began
 * @param tags by which it can be found; of {@code Cache-Tag} and {@code Surrogate-Key}
 * @param owedPixels how many pixels were made for it and are not charged to anybody yet: the first who gets it takes them
 */
public record Entry(
    CacheKey key, List<Selector> selectors, Head head, Body body, long askedMillis, long answeredMillis,
    Set<String> tags, AtomicLong owedPixels) {

  /** What an entry takes besides text and bytes: about what Java needs for it, in bytes. */
  static final long OVERHEAD = 512;

  /**
   * A field that the answer varies by.
   *
   * @param name in lower case
   * @param value normalised; null when the request did not have it
   */
  public record Selector(String name, @Nullable String value) {

    boolean selects(CacheRequest request) {
      return Objects.equals(value, request.normal(name));
    }
  }

  /** Of which nothing is owed. */
  public Entry(
      CacheKey key, List<Selector> selectors, Head head, Body body, long askedMillis, long answeredMillis,
      Set<String> tags) {
    this(key, selectors, head, body, askedMillis, answeredMillis, tags, new AtomicLong());
  }

  public Entry {
    Objects.requireNonNull(key, "key");
    selectors = List.copyOf(selectors);
    Objects.requireNonNull(head, "head");
    Objects.requireNonNull(body, "body");
    tags = Set.copyOf(tags);
  }

  /** Takes the answer to a request, without a date it gets one (RFC 9110, 6.6.1). */
  public static Entry of(CacheRequest request, Head head, Body body, long askedMillis, long answeredMillis) {
    List<Selector> selectors = new ArrayList<>();
    for (String name : varied(head)) {
      selectors.add(new Selector(name, request.normal(name)));
    }
    Head dated = head.has("date") ? head : head.with("Date", HttpDate.text(answeredMillis));
    return new Entry(request.key(), selectors, dated, body, askedMillis, answeredMillis, Tags.of(head));
  }

  /** The fields that {@code Vary} names, in lower case and in order. */
  static Set<String> varied(Head head) {
    String vary = head.joined("vary");
    Set<String> names = new TreeSet<>();
    if (vary != null) {
      for (String name : vary.split(",")) {
        if (!name.isBlank()) {
          names.add(name.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    return names;
  }

  /** Whether it is an answer to this request, too: RFC 9111, 4.1. */
  public boolean answers(CacheRequest request) {
    for (Selector selector : selectors) {
      if (selector.name().equals("*") || !selector.selects(request)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a request says the same of all the fields that this varies by as another does. */
  public boolean variesAlike(CacheRequest one, CacheRequest other) {
    for (Selector selector : selectors) {
      if (!Objects.equals(one.normal(selector.name()), other.normal(selector.name()))) {
        return false;
      }
    }
    return true;
  }

  /** Its entity tag; null when it has none. */
  public @Nullable String etag() {
    return head.first("etag");
  }

  /** When it was changed last, as the backend says; null when it does not. */
  public @Nullable String lastModified() {
    return head.first("last-modified");
  }

  /** The same, validated by an answer with 304: RFC 9111, 3.2 and 4.3.4. */
  public Entry validated(Head notModified, long asked, long answered) {
    List<Head.Field> fields = new ArrayList<>();
    for (Head.Field field : head.fields()) {
      if (!notModified.has(field.name()) && !field.name().equalsIgnoreCase("age") || lastsBeyond(field.name())) {
        fields.add(field);
      }
    }
    for (Head.Field field : notModified.fields()) {
      if (!lastsBeyond(field.name())) {
        fields.add(field);
      }
    }
    Head merged = new Head(head.status(), fields);
    Head dated = merged.has("date") && notModified.has("date") ? merged : merged.with("Date", HttpDate.text(answered));
    return new Entry(key, selectors, dated, body, asked, answered, notModified.has("cache-tag")
        || notModified.has("surrogate-key") ? Tags.of(notModified) : tags, owedPixels);
  }

  /** What speaks of the bytes that are kept, which a 304 does not bring. */
  private static boolean lastsBeyond(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "content-length", "content-encoding", "content-type", "content-range", "vary" -> true;
      default -> false;
    };
  }

  /** What it takes in a store, in bytes. */
  public long size() {
    long text = key.size() + head.size();
    for (Selector selector : selectors) {
      text += selector.name().length() + (selector.value() == null ? 0 : selector.value().length());
    }
    for (String tag : tags) {
      text += tag.length();
    }
    return OVERHEAD + 2 * text + body.length();
  }
}
