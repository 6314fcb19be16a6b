-- Pages go by these columns, in the order of bytes, and what belongs to a subject is found by the range of its text.
ALTER TABLE administrators ALTER COLUMN id TYPE VARCHAR COLLATE "C";
ALTER TABLE audit_log
  ALTER COLUMN id TYPE VARCHAR COLLATE "C",
  ALTER COLUMN subject TYPE VARCHAR COLLATE "C";
