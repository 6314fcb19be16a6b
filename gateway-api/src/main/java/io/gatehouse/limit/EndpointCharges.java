package io.gatehouse.limit;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one caller's request for one endpoint costs, ready to be taken.
 *
 * @param charges against every limit that applies, those of all levels and shadows too
 * @param responseHeaders fields that belong into the answer, in place of those of other requests with the same names
 */
public record EndpointCharges(Endpoint endpoint, List<Charge> charges, Map<String, String> responseHeaders) {
  public EndpointCharges {
    Objects.requireNonNull(endpoint, "endpoint");
    charges = List.copyOf(charges);
    responseHeaders = Map.copyOf(responseHeaders);
  }
}
