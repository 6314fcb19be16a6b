-- Named sets of limits, quotas, scopes and options. Each is one row, so that it is read at one moment; the columns hold one
-- thing a line. Null in user_limits, key_limits and quotas: the plan says nothing, and the configuration holds; empty: no
-- limits, no quotas. Empty scopes: everything.
--   limits   ALGORITHM ENFORCEMENT permits period burst            TOKEN_BUCKET ENFORCED 100 PT1M 200
--   quotas   METER WINDOW ENFORCEMENT most BEYOND cap               BYTES MONTH ENFORCED 1000000 OVERAGE -
--   options  name, a space, the value                               max_pixels 50000000
CREATE TABLE plans (
  name VARCHAR NOT NULL,
  title VARCHAR NOT NULL,
  user_limits VARCHAR,
  key_limits VARCHAR,
  quotas VARCHAR,
  scopes VARCHAR NOT NULL,
  options VARCHAR NOT NULL,
  CONSTRAINT plans_pk PRIMARY KEY (name)
);

-- The plan that a user is on; users without a row are on none.
CREATE TABLE user_plans (
  user_id VARCHAR NOT NULL,
  plan VARCHAR NOT NULL,
  CONSTRAINT user_plans_pk PRIMARY KEY (user_id),
  CONSTRAINT user_plans_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT user_plans_on_plan FOREIGN KEY (plan) REFERENCES plans (name) ON DELETE NO ACTION
);

CREATE INDEX user_plans_by_plan ON user_plans (plan);

-- The plan that a user will be on from due_at on, by the clock of the database; null: none.
CREATE TABLE plan_changes (
  user_id VARCHAR NOT NULL,
  plan VARCHAR,
  due_at BIGINT NOT NULL,
  CONSTRAINT plan_changes_pk PRIMARY KEY (user_id),
  CONSTRAINT plan_changes_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT plan_changes_to_plan FOREIGN KEY (plan) REFERENCES plans (name) ON DELETE NO ACTION
);

CREATE INDEX plan_changes_by_plan ON plan_changes (plan);
CREATE INDEX plan_changes_by_due ON plan_changes (due_at);
