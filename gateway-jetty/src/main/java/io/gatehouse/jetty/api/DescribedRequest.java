package io.gatehouse.jetty.api;

import io.gatehouse.Inbound;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A request that somebody asks about, as the gates see it: without a body.
 *
 * @param host for which it would be; empty: none is named
 * @param key the API key that it would carry
 */
public record DescribedRequest(
    String method, String target, InetAddress clientAddress, Optional<String> host, Optional<String> key)
    implements Inbound {

  private static final String KEY_FIELD = "X-API-Key";

  /** What of it can be said in a document or a query, apart from the key. */
  public static DescribedRequest of(Fields fields, Optional<String> key, Call call) {
    return of(fields, fields.get("address", FieldTypes.ADDRESS).orElseGet(call.request()::peer), key);
  }

  /** The same from this address, whatever is said. */
  public static DescribedRequest of(Fields fields, InetAddress address, Optional<String> key) {
    return new DescribedRequest(
        fields.get("method", FieldTypes.METHOD).orElse("GET"),
        fields.get("target", FieldTypes.TARGET).orElse("/"),
        address,
        fields.get("host", FieldTypes.HOST),
        key);
  }

  @Override
  public Optional<String> header(String name) {
    return name.equalsIgnoreCase(KEY_FIELD) ? key : name.equalsIgnoreCase("Host") ? host : Optional.empty();
  }

  @Override
  public List<String> headers(String name) {
    return header(name).stream().toList();
  }

  @Override
  public long contentLength() {
    return 0;
  }

  /** Without the key. */
  @Override
  public String toString() {
    return method + " " + target + " from " + clientAddress.getHostAddress();
  }
}
