-- Who administers besides the token of the configuration. digest is the one-way image of the token as 64 hexadecimal
-- digits, digest_version the pepper that made it. tenant is there with the role TENANT only.
CREATE TABLE administrators (
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  role VARCHAR NOT NULL,
  tenant VARCHAR,
  display_start VARCHAR NOT NULL,
  digest VARCHAR NOT NULL,
  digest_version INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT administrators_pk PRIMARY KEY (id),
  CONSTRAINT administrators_digest UNIQUE (digest, digest_version)
);

-- Every change: who made it (the id of an administrator, "configuration" or "command-line"), from where, and what was there
-- before and after, as JSON; empty where nothing was. subject is what was changed, as it is called in paths: users/01M8.
-- No foreign key: what happened stays known when who did it, or what it was done to, is deleted.
CREATE TABLE audit_log (
  made_at BIGINT NOT NULL,
  id VARCHAR NOT NULL,
  administrator VARCHAR NOT NULL,
  administrator_name VARCHAR NOT NULL,
  address VARCHAR NOT NULL,
  request_id VARCHAR NOT NULL,
  operation VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  state_before VARCHAR NOT NULL,
  state_after VARCHAR NOT NULL,
  CONSTRAINT audit_log_pk PRIMARY KEY (made_at, id)
);

CREATE INDEX audit_log_by_subject ON audit_log (subject, made_at, id);
CREATE INDEX audit_log_by_administrator ON audit_log (administrator, made_at, id);

-- Answers to requests that came with a key of the client's, so that the same request gets the same answer again. The key and
-- the request are digests, the answer is sealed with what only the client and the pepper know together.
CREATE TABLE given_answers (
  caller VARCHAR NOT NULL,
  answer_key VARCHAR NOT NULL,
  request_digest VARCHAR NOT NULL,
  sealed VARCHAR NOT NULL,
  given_at BIGINT NOT NULL,
  CONSTRAINT given_answers_pk PRIMARY KEY (caller, answer_key)
);

CREATE INDEX given_answers_by_time ON given_answers (given_at);
CREATE INDEX given_answers_of_caller ON given_answers (caller, given_at);
