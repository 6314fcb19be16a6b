package io.gatehouse.jetty.admin;

import static io.gatehouse.jetty.api.Operation.Parameter.optional;
import static io.gatehouse.jetty.api.Operation.Parameter.required;
import static io.gatehouse.jetty.api.Operation.ask;
import static io.gatehouse.jetty.api.Operation.change;
import static io.gatehouse.jetty.api.Operation.read;
import static io.gatehouse.jetty.api.Operation.tell;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.admin.Role;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.Operation.Parameter;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.Schema;
import io.gatehouse.jetty.api.TrafficHistory;
import io.gatehouse.key.UserAdmin;
import java.util.List;
import java.util.Set;

/**
 * All that administration does. The only list of it: paths and methods, who may use them, what a query may say, and the
 * OpenAPI document all follow from it.
 */
final class Operations {

  private static final Set<Role> OWNER = Set.of(Role.OWNER);
  private static final Set<Role> OPERATORS = Set.of(Role.OWNER, Role.OPERATOR);

  /** Of their own tenant, if they are bound to one. */
  private static final Set<Role> OPERATORS_AND_TENANTS = Set.of(Role.OWNER, Role.OPERATOR, Role.TENANT);

  /** And backends about themselves. */
  private static final Set<Role> OPERATORS_AND_BACKENDS = Set.of(Role.OWNER, Role.OPERATOR, Role.REGISTRAR);

  private static final Set<Role> READERS = Set.of(Role.OWNER, Role.OPERATOR, Role.VIEWER);

  /** Of their own tenant, if they are bound to one. */
  private static final Set<Role> EVERYBODY = Set.of(Role.OWNER, Role.OPERATOR, Role.VIEWER, Role.TENANT);

  private static final Parameter LIMIT =
      optional("limit", Schema.count(1, Page.LARGEST), "How many rows at the most; otherwise " + Page.USUAL + ".");
  private static final Parameter AFTER =
      optional("after", Schema.text(), "The `next` of the answer before.");
  private static final Parameter FROM = optional("from", Schema.text("date-time"), "The first moment.");
  private static final Parameter TO =
      optional("to", Schema.text("date-time"), "The first moment that is not included; otherwise now.");

  private static final Parameter METHOD = optional("method", Schema.text(), "The method of the request; otherwise GET.");
  private static final Parameter TARGET = optional("target", Schema.text(), "The path of the request; otherwise `/`.");
  private static final Parameter ADDRESS = optional("address", Schema.text(), "The address of the client.");
  private static final Parameter HOST =
      optional("host", Schema.text(), "The host that the request is for; otherwise none is named.");

  private static final Parameter FORCE =
      optional("force", Schema.bool(), "True: even if that keeps out the address of whoever asks.");

  /** What happens, as it happens; of all tenants. */
  static final Operation LIVE =
      tell("watch", "live", "Tells what this node does, as it happens, for a quarter of an hour")
          .by(READERS)
          .answers(200, "Live")
          .mayFail("too-many-watchers");

