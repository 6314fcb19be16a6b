package io.gatehouse.core.gate;

import io.gatehouse.Admission;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Preview;
import io.gatehouse.Refusal;
import io.gatehouse.StoreException;
import java.time.Duration;
import java.util.ArrayList;
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

  /** When a store that had to be asked is away. */
  private static final Refusal UNDECIDED =
      new Refusal(
          Refusal.Reason.STORE_UNAVAILABLE, "The gateway cannot decide at the moment.", Duration.ofSeconds(1), "");

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
      return transit.refuse(UNDECIDED);
    } catch (RuntimeException | Error e) {
      transit.giveBack();
      throw e;
    }
    return transit.admit();
  }

  @Override
  public Preview preview(Inbound request) {
    Transit transit = new Transit(request, List.of());
    List<Preview.Step> steps = new ArrayList<>(gates.size());
    for (Gate gate : gates) {
      steps.add(new Preview.Step(gate.name(), preview(gate, transit)));
    }
    return new Preview(steps, transit.subject());
  }

  private static Finding preview(Gate gate, Transit transit) {
    try {
      return gate.preview(transit);
    } catch (StoreException e) {
      log.debug("A store did not answer: {}", e.getMessage());
      return new Finding.Refuses(UNDECIDED, List.of());
    }
  }
}
