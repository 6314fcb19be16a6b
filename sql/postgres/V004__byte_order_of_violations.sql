-- Violations are told in the order of bytes, whatever language the database sorts by.
ALTER TABLE violations
  ALTER COLUMN key_id TYPE VARCHAR COLLATE "C",
  ALTER COLUMN reason TYPE VARCHAR COLLATE "C",
  ALTER COLUMN rule TYPE VARCHAR COLLATE "C";
