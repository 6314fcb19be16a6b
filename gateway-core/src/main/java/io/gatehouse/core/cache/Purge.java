package io.gatehouse.core.cache;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which kept answers are to be forgotten: those of which all is true that is said; of which nothing is said, all.
 *
 * @param tenant the name of the tenant whose answers they are
 * @param route the name of the route
 * @param prefix how the target begins, as it was forwarded
 * @param tag one of their tags
 */
public record Purge(Optional<String> tenant, Optional<String> route, Optional<String> prefix, Optional<String> tag) {

  /** Everything. */
  public static final Purge ALL = new Purge(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public Purge {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(route, "route");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(tag, "tag");
  }

  /** Whether an answer is meant. */
  public boolean means(CacheKey key, Set<String> tags) {
    return tenant.map(CacheKey::ofTenant).filter(name -> !name.equals(key.tenant())).isEmpty()
        && route.filter(name -> !name.equals(key.route())).isEmpty()
        && prefix.filter(begin -> !key.target().startsWith(begin)).isEmpty()
        && tag.filter(word -> !tags.contains(word)).isEmpty();
  }

  /** In one line, for other nodes; empty: everything. */
  public String text() {
    Map<String, Optional<String>> parts = new LinkedHashMap<>();
    parts.put("tenant", tenant);
    parts.put("route", route);
    parts.put("prefix", prefix);
    parts.put("tag", tag);
    StringBuilder text = new StringBuilder();
    parts.forEach((name, value) -> value.ifPresent(said -> text.append(text.isEmpty() ? "" : "&")
        .append(name).append('=').append(URLEncoder.encode(said, StandardCharsets.UTF_8))));
    return text.toString();
  }

  /** What {@link #text} has written; everything when it is not understood, for other nodes may know more than this one. */
  public static Purge parse(String text) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : text.isEmpty() ? new String[0] : text.split("&")) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? "" : part.substring(0, equals);
      if (!Set.of("tenant", "route", "prefix", "tag").contains(name)) {
        return ALL;
      }
      parts.put(name, URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
    }
    return new Purge(
        Optional.ofNullable(parts.get("tenant")), Optional.ofNullable(parts.get("route")),
        Optional.ofNullable(parts.get("prefix")), Optional.ofNullable(parts.get("tag")));
  }
}
