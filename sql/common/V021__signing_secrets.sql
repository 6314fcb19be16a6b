-- The secrets that sign URLs in the name of a key, at most two of a key, so that one can take the place of the other. Each is
-- sealed with a pepper, of which pepper_version is the number, and with the ids of the secret and its key: it cannot be opened
-- in the place of another one. A gateway of an older version knows of no signed URLs.
CREATE TABLE signing_secrets (
  id VARCHAR NOT NULL,
  key_id VARCHAR NOT NULL,
  pepper_version INTEGER NOT NULL,
  sealed VARCHAR NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT signing_secrets_pk PRIMARY KEY (id),
  CONSTRAINT signing_secrets_of_key FOREIGN KEY (key_id) REFERENCES api_keys (id) ON DELETE CASCADE
);

CREATE INDEX signing_secrets_by_key ON signing_secrets (key_id);
