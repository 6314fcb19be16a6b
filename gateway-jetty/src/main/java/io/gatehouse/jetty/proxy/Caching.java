package io.gatehouse.jetty.proxy;

import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.CacheRules;
import java.util.Objects;

/**
 * How answers on one lane are kept.
 *
 * @param route whose answers they are, by name; empty where there are no routes
 * @param rules what is kept and given out
 * @param answers where; lanes may share one
 */
public record Caching(String route, CacheRules rules, AnswerCache answers) {
  public Caching {
    Objects.requireNonNull(route, "route");
    Objects.requireNonNull(rules, "rules");
    Objects.requireNonNull(answers, "answers");
  }
}
