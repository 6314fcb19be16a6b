package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;

/**
 * A request that is forwarded for nobody in particular, and so outlives the one that it was made of.
 *
 * @param fields as they are forwarded
 */
record Detached(String method, String target, HttpFields fields, InetAddress clientAddress) implements Inbound {

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(fields.get(name));
  }

  @Override
  public List<String> headers(String name) {
    return fields.getValuesList(name);
  }

  @Override
  public long contentLength() {
    return 0;
  }
}
