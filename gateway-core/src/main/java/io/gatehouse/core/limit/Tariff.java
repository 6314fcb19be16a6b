package io.gatehouse.core.limit;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.EndpointCharges;
import java.util.List;
import java.util.Map;

/**
 * What the requests of one caller cost.
 *
 * @param charges of a request that no endpoint covers
 * @param responseHeaders fields that belong into the answer to such a request
 * @param endpoints of requests for certain endpoints; the first that covers a request holds
 */
public record Tariff(List<Charge> charges, Map<String, String> responseHeaders, List<EndpointCharges> endpoints) {

  /** Nothing costs anything. */
  public static final Tariff FREE = new Tariff(List.of(), Map.of(), List.of());

  public Tariff {
    charges = List.copyOf(charges);
    responseHeaders = Map.copyOf(responseHeaders);
    endpoints = List.copyOf(endpoints);
  }
}
