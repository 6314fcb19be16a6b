-- Single requests, one row each, for some days. logged_at is when the answer was complete. user_id and key_id are empty
-- when nobody was recognised; reason is the name that the Java code has and rule the limit, quota or list that bound, both
-- empty when the request was admitted. The key begins with the time, since that is what rows are read and deleted by. No
-- foreign key: what happened stays known when its user is deleted. PostgreSQL has the same table in pieces (V010).
CREATE TABLE request_logs (
  logged_at BIGINT NOT NULL,
  id VARCHAR NOT NULL,
  request_id VARCHAR NOT NULL,
  trace_id VARCHAR NOT NULL,
  user_id VARCHAR NOT NULL,
  key_id VARCHAR NOT NULL,
  client VARCHAR NOT NULL,
  method VARCHAR NOT NULL,
  target VARCHAR NOT NULL,
  status INTEGER NOT NULL,
  reason VARCHAR NOT NULL,
  rule VARCHAR NOT NULL,
  backend VARCHAR NOT NULL,
  request_bytes BIGINT NOT NULL,
  response_bytes BIGINT NOT NULL,
  elapsed_nanos BIGINT NOT NULL,
  CONSTRAINT request_logs_pk PRIMARY KEY (logged_at, id)
);

CREATE INDEX request_logs_by_user ON request_logs (user_id, logged_at, id);
