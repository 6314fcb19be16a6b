-- Keys that somebody else has made, and when keys were used.
--
-- From here on digest_version of api_keys may be 0: no pepper has made the digest, it is the SHA-256 of the key. A key of
-- which only a bcrypt hash is known has the digest "bcrypt <id>", which no key can have. A gateway of an older version
-- never asks for these.

-- bcrypt hashes, found by the beginning of the key. A row goes when its key is used for the first time.
CREATE TABLE slow_hashes (
  key_id VARCHAR NOT NULL,
  display_start VARCHAR NOT NULL,
  hash VARCHAR NOT NULL,
  CONSTRAINT slow_hashes_pk PRIMARY KEY (key_id),
  CONSTRAINT slow_hashes_start UNIQUE (display_start),
  CONSTRAINT slow_hashes_of_key FOREIGN KEY (key_id) REFERENCES api_keys (id) ON DELETE CASCADE
);

-- The minute in which a key was used last, written once a minute at the most; beside api_keys, so that its rows and their
-- indexes are left alone. No foreign key: a note may come late, and whoever deletes a key deletes its row.
CREATE TABLE key_uses (
  key_id VARCHAR NOT NULL,
  used_at BIGINT NOT NULL,
  CONSTRAINT key_uses_pk PRIMARY KEY (key_id)
);

CREATE INDEX key_uses_by_time ON key_uses (used_at);
