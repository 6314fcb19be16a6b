package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.key.KeyDigest;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Command;

/** Tells whether a pepper is still needed: of the peppers of these settings, which the API never speaks of. */
@Command(
    name = "peppers",
    description = "Says how many keys were digested with which pepper. Works on the database of the settings only.")
final class KeysPeppersCommand implements Runnable {

  private static final Columns TABLE =
      new Columns()
          .with("PEPPER", row -> row.path("pepper").asInt() == KeyDigest.UNPEPPERED ? "-" : row.path("pepper").asText())
          .with("KEYS", "keys")
          .with("STATE", "state");

  private final RootCommand root;

  KeysPeppersCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    root.withStore(way -> {
      Stores stores = way.gateway().stores();
      Map<Integer, Long> counts = new TreeMap<>(stores.keys().keysByVersion());
      Set<Integer> known = new TreeSet<>();
      stores.peppers().all().forEach(pepper -> known.add(pepper.version()));
      known.forEach(version -> counts.putIfAbsent(version, 0L));
      ObjectNode json = Answers.json();
      ArrayNode rows = json.putArray("peppers");
      counts.forEach((version, count) -> {
        String state = version == KeyDigest.UNPEPPERED ? "imported"
            : version == stores.peppers().inUse().version() ? "in use"
            : known.contains(version) ? "looked under" : "missing";
        rows.addObject().put("pepper", version).put("keys", count).put("state", state);
      });
      root.answer(TABLE.table(rows), "", json);
    });
  }
}
