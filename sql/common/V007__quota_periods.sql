-- Quotas in calendars of their owners: counts that are begun anew, use beyond quotas, and thresholds.
--
-- From here on period_start of quota_usage may have a dot and a number behind the day (2026-11-24.1): the count that took
-- the place of the first one when use was set back to zero, so often. A gateway of an older version never asks for these.

-- When the days and months of one owner begin; null: as the gateway is set.
ALTER TABLE users ADD COLUMN time_zone VARCHAR;
ALTER TABLE users ADD COLUMN billing_day INTEGER;

-- Quotas that a gateway of an older version does not understand: of further meters, or such that let pass what is beyond
-- them. cap is null where there is none. In a table of their own, so that it neither fails at them nor enforces them while
-- both run.
CREATE TABLE further_quotas (
  user_id VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  most BIGINT NOT NULL,
  beyond VARCHAR NOT NULL,
  cap BIGINT,
  CONSTRAINT further_quotas_pk PRIMARY KEY (user_id, meter, period),
  CONSTRAINT further_quotas_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- In which periods counting was begun anew, and how often. Rows of periods that are long over are dropped by the next one.
CREATE TABLE quota_resets (
  user_id VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  period_start VARCHAR NOT NULL,
  resets INTEGER NOT NULL,
  CONSTRAINT quota_resets_pk PRIMARY KEY (user_id, meter, period, period_start),
  CONSTRAINT quota_resets_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Which parts of quotas, in percent, were used up, and how much it was when that was noticed. Of all nodes that notice it,
-- the one whose row gets in tells. period_start as in quota_usage.
CREATE TABLE quota_crossings (
  owner VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  period_start VARCHAR NOT NULL,
  percent INTEGER NOT NULL,
  most BIGINT NOT NULL,
  used BIGINT NOT NULL,
  crossed_at BIGINT NOT NULL,
  CONSTRAINT quota_crossings_pk PRIMARY KEY (owner, meter, period, period_start, percent)
);
