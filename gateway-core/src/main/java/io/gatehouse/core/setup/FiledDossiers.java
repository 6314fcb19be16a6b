package io.gatehouse.core.setup;

import io.gatehouse.core.key.Dossier;
import io.gatehouse.core.key.Dossiers;
import io.gatehouse.core.sql.SqlKeyFiles;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import java.util.Optional;

/**
 * All that is known of keys, from a database in one round trip for most of them.
 *
 * @param byKey of keys that were found by other means, which are few
 */
record FiledDossiers(SqlKeyFiles files, Dossiers byKey) implements Dossiers {

  @Override
  public Optional<Dossier> find(KeyDigest digest) {
    return files.find(digest).map(file -> Dossier.read(file.key(), file, file, file, file, file));
  }

  @Override
  public Dossier of(ApiKey key) {
    return byKey.of(key);
  }
}
