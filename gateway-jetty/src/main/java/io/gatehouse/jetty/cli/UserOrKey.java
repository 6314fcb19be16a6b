package io.gatehouse.jetty.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say of a user or a key; one of the two has to be there. */
final class UserOrKey {

  @Option(names = {"-u", "--user"}, paramLabel = "NAME", description = UsersCommand.USER)
  private @Nullable String user;

  @Option(names = "--key", paramLabel = "ID", description = "The id of the key.")
  private @Nullable String key;

  Owner found(Api api) {
    return user != null ? Owner.user(api, user) : Owner.key(String.valueOf(key));
  }
}
