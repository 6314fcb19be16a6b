-- Traffic of requests that an endpoint of rate_limits.endpoints covers, under the name of the endpoint; that of the others
-- stays in usage_minutes, where all of it was until now. Rows have the same form and the same rules (V003), and readers add
-- both tables up. In a table of its own, so that nothing has to be rebuilt, and a gateway of an older version goes on with
-- its upserts while both run.
CREATE TABLE endpoint_minutes (
  user_id VARCHAR NOT NULL,
  minute_at BIGINT NOT NULL,
  key_id VARCHAR NOT NULL,
  endpoint VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  requests BIGINT NOT NULL,
  request_bytes BIGINT NOT NULL,
  response_bytes BIGINT NOT NULL,
  errors BIGINT NOT NULL,
  CONSTRAINT endpoint_minutes_pk PRIMARY KEY (user_id, minute_at, key_id, endpoint, source)
);

CREATE INDEX endpoint_minutes_by_time ON endpoint_minutes (minute_at);
