package io.gatehouse.core.metrics;

import org.jspecify.annotations.Nullable;

/**
 * The names under which things are counted. Prometheus shows them with {@code _} for the dots, and adds
 * {@code _total} to counters and the unit where there is one.
 *
 * @param name in Micrometer's form
 * @param unit in the plural; null where things are counted by the piece
 * @param sentence what it tells
 */
record Described(String name, @Nullable String unit, String sentence) {

  /**
   * Tags {@code outcome} (answered, unanswered, aborted, refused), {@code status} (1xx to 5xx, none), {@code route} (its
   * name; - for none, other).
   */
  static final Described REQUESTS = new Described(
      "gatehouse.requests", null,
      "Requests that are over. Those that were refused, or whose client left before an answer, have no status.");

  /** Tags {@code outcome} (answered, kept, unanswered, aborted), {@code route} (as above). */
  static final Described DURATION = new Described(
      "gatehouse.request.duration", "seconds", "How long admitted requests took, from admission to the end, without WebSockets.");

  /** Tags {@code reason} (of the refusal, in lower case), {@code policy} (the rule that bound; none, other). */
  static final Described REFUSALS = new Described(
      "gatehouse.refusals", null, "Requests that were refused.");

  /** Tag {@code policy} (the rule in the shadow; other). */
  static final Described SHADOW_REFUSALS = new Described(
      "gatehouse.shadow.refusals", null, "Admitted requests that a rule in the shadow would have refused.");

  /** Tags {@code quota} (its name), {@code percent} (the threshold). */
  static final Described QUOTA_CROSSINGS = new Described(
      "gatehouse.quota.crossings", null, "Parts of quotas that users have used up, each told once by one node.");

  /** Tag {@code route} (as above). */
  static final Described REQUEST_BYTES = new Described(
      "gatehouse.request.bytes", "bytes", "Bodies of admitted requests, as far as they were read.");

  /** Tag {@code route} (as above). */
  static final Described RESPONSE_BYTES = new Described(
      "gatehouse.response.bytes", "bytes", "Bodies of the answers to admitted requests, as far as they were written.");

  static final Described TUNNELS_OPEN = new Described(
      "gatehouse.tunnels.open", null, "WebSockets that are open.");

  static final Described TUNNELS_OPENED = new Described(
      "gatehouse.tunnels.opened", null, "WebSockets that were opened.");

  /** Tag {@code to} (backend, client). */
  static final Described TUNNEL_BYTES = new Described(
      "gatehouse.tunnel.bytes", "bytes", "What was relayed through WebSockets, while they are open as well.");

  static final Described HEDGES = new Described(
      "gatehouse.hedges", null, "Requests for which a second backend was asked, because the first was slow.");

  static final Described HEDGES_WON = new Described(
      "gatehouse.hedges.won", null, "Of these, requests that the second backend answered.");

  static final Described IMGPROXY_REFUSALS = new Described(
      "gatehouse.imgproxy.refusals", null, "Answers of imgproxy that does not know our signature or secret.");

  static final Described IMAGE_QUEUE_WAITING = new Described(
      "gatehouse.image.queue.waiting", null, "Requests for images that wait for their turn.");

  static final Described IMAGE_QUEUE_AT_BACKENDS = new Described(
      "gatehouse.image.queue.at.backends", null, "Requests for images that have had their turn and are not over.");

  static final Described IMAGE_QUEUE_WAITS = new Described(
      "gatehouse.image.queue.waits", null, "Requests for images that have waited before they had their turn.");

  static final Described IMAGE_QUEUE_WAITED = new Described(
      "gatehouse.image.queue.waited", "seconds", "How long these have waited in all.");

  /** Tag {@code reason} (full, tenant_full, slow). */
  static final Described IMAGE_QUEUE_TURNED_AWAY = new Described(
      "gatehouse.image.queue.turned.away", null, "Requests for images that had no turn, because too many waited or for too long.");

  /** Tags {@code backend} (its address), {@code pool} (the name of its pool). */
  static final Described BACKEND_HEALTHY = new Described(
      "gatehouse.backend.healthy", null, "1 while a backend gets requests, 0 while it is out.");

  /** Tags {@code backend} (its address), {@code pool} (the name of its pool). */
  static final Described BACKEND_IN_FLIGHT = new Described(
      "gatehouse.backend.in.flight", null, "Requests that were sent to a backend and are not over.");

