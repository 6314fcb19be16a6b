package io.gatehouse.jetty.cli;

import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.AtRest;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.jetty.admin.Administration;
import io.gatehouse.jetty.admin.Reply;
import io.gatehouse.jetty.admin.Request;
import java.time.InstantSource;

/** Administration in this process, over the database of the settings; running gateways know of a change within a second. */
final class StoreWay implements Way {

  private final AtRest gateway;
  private final Administration administration;

  private StoreWay(AtRest gateway, Configuration configuration, InstantSource clock) {
    this.gateway = gateway;
    this.administration = new Administration(gateway, configuration, clock);
  }

  /**
   * Opens the stores.
   *
   * @throws IllegalArgumentException when only the database can judge a setting, and finds it wrong
   */
  static StoreWay open(SettingsSource source, InstantSource clock) {
    Effective settings = source.read();
    Configuration configuration =
        new Configuration(
            source,
            settings,
            Gatehouse::check,
            any -> {
              throw new UnsupportedOperationException("no gateway runs here that could go by other settings");
            },
            clock);
    return new StoreWay(AtRest.open(settings.settings(), clock), configuration, clock);
  }

  /** What commands use that are none of administration: the import of many keys at once. */
  AtRest gateway() {
    return gateway;
  }

  @Override
  public Reply ask(Request request) {
    return administration.ask(request, System.getProperty("user.name", ""));
  }

  @Override
  public String toString() {
    return gateway.stores().databaseName();
  }

  @Override
  public void close() {
    gateway.close();
  }
}
