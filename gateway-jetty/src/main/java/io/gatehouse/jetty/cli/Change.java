package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.setup.Stores;
import java.time.InstantSource;
import java.util.Optional;

/** What one command does to the stores, in one transaction; its answer is told when that is over. For one thread. */
final class Change {

  private final RootCommand root;
  private final String operation;
  private final Stores stores;
  private Runnable answer = () -> {};

  /** @param operation how the audit log calls it: {@code addUser} */
  Change(RootCommand root, String operation, Stores stores) {
    this.root = root;
    this.operation = operation;
    this.stores = stores;
  }

  Stores stores() {
    return stores;
  }

  /** Enters it into the audit log; the documents hold no secrets. */
  void enter(String object, Optional<JsonNode> before, Optional<JsonNode> after) {
    InstantSource clock = root.surroundings().clock();
    stores
        .audit()
        .record(
            new AuditRecord(
                TimeOrderedId.next(clock),
                clock.instant(),
                AuditRecord.COMMAND_LINE,
                System.getProperty("user.name", ""),
                "",
                "",
                operation,
                object,
                before.map(JsonNode::toString).orElse(""),
                after.map(JsonNode::toString).orElse("")));
  }

  /** Says what to answer once it is made. */
  void answer(String data, String message, JsonNode json) {
    answer = () -> root.answer(data, message, json);
  }

  void tell() {
    answer.run();
  }
}
