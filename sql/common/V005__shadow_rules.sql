-- Limits and quotas of one owner that refuse nothing and only count what they would have refused. In tables of their
-- own, so that a gateway of an older version, which knows nothing of shadows, does not enforce them while both run.

CREATE TABLE shadow_limits (
  user_id VARCHAR NOT NULL,
  period_nanos BIGINT NOT NULL,
  permits BIGINT NOT NULL,
  burst BIGINT NOT NULL,
  CONSTRAINT shadow_limits_pk PRIMARY KEY (user_id, period_nanos),
  CONSTRAINT shadow_limits_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE shadow_quotas (
  user_id VARCHAR NOT NULL,
  meter VARCHAR NOT NULL,
  period VARCHAR NOT NULL,
  most BIGINT NOT NULL,
  CONSTRAINT shadow_quotas_pk PRIMARY KEY (user_id, meter, period),
  CONSTRAINT shadow_quotas_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
