-- Backends that register themselves, among those that were added at run time: until when each is believed, by the clock of
-- the database, and for how long after it was last heard of. Both are null for those that are kept for good, as all were.
ALTER TABLE backends ADD COLUMN expires_at BIGINT;
ALTER TABLE backends ADD COLUMN ttl_nanos BIGINT;
