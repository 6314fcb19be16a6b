package io.gatehouse.jetty.account;

import static io.gatehouse.jetty.api.Operation.ask;
import static io.gatehouse.jetty.api.Operation.change;
import static io.gatehouse.jetty.api.Operation.read;
import static io.gatehouse.jetty.api.Operation.Parameter.optional;

import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.Operation.Parameter;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.Schema;
import io.gatehouse.jetty.api.TrafficHistory;
import java.util.List;

/**
 * All that whoever sends an API key can ask of the gateway itself. The only list of it: paths and methods, the
 * permission that a key with scopes needs, what a query may say, and the part of the OpenAPI document all follow from
 * it. What is added here, and not below {@value AccountServlet#PATH}, is to be reserved there, too.
 */
public final class AccountOperations {

  /** What a key with scopes needs in order to see what is its user's: {@value}. */
  static final String READ = "account:read";

  /** What a key needs in order to make keys, and to change others than itself: {@value}. It may all the rest as well. */
  static final String KEYS = "account:keys";

  /** What a key with scopes needs in order to have URLs signed in its name: {@value}. */
  static final String SIGN = "account:sign";

  public static final List<Operation> ALL =
      List.of(
          read("showAccount", "account", "Shows whose key it is and what it may").byKeys(READ).answers(200, "Account"),
          read("showOwnUsage", "account/usage", "Shows what was used, what is left, and a forecast")
              .byKeys(READ)
              .answers(200, "OwnUsage"),
          read("showOwnHistory", "account/history", "Shows what was transferred, by the minute, hour or day")
              .byKeys(READ)
              .query(
                  optional("from", Schema.text("date-time"), "The first moment."),
                  optional("to", Schema.text("date-time"), "The first moment that is not included; otherwise now."),
                  optional("by", Schema.choice(TrafficHistory.By.class), "The length of a row; otherwise a day."),
                  optional("endpoint", Schema.text(), "Of one endpoint only; empty: of what none covered."),
                  optional("group", Schema.choice(TrafficHistory.Group.class), "A row for each endpoint."))
              .answers(200, "History"),
          read("showOwnLimits", "account/limits", "Shows where all limits and quotas of the key stand; spends nothing")
              .byKeys(READ)
              .query(
                  optional("method", Schema.text(), "The method of the request; otherwise GET."),
                  optional("target", Schema.text(), "The path of the request; otherwise `/`."),
                  optional("host", Schema.text(), "The host that the request is for; otherwise none is named."))
              .answers(200, "Standings"),
          read("listOwnKeys", "account/keys", "Lists the keys of the user")
              .byKeys(READ)
              .query(
                  optional("after", Schema.text(), "The `next` of the answer before."),
                  limit())
              .answers(200, "Keys"),
          change("addOwnKey", "POST", "account/keys", "Makes a key that may no more than the one that asks")
              .byKeys(KEYS)
              .takes("OwnKeyToAdd")
              .answers(201, "KeyWithSecret")
              .mayFail("keys-full", "key-limited"),
          read("showOwnKey", "account/keys/{id}", "Shows a key of the user").byKeys(READ).answers(200, "Key"),
          change("deleteOwnKey", "DELETE", "account/keys/{id}", "Revokes a key, at once")
              .byKeys(KEYS)
              .answers(204, ""),
          change("rotateOwnKey", "POST", "account/keys/{id}/rotate", "Makes a successor of a key")
              .byKeys(KEYS)
              .shownBy("account/keys/{id}")
              .takes("Rotation")
              .answers(201, "KeyWithSecret")
              .mayFail("key-not-usable", "keys-full", "key-limited"),
          ask("signOwnUrl", "account/signed-urls", "Signs a URL of a picture for the key that asks")
              .byKeys(SIGN)
              .takes("UrlToSign")
              .answers(200, "SignedUrl")
              .mayFail("signing-secret-missing", "images-off"));

  private AccountOperations() {}

  private static Parameter limit() {
    return optional(
        "limit", Schema.count(1, Page.LARGEST), "How many rows at the most; otherwise " + Page.USUAL + ".");
  }
}
