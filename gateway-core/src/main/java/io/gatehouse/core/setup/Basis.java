package io.gatehouse.core.setup;

import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.settings.Settings;

/** By which settings administration answers, and what follows from them. Immutable; another one for other settings. */
public interface Basis {

  Settings settings();

  /** The quotas and calendars of users without their own, and of those with. */
  QuotaPlan quotaPlan();

  /** What users have used, and the changes that touch it. */
  QuotaAccounts quotaAccounts();
}
