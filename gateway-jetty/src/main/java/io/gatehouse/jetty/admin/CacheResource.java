package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.Purge;
import io.gatehouse.core.sql.SqlAnnouncements;
import io.gatehouse.event.Change;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.limit.Endpoint;
import java.util.Optional;

/** The kept answers of backends: how many this node has, and forgetting some of them on all nodes. */
final class CacheResource {

  private static final String PATH = AdminServlet.ROOT + "cache";

  private static final FieldType<String> ROUTE =
      FieldTypes.text("1 to 40 lower-case letters, digits and hyphens", text -> text.matches(Endpoint.NAME));
  private static final FieldType<String> PREFIX =
      FieldTypes.text("the beginning of a target such as /img", text -> text.startsWith("/"));
  private static final FieldType<String> TAG =
      FieldTypes.text("a word without commas and spaces", text -> text.matches("[^,\\s]{1,200}"));

  private final AnswerCache answers;
  private final SqlAnnouncements announcements;

  CacheResource(AnswerCache answers, SqlAnnouncements announcements) {
    this.answers = answers;
    this.announcements = announcements;
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::show);
    router.add("DELETE", PATH, this::purge);
  }

  private Answer show(Call call) {
    call.check();
    AnswerCache.Figures figures = answers.figures();
    return Answer.ok(
        Json.object()
            .put("entries", figures.entries())
            .put("bytes", figures.bytes())
            .put("most_bytes", figures.mostBytes())
            .put("hits", figures.hits())
            .put("stale", figures.stale())
            .put("misses", figures.misses())
            .put("coalesced", figures.coalesced())
            .put("evictions", figures.evictions())
            .put("disk_entries", figures.diskEntries())
            .put("disk_bytes", figures.diskBytes()));
  }

  /** What is told with the transaction, other nodes and this one hear of when it is over. */
  private Answer purge(Call call) {
    Optional<String> tenant = call.query().get("tenant", FieldTypes.TENANT);
    Optional<String> route = call.query().get("route", ROUTE);
    Optional<String> prefix = call.query().get("prefix", PREFIX);
    Optional<String> tag = call.query().get("tag", TAG);
    call.check();
    Purge purge = new Purge(tenant, route, prefix, tag);
    announcements.announce(new Change(Change.Topic.ANSWERS, purge.text()));
    ObjectNode said = Json.object();
    tenant.ifPresent(name -> said.put("tenant", name));
    route.ifPresent(name -> said.put("route", name));
    prefix.ifPresent(begin -> said.put("prefix", begin));
    tag.ifPresent(word -> said.put("tag", word));
    call.touch("cache", Optional.of(said), Optional.empty());
    return Answer.noContent();
  }
}
