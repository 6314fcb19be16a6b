package io.gatehouse.jetty.cli;

import java.util.Set;

/** The variables of the environment that only the command line reads. No setting can have such a name. */
final class Names {

  static final String SERVER = "GATEHOUSE_CLI_SERVER";
  static final String TOKEN = "GATEHOUSE_CLI_TOKEN";
  static final String TOKEN_FILE = "GATEHOUSE_CLI_TOKEN_FILE";
  static final String CA_FILE = "GATEHOUSE_CLI_CA_FILE";

  /** All of them. */
  static final Set<String> ALL = Set.of(SERVER, TOKEN, TOKEN_FILE, CA_FILE);

  private Names() {}
}
