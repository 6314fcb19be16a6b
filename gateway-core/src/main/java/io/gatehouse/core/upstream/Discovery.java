package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.util.List;

/** Somewhere to look for backends. Called by one thread; may block. */
@FunctionalInterface
public interface Discovery {

  /**
   * The backends that are there now.
   *
   * @throws IOException when it cannot be said; whoever asks goes on with what was found before
   */
  List<Upstream> find() throws IOException;
}
