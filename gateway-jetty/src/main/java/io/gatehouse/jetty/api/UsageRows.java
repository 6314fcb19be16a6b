package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.quota.QuotaAccounts.Account;
import io.gatehouse.event.Crossing;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** How use is told: count by count, each with the quota on it. */
public final class UsageRows {

  private UsageRows() {}

  /** Where all counts of an owner stand. */
  public static void put(ArrayNode rows, List<Account> accounts, Instant now) {
    accounts.forEach(account -> add(rows, account, now));
  }

  private static void add(ArrayNode rows, Account account, Instant now) {
    Optional<Quota> quota = account.quota();
    ObjectNode row = rows.addObject()
        .put("meter", FieldTypes.nameOf(account.key().meter()))
        .put("window", FieldTypes.nameOf(account.key().window()))
        .put("used", account.used())
        .put("most", quota.map(Quota::most).orElse(null))
        .put("remaining", quota.map(limit -> Math.max(0, limit.most() - account.used())).orElse(null))
        .put("period_start", account.ends().isEmpty() ? null : account.begins().toString())
        .put("resets_at", account.ends().map(Instant::toString).orElse(null))
        .put("forecast", account.forecastAt(now).isPresent() ? account.forecastAt(now).getAsLong() : null);
    if (quota.isPresent()) {
      putBeyond(row, quota.get(), account.used());
      putCrossed(row, account);
    }
  }

  /** Where a user's days and months begin. */
  public static void putCalendar(ObjectNode json, BillingCalendar calendar) {
    String zone = calendar.zone().equals(ZoneOffset.UTC) ? "UTC" : calendar.zone().getId();
    json.put("time_zone", zone).put("billing_day", calendar.billingDay());
  }

  /** Adds where a quota stands, if it is one with a say. */
  public static void putStanding(ObjectNode row, Quota quota, List<Account> accounts) {
    if (!quota.isShadow()) {
      accounts.stream().filter(account -> account.quota().filter(quota::equals).isPresent()).forEach(account -> {
        putBeyond(row, quota, account.used());
        putCrossed(row, account);
      });
    }
  }

  /** What is used beyond a quota, and what that means. */
  private static void putBeyond(ObjectNode json, Quota quota, long used) {
    json.put("over", used > quota.most());
    if (quota.beyond() == Beyond.OVERAGE) {
      json.put("overage", quota.overage(used));
    }
  }

  /** When each threshold was crossed. */
  private static void putCrossed(ObjectNode json, Account account) {
    ArrayNode rows = json.putArray("crossed");
    for (Crossing crossing : account.crossings()) {
      rows.addObject().put("percent", crossing.percent()).put("at", crossing.at().toString());
    }
  }
}
