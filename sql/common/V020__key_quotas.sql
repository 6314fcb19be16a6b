-- Quotas that a key, with those that it was rotated to, has beside those of its user; a key without rows has none. Its counts
-- are in quota_usage and quota_crossings under the owner key:<lineage>:<user id>, which a gateway of an older version never
-- asks for: it admits what these quotas would refuse, and counts it for the user only. cap is null where there is none.
-- Lineages have no table, so no foreign key deletes them: whoever deletes a user or the last key of a lineage deletes these.
CREATE TABLE key_quotas (
  lineage VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  enforcement VARCHAR NOT NULL,
  most BIGINT NOT NULL,
  beyond VARCHAR NOT NULL,
  cap BIGINT,
  CONSTRAINT key_quotas_pk PRIMARY KEY (lineage, meter, period, enforcement)
);

-- As quota_resets, for counts of keys.
CREATE TABLE key_quota_resets (
  lineage VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  period_start VARCHAR NOT NULL,
  resets INTEGER NOT NULL,
  CONSTRAINT key_quota_resets_pk PRIMARY KEY (lineage, meter, period, period_start)
);
