package io.gatehouse.jetty.proxy;

import io.gatehouse.Entitlement;
import io.gatehouse.Inbound;
import io.gatehouse.Subject;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.CacheKey;
import io.gatehouse.core.cache.CacheRequest;
import io.gatehouse.core.cache.CacheRules;
import io.gatehouse.core.cache.CacheRules.Partition;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/**
 * The cache as the requests of one lane see it. Any number of threads.
 *
 * @param fills what is being received at the moment, on all lanes
 */
record CacheLane(Caching caching, Fills fills) {

  /** RFC 9211. */
  static final String STATUS = "Cache-Status";

  /** The option of a plan that says {@code true} or {@code false}, whatever the route says. */
  static final String CHARGE_HITS = "cache.charge_hits";

  /** What changes nothing (RFC 9110, 9.2.1). */
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

  AnswerCache answers() {
    return caching.answers();
  }

  CacheRules rules() {
    return caching.rules();
  }

  /** Whether the answer to a request may be one that is kept, if it has no body. */
  boolean covers(String method, Upgrade upgrade) {
    return (method.equals("GET") || method.equals("HEAD")) && !upgrade.wanted();
  }

  /**
   * Answers a request from what is kept, or has a backend asked.
   *
   * @param client null when it is not known yet
   */
  void take(Forwarding forwarding, HttpServletRequest request, HttpServletResponse response, Inbound inbound,
      String target, @Nullable ClientSide client) {
    HttpFields sent = Fields.toBackend(request, inbound, forwarding);
    VariantTags tags = VariantTags.of(forwarding.rewriting(), target, sent);
    HttpFields fields = tags == null ? sent : tags.in(inbound.method(), sent);
    CacheRequest wish = wish(request, fields, target);
    new Visit(this, forwarding, request, response, inbound, target, fields, wish, client).begin();
  }

  private CacheRequest wish(HttpServletRequest request, HttpFields fields, String target) {
    Subject subject = request.getAttribute(UpstreamServlet.SUBJECT) instanceof Subject known ? known : null;
    String tenant = entitlement(request).flatMap(Entitlement::tenant).orElse("");
    CacheKey key = new CacheKey(caching.route(), partition(subject, tenant), origin(fields), target);
    // What is the user's alone, or came without one, is given to nobody for whom it was not made.
    boolean shared = subject != null
        && (rules().partition() == Partition.SHARED || rules().partition() == Partition.TENANT && !tenant.isEmpty());
    return new CacheRequest(key, name -> joined(fields, name), shared, rules());
  }

  private static Optional<Entitlement> entitlement(HttpServletRequest request) {
    return request.getAttribute(UpstreamServlet.ENTITLEMENT) instanceof Entitlement known
        ? Optional.of(known)
        : Optional.empty();
  }

  /** Whether quotas are charged for a kept answer: as the plan of the caller says, or else the route. */
  boolean charges(HttpServletRequest request) {
    return entitlement(request)
        .flatMap(entitlement -> Optional.ofNullable(entitlement.options().get(CHARGE_HITS)))
        .map(option -> !option.equals("false"))
        .orElse(rules().chargesHits());
  }

  private String partition(@Nullable Subject subject, String tenant) {
    if (rules().partition() == Partition.SHARED || subject == null) {
      return "";
    }
    return rules().partition() == Partition.TENANT && !tenant.isEmpty()
        ? CacheKey.ofTenant(tenant)
        : CacheKey.ofUser(subject.user());
  }

  private static String origin(HttpFields fields) {
    String host = fields.get("X-Forwarded-Host");
    return fields.get("X-Forwarded-Proto") + "://" + (host == null ? "" : host.toLowerCase(Locale.ROOT));
  }

  static @Nullable String joined(HttpFields fields, String name) {
    var values = fields.getValuesList(name);
    return values.isEmpty() ? null : values.size() == 1 ? values.get(0) : String.join(", ", values);
  }

  /** A backend has answered a request that was forwarded as it is: what it has changed is not known any more (RFC 9111, 4.4). */
  void passed(String method, String target, HttpFields fields, int status) {
    if (!SAFE.contains(method) && status < 400) {
      CacheKey changed = new CacheKey(caching.route(), "", origin(fields), target);
      fills.outdate(entry -> entry.origin().equals(changed.origin()) && entry.target().equals(changed.target()));
      answers().invalidate(changed);
    }
  }
}