  /** Tags {@code backend} (its address), {@code pool} (the name of its pool). */
  static final Described BACKEND_EJECTED = new Described(
      "gatehouse.backend.ejected", null, "1 while a backend is out for what it answers, otherwise 0.");

  /** Tags {@code backend} (its address), {@code pool} (the name of its pool). */
  static final Described BACKEND_WEIGHT = new Described(
      "gatehouse.backend.weight", null, "The weight of a backend, less while it starts slowly.");

  /** Tags {@code pool} (its name), {@code state} (closed, half_open, open). */
  static final Described POOL_BREAKER = new Described(
      "gatehouse.pool.breaker", null, "1 for the state that the breaker of a pool is in, 0 for the others.");

  /** Tags {@code cache} (its name), {@code result} (hit, miss). */
  static final Described CACHE_GETS = new Described("gatehouse.cache.gets", null, "Look-ups in a cache.");

  static final Described ANSWERS = new Described(
      "gatehouse.answers", null, "Answers of backends that are kept in memory.");

  static final Described ANSWER_BYTES = new Described(
      "gatehouse.answer.memory", "bytes", "What kept answers take in memory, with those that are being received.");

  static final Described ANSWERS_STALE = new Described(
      "gatehouse.answers.stale", null, "Kept answers that were given out stale.");

  static final Described ANSWERS_COALESCED = new Described(
      "gatehouse.answers.coalesced", null, "Requests that have shared the answer to another one.");

  static final Described ANSWERS_EVICTED = new Described(
      "gatehouse.answers.evicted", null, "Kept answers that had to make room.");

  /** Tags {@code mode} (exact, leased, local), {@code outcome} (allowed, denied). */
  static final Described LIMIT_DECISIONS = new Described(
      "gatehouse.limit.decisions", null,
      "Decisions over the limits of users and of the API, those in the shadow included, by how they were made.");

  /** Tag {@code store} (its name). */
  static final Described STORE_UP = new Described(
      "gatehouse.store.up", null, "1 while a store answers, 0 while it does not.");

  static final Described REQUEST_LOG_WRITTEN = new Described(
      "gatehouse.request_log.written", null, "Requests that were written into the request log.");

  static final Described REQUEST_LOG_DROPPED = new Described(
      "gatehouse.request_log.dropped", null, "Requests that should have been logged and were dropped.");

  static final Described REQUEST_LOG_READY = new Described(
      "gatehouse.request_log.ready", null,
      "1 while the request log has a place for the requests of today and tomorrow, 0 while one is missing.");

  /** Tag {@code outcome} (stored, known, refused, aborted, failed). */
  static final Described UPLOADS = new Described(
      "gatehouse.uploads", null, "Uploads that were admitted and are over; known are those whose content was there already.");

  static final Described UPLOAD_BYTES = new Described(
      "gatehouse.upload.bytes", "bytes", "The content of uploads that were stored.");

  /** Tag {@code kind} (network, country, key, user). */
  static final Described BLOCKS = new Described(
      "gatehouse.blocks", null, "Blocks that this node knows of and that have not ended, those in the shadow included.");

  /** Tag {@code cause} (bad_keys, address_refusals, key_refusals, spike). */
  static final Described SUSPENSIONS = new Described(
      "gatehouse.suspensions", null, "Callers that this node has suspended, in the shadow too.");

  static final Described SUSPENSIONS_DROPPED = new Described(
      "gatehouse.suspensions.dropped", null, "Offences for which nobody was suspended, because there was no room.");

  static final Described CONFIG_SUCCESSFUL = new Described(
      "gatehouse.config.last.reload.successful", null,
      "1 when the settings could be read as they were last tried, 0 when they had faults and those before stay in force.");

  static final Described CONFIG_LOADED_AT = new Described(
      "gatehouse.config.last.reload.success.timestamp", "seconds",
      "When the settings that are in force were read, in seconds since 1970.");

  static final Described CONFIG_WAITING = new Described(
      "gatehouse.config.waiting", null, "Settings that were read and wait for a restart.");

  /** The buckets of {@link #DURATION}, in milliseconds. */
  static final double[] DURATION_BUCKETS_MILLIS = {
    0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000
  };
}
