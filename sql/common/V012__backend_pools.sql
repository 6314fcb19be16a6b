-- Which pool a backend belongs to; until now there was one.

ALTER TABLE backends ADD COLUMN pool VARCHAR DEFAULT 'default' NOT NULL;
