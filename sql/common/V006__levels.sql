-- Not for gateways of an older version to run beside: they know limits of users only, in tables that go away here.

-- Limits of one owner: of a user, of a key with those that it was rotated to, or of a tenant. An owner with a row in
-- limited_owners and none in own_limits is not limited; one without a row has the defaults of the gateway. Owners are of
-- several kinds, so no foreign key deletes them: whoever deletes a user or the last key of a lineage deletes their limits.
CREATE TABLE limited_owners (
  owner_level VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  CONSTRAINT limited_owners_pk PRIMARY KEY (owner_level, owner)
);

CREATE TABLE own_limits (
  owner_level VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  algorithm VARCHAR NOT NULL,
  period_nanos BIGINT NOT NULL,
  enforcement VARCHAR NOT NULL,
  permits BIGINT NOT NULL,
  burst BIGINT NOT NULL,
  CONSTRAINT own_limits_pk PRIMARY KEY (owner_level, owner, algorithm, period_nanos, enforcement),
  CONSTRAINT own_limits_of_owner FOREIGN KEY (owner_level, owner)
    REFERENCES limited_owners (owner_level, owner) ON DELETE CASCADE
);

INSERT INTO limited_owners (owner_level, owner)
  SELECT 'USER', id FROM users WHERE own_limits = TRUE;

INSERT INTO own_limits (owner_level, owner, algorithm, period_nanos, enforcement, permits, burst)
  SELECT 'USER', l.user_id, 'TOKEN_BUCKET', l.period_nanos, 'ENFORCED', l.permits, l.burst
  FROM rate_limits l JOIN users u ON u.id = l.user_id WHERE u.own_limits = TRUE;

INSERT INTO own_limits (owner_level, owner, algorithm, period_nanos, enforcement, permits, burst)
  SELECT 'USER', l.user_id, 'TOKEN_BUCKET', l.period_nanos, 'SHADOW', l.permits, l.burst
  FROM shadow_limits l JOIN users u ON u.id = l.user_id WHERE u.own_limits = TRUE;

DROP TABLE rate_limits;
DROP TABLE shadow_limits;
ALTER TABLE users DROP COLUMN own_limits;

-- The name of the tenant that a user belongs to.
ALTER TABLE users ADD COLUMN tenant VARCHAR;

-- The first key of the rotations that led to a key: found by way of replaces as far as the keys are still there, and then
-- kept.
ALTER TABLE api_keys ADD COLUMN lineage VARCHAR;

-- [jooq ignore start]
UPDATE api_keys SET lineage = (
  WITH RECURSIVE ancestors (id, depth) AS (
    SELECT api_keys.id, 0
    UNION ALL
    SELECT older.replaces, a.depth + 1 FROM ancestors a JOIN api_keys older ON older.id = a.id
    WHERE older.replaces IS NOT NULL
  )
  SELECT id FROM ancestors WHERE depth = (SELECT MAX(depth) FROM ancestors)
);
-- [jooq ignore stop]

CREATE INDEX api_keys_by_lineage ON api_keys (lineage);
