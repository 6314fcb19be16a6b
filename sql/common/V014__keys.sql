-- What keys may have besides: networks, a successor, a suspension. An older gateway beside this one does not ask for the
-- networks and the deny lists, and disables a suspended key all the same, since that is not enabled either.

-- One network a line, in CIDR form; without any the key may be used from wherever its user may call.
ALTER TABLE api_keys ADD COLUMN networks VARCHAR DEFAULT '' NOT NULL;

-- The key that it was rotated to last. No foreign key: it stays known when that one is deleted.
ALTER TABLE api_keys ADD COLUMN replaced_by VARCHAR;

-- Why it was switched off by other means than administration: leaked.
ALTER TABLE api_keys ADD COLUMN suspension VARCHAR;

-- [jooq ignore start]
UPDATE api_keys SET replaced_by = (
  SELECT fresh.id FROM api_keys fresh WHERE fresh.replaces = api_keys.id ORDER BY fresh.created_at DESC, fresh.id LIMIT 1
);
-- [jooq ignore stop]

-- Networks from which an owner may not call, in CIDR form; asked before the others.
CREATE TABLE ip_denylist (
  user_id VARCHAR NOT NULL,
  network VARCHAR NOT NULL,
  CONSTRAINT ip_denylist_pk PRIMARY KEY (user_id, network),
  CONSTRAINT ip_denylist_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
