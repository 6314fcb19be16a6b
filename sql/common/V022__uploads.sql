-- What users have stored, and what is under way. The stages are ARRIVING, PLACING, STORED and CONDEMNED. A row that is not
-- STORED belongs to one start of a node, started_by; whoever finds that start dead undoes what the row says. object is null
-- while the content arrives, and bytes is what is charged. Of user_id no foreign key: the object outlives the user until
-- somebody has deleted it.
CREATE TABLE uploads (
  id VARCHAR NOT NULL,
  user_id VARCHAR NOT NULL,
  key_id VARCHAR NOT NULL,
  stage VARCHAR NOT NULL,
  started_by VARCHAR NOT NULL,
  object VARCHAR,
  bytes BIGINT NOT NULL,
  media_type VARCHAR,
  width INTEGER,
  height INTEGER,
  created_at BIGINT NOT NULL,
  CONSTRAINT uploads_pk PRIMARY KEY (id)
);

CREATE INDEX uploads_by_user ON uploads (user_id, created_at, id);
CREATE INDEX uploads_by_object ON uploads (object);
CREATE INDEX uploads_by_stage ON uploads (stage, created_at);
