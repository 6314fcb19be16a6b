-- The tables of Gatehouse, in the words that PostgreSQL and SQLite share.
--
-- Ids are made by the application, in an order that follows the time. Times are milliseconds since 1970 UTC,
-- lengths of time are nanoseconds, days are ISO text (2026-11-24), enumerations are the names that the Java
-- code has.

-- Tenants. name_key is the name without regard to case. own_limits and own_quotas tell an owner with an empty
-- list of its own (nothing is limited) from one that has none (the defaults of the gateway apply).
CREATE TABLE users (
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  name_key VARCHAR NOT NULL,
  enabled BOOLEAN NOT NULL,
  own_limits BOOLEAN NOT NULL,
  own_quotas BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT users_pk PRIMARY KEY (id),
  CONSTRAINT users_name UNIQUE (name_key)
);

-- API keys. digest is the one-way image of the key as 64 hexadecimal digits, digest_version the pepper that
-- made it. scopes has one scope a line.
CREATE TABLE api_keys (
  id VARCHAR NOT NULL,
  user_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  display_start VARCHAR NOT NULL,
  digest VARCHAR NOT NULL,
  digest_version INTEGER NOT NULL,
  scopes VARCHAR NOT NULL,
  enabled BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  replaces VARCHAR,
  CONSTRAINT api_keys_pk PRIMARY KEY (id),
  CONSTRAINT api_keys_digest UNIQUE (digest, digest_version),
  CONSTRAINT api_keys_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at, id);

-- Which pepper made the digests of which version: an image of the pepper, from which it cannot be found out. A node with
-- another pepper would know none of the keys, and must notice.
CREATE TABLE peppers (
  version INTEGER NOT NULL,
  fingerprint VARCHAR NOT NULL,
  CONSTRAINT peppers_pk PRIMARY KEY (version)
);

-- Backends that were added at run time.
CREATE TABLE backends (
  uri VARCHAR NOT NULL,
  weight INTEGER NOT NULL,
  state VARCHAR NOT NULL,
  health_check_nanos BIGINT NOT NULL,
  CONSTRAINT backends_pk PRIMARY KEY (uri)
);

-- Limits of one owner: permits in every period on average, at the most burst at once.
CREATE TABLE rate_limits (
  user_id VARCHAR NOT NULL,
  period_nanos BIGINT NOT NULL,
  permits BIGINT NOT NULL,
  burst BIGINT NOT NULL,
  CONSTRAINT rate_limits_pk PRIMARY KEY (user_id, period_nanos),
  CONSTRAINT rate_limits_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Quotas of one owner: at the most so much of a meter in a calendar period.
CREATE TABLE quotas (
  user_id VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  most BIGINT NOT NULL,
  CONSTRAINT quotas_pk PRIMARY KEY (user_id, meter, period),
  CONSTRAINT quotas_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Networks from which an owner may call, in CIDR form; an owner without any may call from everywhere.
CREATE TABLE ip_whitelist (
  user_id VARCHAR NOT NULL,
  network VARCHAR NOT NULL,
  CONSTRAINT ip_whitelist_pk PRIMARY KEY (user_id, network),
  CONSTRAINT ip_whitelist_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- What each source (one start of one node) has counted; both numbers only ever grow. No foreign key: what was
-- used stays counted when its owner is deleted.
CREATE TABLE quota_usage (
  owner VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  period_start VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  added BIGINT NOT NULL,
  returned BIGINT NOT NULL,
  CONSTRAINT quota_usage_pk PRIMARY KEY (owner, meter, period, period_start, source)
);

-- The number of the newest change: one row, locked by every transaction that changes something, so that the
-- order of numbers is the order of commits and a reader that has seen a number has seen all below it.
CREATE TABLE revision (
  id INTEGER NOT NULL,
  latest BIGINT NOT NULL,
  CONSTRAINT revision_pk PRIMARY KEY (id),
  CONSTRAINT revision_single CHECK (id = 1)
);

INSERT INTO revision (id, latest) VALUES (1, 0);

-- What changed, for the other nodes to hear of. Rows older than an hour are pruned.
CREATE TABLE changes (
  number BIGINT NOT NULL,
  topic VARCHAR NOT NULL,
  reference VARCHAR NOT NULL,
  changed_at BIGINT NOT NULL,
  CONSTRAINT changes_pk PRIMARY KEY (number)
);

CREATE INDEX changes_by_time ON changes (changed_at);
