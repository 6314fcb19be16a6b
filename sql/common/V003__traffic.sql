-- Traffic and violations by the minute: a row for each minute, user, key and source. A source is a part of one start of
-- one node; its numbers only ever grow, and readers add sources up. minute_at is the beginning of a minute. The user "-"
-- stands for callers that nobody knows, "*" for those beyond the number that a node keeps apart. Rows older than 35 days
-- are pruned. No foreign key: what happened stays counted when its user is deleted.
CREATE TABLE usage_minutes (
  user_id VARCHAR NOT NULL,
  minute_at BIGINT NOT NULL,
  key_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  requests BIGINT NOT NULL,
  request_bytes BIGINT NOT NULL,
  response_bytes BIGINT NOT NULL,
  errors BIGINT NOT NULL,
  CONSTRAINT usage_minutes_pk PRIMARY KEY (user_id, minute_at, key_id, source)
);

CREATE INDEX usage_minutes_by_time ON usage_minutes (minute_at);

-- Refusals: reason is the name that the Java code has, rule the limit, quota or list that bound, or nothing.
CREATE TABLE violations (
  user_id VARCHAR NOT NULL,
  minute_at BIGINT NOT NULL,
  key_id VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  rule VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  refused BIGINT NOT NULL,
  CONSTRAINT violations_pk PRIMARY KEY (user_id, minute_at, key_id, reason, rule, source)
);

CREATE INDEX violations_by_time ON violations (minute_at);
