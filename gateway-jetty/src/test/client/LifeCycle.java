import client.ApiClient;
import client.ApiException;
import client.api.AdministratorsApi;
import client.api.AuditApi;
import client.api.BackendsApi;
import client.api.KeysApi;
import client.api.UsersApi;
import client.api.ValidateApi;
import client.model.Administrator;
import client.model.AdministratorToAdd;
import client.model.AdministratorWithToken;
import client.model.Backend;
import client.model.BackendToPut;
import client.model.Change;
import client.model.KeyToAdd;
import client.model.KeyWithSecret;
import client.model.Limit;
import client.model.LimitsToSet;
import client.model.Networks;
import client.model.Question;
import client.model.QuotaToSet;
import client.model.QuotasToSet;
import client.model.Rotation;
import client.model.User;
import client.model.UserChange;
import client.model.UserToAdd;
import client.model.Validity;
import java.util.ArrayList;
import java.util.List;

/** What somebody does who has nothing but the generated client; compiled with it by GeneratedClientTest. */
public final class LifeCycle {

  private LifeCycle() {}

  /** Gives what happened, step by step. */
  public static List<String> run(String gateway, String token) throws ApiException {
    ApiClient client = new ApiClient();
    client.updateBaseUri(gateway);
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
    UsersApi users = new UsersApi(client);
    KeysApi keys = new KeysApi(client);
    ValidateApi validate = new ValidateApi(client);
    List<String> steps = new ArrayList<>();

    User user = users.addUser(new UserToAdd().name("generated").tenant("acme"), null, null, "first-step");
    User again = users.addUser(new UserToAdd().name("generated").tenant("acme"), null, null, "first-step");
    steps.add("the same user twice: " + user.getId().equals(again.getId()));
    steps.add("listed: " + users.listUsers(null, 10L, null, "GENER", "acme", true, null, "newest").getUsers().size());
    users.replaceNetworks(user.getId(), new Networks().networks(List.of("127.0.0.0/8")), null, null);
    users.replaceUserLimits(
        user.getId(), new LimitsToSet().limits(List.of(new Limit().permits(2L).period("1h"))), null, null);
    users.replaceQuotas(
        user.getId(),
        new QuotasToSet().quotas(List.of(new QuotaToSet().meter(QuotaToSet.MeterEnum.REQUESTS)
            .window(QuotaToSet.WindowEnum.DAY).most(100L))),
        null,
        null);

    KeyWithSecret key = keys.addKey(new KeyToAdd().user(user.getId()).name("k"), null, null, null);
    KeyWithSecret successor = keys.rotateKey(key.getId(), null, null, null, new Rotation().grace("1h"));
    steps.add("replaces: " + key.getId().equals(successor.getReplaces()));
    steps.add("keys: " + keys.listKeys(user.getId(), true, null, null, null).getKeys().size());
    for (int i = 0; i < 3; i++) {
      Question question = new Question().key(successor.getKey()).address("127.0.0.1").spend(true);
      Validity validity = validate.validate(question);
      steps.add("valid: " + validity.getValid() + ", " + validity.getCode());
    }
    steps.add("used: " + users.showUsage(user.getId()).getUsage().get(0).getUsed());

    User off = users.changeUser(user.getId(), new UserChange().enabled(false), null, null);
    steps.add("enabled: " + off.getEnabled());
    try {
      users.changeUser(user.getId(), new UserChange().name(""), null, null);
      steps.add("an empty name was taken");
    } catch (ApiException e) {
      steps.add("refused: " + e.getCode());
    }

    BackendsApi backends = new BackendsApi(client);
    Backend backend = backends.putBackend(new BackendToPut().url("http://127.0.0.1:11").weight(3L), null, null);
    steps.add("weight: " + backend.getWeight());
    backends.deleteBackend("http://127.0.0.1:11", null, null);

    AdministratorsApi administrators = new AdministratorsApi(client);
    AdministratorWithToken administrator =
        administrators.addAdministrator(
            new AdministratorToAdd().name("a").role(AdministratorToAdd.RoleEnum.VIEWER), null, null, null);
    Administrator shown = administrators.showAdministrator(administrator.getId());
    steps.add("role: " + shown.getRole());
    administrators.revokeAdministrator(administrator.getId(), null, null);

    users.deleteUser(user.getId(), null, null);
    List<Change> changes =
        new AuditApi(client)
            .listChanges(null, null, "users/" + user.getId(), null, null, null, 1L)
            .getChanges();
    steps.add("last: " + changes.get(0).getOperation() + " by " + changes.get(0).getAdministrator());
    return steps;
  }
}