  static final List<Operation> ALL =
      List.of(
          read("listUsers", "users", "Lists users, or finds one by name")
              .by(EVERYBODY)
              .query(AFTER, LIMIT, optional("name", Schema.text(), "The one user with this name, without regard to case; alone."),
                  optional("name_prefix", Schema.text(), "Whose name begins so, without regard to case."),
                  optional("tenant", Schema.text(), "Of this tenant."),
                  optional("enabled", Schema.bool(), "Switched on, or off."),
                  optional("plan", Schema.text(), "On this plan, or will be by a scheduled change."),
                  optional("order", Schema.choice(UserAdmin.Order.class), "Which come first; otherwise the oldest."))
              .answers(200, "Users"),
          change("addUser", "POST", "users", "Adds a user")
              .by(OPERATORS_AND_TENANTS)
              .takes("UserToAdd")
              .answers(201, "User")
              .mayFail("name-taken"),
          read("showUser", "users/{id}", "Shows a user").by(EVERYBODY).answers(200, "User"),
          change("changeUser", "PATCH", "users/{id}", "Renames a user, switches them off or on, gives them to a tenant")
              .by(OPERATORS_AND_TENANTS)
              .takes("UserChange")
              .answers(200, "User")
              .mayFail("name-taken"),
          change("deleteUser", "DELETE", "users/{id}", "Deletes a user with keys, networks, limits and quotas")
              .by(OPERATORS_AND_TENANTS)
              .answers(204, ""),
          read("showUserPlan", "users/{id}/plan", "Shows which plan a user is on")
              .by(EVERYBODY)
              .answers(200, "UserPlan"),
          change("changeUserPlan", "PUT", "users/{id}/plan", "Puts a user on a plan, now or at a moment")
              .by(OPERATORS)
              .takes("UserPlanChange")
              .answers(200, "UserPlan"),
          change("leavePlan", "DELETE", "users/{id}/plan", "Takes a user off any plan, or a scheduled change back")
              .by(OPERATORS)
              .query(optional("scheduled", Schema.bool(), "True: takes the scheduled change back, and leaves the plan."))
              .answers(204, ""),
          read("listPlans", "plans", "Lists plans").by(READERS).answers(200, "Plans"),
          read("showPlan", "plans/{id}", "Shows a plan").by(READERS).answers(200, "Plan"),
          change("putPlan", "PUT", "plans/{id}", "Adds a plan, or replaces it for all who are on it")
              .by(OPERATORS)
              .takes("PlanToPut")
              .answers(200, "Plan")
              .answers(201, "Plan")
              .mayFail("plans-full"),
          change("deletePlan", "DELETE", "plans/{id}", "Deletes a plan that no user is on")
              .by(OPERATORS)
              .answers(204, "")
              .mayFail("plan-in-use"),
          read("listKeys", "keys", "Lists the keys of a user")
              .by(EVERYBODY)
              .query(
                  required("user", Schema.text(), "The id of the user."),
                  optional("enabled", Schema.bool(), "Switched on, or off."),
                  optional("expires_before", Schema.text("date-time"), "Whose life is over at this moment."),
                  AFTER,
                  LIMIT)
              .answers(200, "Keys"),
          change("addKey", "POST", "keys", "Makes a key, or adds one that somebody else has made")
              .by(OPERATORS_AND_TENANTS)
              .takes("KeyToAdd")
              .answers(201, "KeyWithSecret"),
          read("showKey", "keys/{id}", "Shows a key").by(EVERYBODY).answers(200, "Key"),
          change("changeKey", "PATCH", "keys/{id}", "Changes a key")
              .by(OPERATORS_AND_TENANTS)
              .takes("KeyChange")
              .answers(200, "Key"),
          change("deleteKey", "DELETE", "keys/{id}", "Deletes a key").by(OPERATORS_AND_TENANTS).answers(204, ""),
          change("rotateKey", "POST", "keys/{id}/rotate", "Makes a successor of a key")
              .by(OPERATORS_AND_TENANTS)
              .shownBy("keys/{id}")
              .takes("Rotation")
              .answers(201, "KeyWithSecret")
              .mayFail("key-not-usable"),
          read("listSigningSecrets", "keys/{id}/signing-secrets", "Lists the secrets that sign URLs for a key")
              .by(EVERYBODY)
              .answers(200, "SigningSecrets"),
          change("addSigningSecret", "POST", "keys/{id}/signing-secrets", "Makes a secret that signs URLs for a key")
              .by(OPERATORS_AND_TENANTS)
              .answers(201, "SigningSecretWithSecret")
              .mayFail("signing-secrets-full"),
          change("deleteSigningSecret", "DELETE", "keys/{id}/signing-secrets/{part}", "Deletes a secret that signs URLs")
              .by(OPERATORS_AND_TENANTS)
              .shownBy("keys/{id}/signing-secrets")
              .answers(204, ""),
          ask("signUrl", "keys/{id}/signed-urls", "Signs a URL of a picture for a key")
              .by(OPERATORS_AND_TENANTS)
              .takes("UrlToSign")
              .answers(200, "SignedUrl")
              .mayFail("signing-secret-missing"),
          change("reportKey", "POST", "keys/report", "Suspends a key that has leaked, by the key itself")
              .by(OPERATORS)
              .takes("LeakedKey")
              .answers(202, "Report"),
          read("showNetworks", "users/{id}/whitelist", "Shows from where a user may call")
              .by(EVERYBODY)
              .answers(200, "Networks"),
          change("replaceNetworks", "PUT", "users/{id}/whitelist", "Replaces from where a user may call")
              .by(OPERATORS_AND_TENANTS)
              .takes("Networks")
              .answers(200, "Networks"),
          read("showDenied", "users/{id}/denylist", "Shows from where a user may not call")
              .by(EVERYBODY)
              .answers(200, "Networks"),
          change("replaceDenied", "PUT", "users/{id}/denylist", "Replaces from where a user may not call")
              .by(OPERATORS_AND_TENANTS)
              .takes("Networks")
              .answers(200, "Networks"),
          read("showUserLimits", "users/{id}/limits", "Shows how fast a user may be")
              .by(EVERYBODY)
              .answers(200, "Limits"),
          change("replaceUserLimits", "PUT", "users/{id}/limits", "Replaces how fast a user may be")
              .by(OPERATORS)
              .takes("LimitsToSet")
              .answers(200, "Limits"),
          change("resetUserLimits", "DELETE", "users/{id}/limits", "Goes back to the limits of the plan or the configuration")
              .by(OPERATORS)
              .answers(204, ""),
          read("showKeyLimits", "keys/{id}/limits", "Shows how fast a key may be").by(EVERYBODY).answers(200, "Limits"),
          change("replaceKeyLimits", "PUT", "keys/{id}/limits", "Replaces how fast a key may be")
              .by(OPERATORS)
              .takes("LimitsToSet")
              .answers(200, "Limits"),
          change("resetKeyLimits", "DELETE", "keys/{id}/limits", "Goes back to the limits of the plan or the configuration")
              .by(OPERATORS)
              .answers(204, ""),
          read("showTenantLimits", "tenants/{id}/limits", "Shows how fast all users of a tenant together may be")
              .by(EVERYBODY)
              .answers(200, "Limits"),
          change("replaceTenantLimits", "PUT", "tenants/{id}/limits", "Replaces how fast a tenant may be")
              .by(OPERATORS)
              .takes("LimitsToSet")
              .answers(200, "Limits"),
          change("resetTenantLimits", "DELETE", "tenants/{id}/limits", "Goes back to the limits of the configuration")
              .by(OPERATORS)
              .answers(204, ""),
          read("showStandings", "usage/{id}/limits", "Shows where all limits and quotas of a key stand")
              .by(EVERYBODY)
              .query(METHOD, TARGET, ADDRESS, HOST)
              .answers(200, "Standings"),
          read("showQuotas", "users/{id}/quotas", "Shows how much a user may use").by(EVERYBODY).answers(200, "Quotas"),
          change("replaceQuotas", "PUT", "users/{id}/quotas", "Replaces how much a user may use")
              .by(OPERATORS)
              .takes("QuotasToSet")
              .answers(200, "Quotas"),
          change("resetQuotas", "DELETE", "users/{id}/quotas", "Goes back to the quotas of the plan or the configuration")
              .by(OPERATORS)
              .answers(204, ""),
          change("beginAnew", "POST", "users/{id}/quotas/reset", "Begins to count from zero what a user has used")
              .by(OPERATORS)
              .shownBy("users/{id}/usage")
              .takes("CountsToReset")
              .answers(200, "Usage"),
          read("showKeyQuotas", "keys/{id}/quotas", "Shows how much a key may use beside what its user may")
              .by(EVERYBODY)
              .answers(200, "KeyQuotas"),
          change("replaceKeyQuotas", "PUT", "keys/{id}/quotas", "Replaces how much a key may use beside what its user may")
              .by(OPERATORS)
              .takes("QuotasToSet")
              .answers(200, "KeyQuotas"),
          change("liftKeyQuotas", "DELETE", "keys/{id}/quotas", "Takes all quotas of a key away")
              .by(OPERATORS)
              .answers(204, ""),
          change("beginKeyAnew", "POST", "keys/{id}/quotas/reset", "Begins to count from zero what a key has used")
              .by(OPERATORS)
              .shownBy("keys/{id}/usage")
              .takes("CountsToReset")
              .answers(200, "Usage"),
          read("showKeyUsage", "keys/{id}/usage", "Shows what a key has used of its quotas and what is left")
              .by(EVERYBODY)
              .answers(200, "Usage"),
          read("showCalendar", "users/{id}/calendar", "Shows when a user's days and months begin")
              .by(EVERYBODY)
              .answers(200, "Calendar"),
          change("replaceCalendar", "PUT", "users/{id}/calendar", "Replaces when a user's days and months begin")
              .by(OPERATORS)
              .takes("CalendarToSet")
              .answers(200, "Calendar"),
          change("resetCalendar", "DELETE", "users/{id}/calendar", "Goes back to the calendar of the configuration")
              .by(OPERATORS)
              .answers(204, ""),
          read("showUsage", "users/{id}/usage", "Shows what was used and what is left").by(EVERYBODY).answers(200, "Usage"),
          read("showHistory", "users/{id}/usage/history", "Shows what was transferred, by the minute, hour or day")
              .by(EVERYBODY)
              .query(
                  FROM,
                  TO,
                  optional("by", Schema.choice(TrafficHistory.By.class), "The length of a row; otherwise a day."),
                  optional("endpoint", Schema.text(), "Of one endpoint only; empty: of what none covered."),
                  optional("group", Schema.choice(TrafficHistory.Group.class), "A row for each endpoint."))
              .answers(200, "History"),
          read("showViolations", "users/{id}/violations", "Shows what was refused")
              .by(EVERYBODY)
              .query(FROM, TO)
              .answers(200, "Violations"),
          read("listBlocks", "blocks", "Lists who is kept out")
              .by(READERS)
              .query(
                  optional("kind", Schema.choice(Block.Kind.class), "Of this kind only."),
                  optional("source", Schema.choice(Block.Source.class), "Made by administrators, or by the gateway itself."),
                  optional("enforcement", Schema.choice(Enforcement.class), "Enforced, or in the shadow."),
                  AFTER,
                  LIMIT)
              .answers(200, "Blocks"),
          change("addBlock", "POST", "blocks", "Keeps somebody out")
              .by(OPERATORS)
              .query(FORCE)
              .takes("BlockToAdd")
              .answers(201, "Block")
              .mayFail("block-exists", "blocks-full"),
          read("showBlock", "blocks/{id}", "Shows who is kept out").by(READERS).answers(200, "Block"),
          change("changeBlock", "PATCH", "blocks/{id}", "Changes for how long and why somebody is kept out, and whether")
              .by(OPERATORS)
              .query(FORCE)
              .takes("BlockChange")
              .answers(200, "Block"),
          change("deleteBlock", "DELETE", "blocks/{id}", "Lets somebody in again, and forgets the strikes")
              .by(OPERATORS)
              .answers(204, ""),
          read("listRequests", "requests", "Lists single requests of the request log, newest first")
              .by(READERS)
              .query(
                  optional("user", Schema.text(), "Of the user with this id."),
                  optional("key", Schema.text(), "Of the key with this id."),
                  optional("status", Schema.pattern("^[1-5](xx|[0-9]{2})$"), "With this status, or of this class."),
                  FROM,
                  TO,
                  AFTER,
                  LIMIT)
              .answers(200, "Requests"),
          ask("validate", "validate", "Says whether a key may do something, with or without spending")
              .by(OPERATORS)
              .takes("Question")
              .answers(200, "Validity"),
          read("explainById", "explain", "Explains what is decided of a request, by the id of its key")
              .by(READERS)
              .query(optional("key_id", Schema.text(), "The id of the key; otherwise without one."), METHOD, TARGET, ADDRESS, HOST)
              .answers(200, "Explanation"),
          ask("explain", "explain", "Explains what is decided of a request, by the id of its key or the key itself")
              .by(READERS)
              .takes("Description")
              .answers(200, "Explanation"),
          read("listBackends", "backends", "Lists the backends and how they are").by(READERS).answers(200, "Backends"),
          change("putBackend", "PUT", "backends", "Adds, weights, drains or enables a backend")
              .by(OPERATORS_AND_BACKENDS)
              .takes("BackendToPut")
              .answers(200, "Backend")
              .answers(201, "Backend")
              .mayFail("backend-configured", "backend-kept", "registrations-full"),
          change("deleteBackend", "DELETE", "backends", "Takes a backend away, or what was changed of it")
              .by(OPERATORS_AND_BACKENDS)
              .query(required("url", Schema.text(), "The address of the backend."))
              .answers(204, "")
              .mayFail("backend-configured"),
          read("listRoutes", "routes", "Lists the routes and pools of the configuration")
              .by(READERS)
              .answers(200, "Routes"),
          read("showCache", "cache", "Shows how many answers of backends this node keeps").by(READERS).answers(200, "Cache"),
          change("forgetAnswers", "DELETE", "cache", "Forgets kept answers on all nodes: those of which all is true")
              .by(OPERATORS)
              .query(
                  optional("tenant", Schema.text(), "Of this tenant."),
                  optional("route", Schema.text(), "Of the route with this name."),
                  optional("prefix", Schema.text(), "Whose target, as backends get it, begins so."),
                  optional("tag", Schema.text(), "With this word in `Cache-Tag` or `Surrogate-Key`."))
              .answers(204, ""),
          read("listAdministrators", "administrators", "Lists administrators")
              .by(OWNER)
              .query(AFTER, LIMIT)
              .answers(200, "Administrators"),
          change("addAdministrator", "POST", "administrators", "Adds an administrator and tells their token")
              .by(OWNER)
              .takes("AdministratorToAdd")
              .answers(201, "AdministratorWithToken"),
          read("showAdministrator", "administrators/{id}", "Shows an administrator")
              .by(OWNER)
              .answers(200, "Administrator"),
          change("revokeAdministrator", "DELETE", "administrators/{id}", "Takes the right to administer away, at once")
              .by(OWNER)
              .answers(204, ""),
          change("rotateToken", "POST", "administrators/{id}/rotate", "Gives an administrator another token, at once")
              .by(OWNER)
              .shownBy("administrators/{id}")
              .answers(200, "AdministratorWithToken"),
          read("listChanges", "audit", "Lists who changed what, newest first")
              .by(READERS)
              .query(
                  optional("administrator", Schema.text(),
                      "By this one: an id, configuration, command-line, gateway, or key: and the id of a key."),
                  optional("operation", Schema.text(), "Of this operation: addUser."),
                  optional("object", Schema.text(), "On this object, and what belongs to it: users/01M8."),
                  FROM,
                  TO,
                  AFTER,
                  LIMIT)
              .answers(200, "Changes"),
          read("showSettings", "settings", "Shows the settings in force, without secrets").by(OWNER).answers(200, "Settings"),
          ask("reload", "reload", "Has this node read its settings again")
              .by(OWNER)
              .answers(200, "Reload")
              .mayFail("settings-faulty"),
          LIVE,
          read("showMyself", "me", "Shows who asks, and what they may do")
              .by(Set.of(Role.values()))
              .answers(200, "Myself"),
          read("describe", "openapi.json", "Shows this description").by(Set.of(Role.values())).answers(200, "Document"));

  private Operations() {}
}
