-- Who is kept out. blocked is a network in CIDR form, a country, or the id of a key or user, as kind says; strikes is how
-- often in a row the gateway itself has made the block, and 0 for an administrator's. A row that has ended stays for a while
-- and tells how often there was one. No foreign key: kind says what blocked is, and a block outlives who it keeps out.
CREATE TABLE blocks (
  id VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  blocked VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  enforcement VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  strikes INTEGER NOT NULL,
  CONSTRAINT blocks_pk PRIMARY KEY (id),
  CONSTRAINT blocks_of_source UNIQUE (blocked, kind, source)
);

CREATE INDEX blocks_by_end ON blocks (expires_at);
