package io.gatehouse.core.gate;

import io.gatehouse.Admission;
import io.gatehouse.Gate;
import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a list of gates in order. The order is the list's: what is cheap and protects the rest comes first.
 *
 * <p>Safe for any number of threads; every request has a passage of its own.
 */
public final class Gates implements Gateway {

  /** How long a caller should wait when a store that had to be asked is away. */
  private static final Duration STORE_RETRY = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(Gates.class);

  private final List<Gate> gates;
  private final List<Observer> observers;

  public Gates(List<Gate> gates, List<Observer> observers) {
    this.gates = List.copyOf(gates);
    this.observers = List.copyOf(observers);
  }

  @Override
  public Admission admit(Inbound request) {
    Transit transit = new Transit(request, observers);
    try {
      for (Gate gate : gates) {
        Optional<Refusal> refusal = gate.check(transit);
        if (refusal.isPresent()) {
          return transit.refuse(refusal.get());
        }
      }
    } catch (StoreException e) {
      log.debug("A store did not answer: {}", e.getMessage());
      return transit.refuse(
          new Refusal(
              Refusal.Reason.STORE_UNAVAILABLE, "The gateway cannot decide at the moment.", STORE_RETRY, ""));
    } catch (RuntimeException | Error e) {
      transit.giveBack();
      throw e;
    }
    return transit;
  }
}
