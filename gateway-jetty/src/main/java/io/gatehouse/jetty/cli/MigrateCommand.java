package io.gatehouse.jetty.cli;

import io.gatehouse.core.sql.Migration;
import picocli.CommandLine.Command;

/** Brings the schema of the database up to date, as each start does; for those who want it done before. */
@Command(name = "migrate", description = "Brings the database up to date, as a start would, and does nothing else.")
final class MigrateCommand implements Runnable {

  private final RootCommand root;

  MigrateCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    Migration migration = root.migrate();
    String applied =
        switch (migration.applied()) {
          case 0 -> "was up to date";
          case 1 -> "1 migration applied";
          default -> migration.applied() + " migrations applied";
        };
    root.answer(
        "schema version " + migration.version() + ", " + applied + System.lineSeparator(),
        "",
        Answers.json().put("version", migration.version()).put("applied", migration.applied()));
  }
}
