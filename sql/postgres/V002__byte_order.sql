-- Lists are ordered by these columns. SQLite compares bytes; PostgreSQL would follow the language of the
-- database, and pages would differ from one installation to the next.
ALTER TABLE users ALTER COLUMN id TYPE VARCHAR COLLATE "C";
ALTER TABLE api_keys ALTER COLUMN id TYPE VARCHAR COLLATE "C";
ALTER TABLE backends ALTER COLUMN uri TYPE VARCHAR COLLATE "C";
