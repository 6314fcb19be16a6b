package io.gatehouse.core.gate;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request between the first gate and the end of its answer: the passage that gates see, then the admission. */
final class Transit implements Passage, Admission.Admitted {

  private static final Logger log = LoggerFactory.getLogger(Transit.class);

  private final Inbound inbound;
  private final List<Observer> observers;
  private final Map<String, String> responseHeaders = new LinkedHashMap<>();
  private final List<Runnable> giveBacks = new ArrayList<>(4);
  private final List<Consumer<Outcome>> settlements = new ArrayList<>(4);
  private final List<Passage.Transfer> accounts = new ArrayList<>(2);
  private List<Refusal> shadowRefusals = List.of();
  private final AtomicBoolean completed = new AtomicBoolean();
  private @Nullable Entitlement entitlement;
  private String endpoint = "";

  Transit(Inbound inbound, List<Observer> observers) {
    this.inbound = Objects.requireNonNull(inbound, "inbound");
    this.observers = observers;
  }

  @Override
  public Inbound inbound() {
    return inbound;
  }

  @Override
  public Optional<Entitlement> entitlement() {
    return Optional.ofNullable(entitlement);
  }

  @Override
  public Optional<Subject> subject() {
    return entitlement == null ? Optional.empty() : Optional.of(entitlement.subject());
  }

  @Override
  public void entitle(Entitlement entitlement) {
    if (this.entitlement != null) {
      throw new IllegalStateException("entitle: called twice (expected: once, by the identity gate)");
    }
    this.entitlement = Objects.requireNonNull(entitlement, "entitlement");
    responseHeaders.putAll(entitlement.responseHeaders());
  }

  @Override
  public String endpoint() {
    return endpoint;
  }

  @Override
  public void cover(String endpoint) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
  }

  @Override
  public void responseHeader(String name, String value) {
    responseHeaders.put(name, value);
  }

  @Override
  public Map<String, String> responseHeaders() {
    return Collections.unmodifiableMap(responseHeaders);
  }

  @Override
  public void whenRefused(Runnable giveBack) {
    giveBacks.add(giveBack);
  }

  @Override
  public void whenComplete(Consumer<Outcome> settle) {
    settlements.add(settle);
  }

  @Override
  public void whenTransferred(Passage.Transfer account) {
    accounts.add(account);
  }

  @Override
  public void wouldRefuse(Refusal refusal) {
    if (shadowRefusals.isEmpty()) {
      shadowRefusals = new ArrayList<>(2);
    }
    shadowRefusals.add(Objects.requireNonNull(refusal, "refusal"));
  }

  @Override
  public List<Refusal> shadowRefusals() {
    return Collections.unmodifiableList(shadowRefusals);
  }

  Admission admit() {
    for (Refusal refusal : shadowRefusals) {
      for (Observer observer : observers) {
        quietly(() -> observer.wouldRefuse(this, refusal));
      }
    }
    return this;
  }

  Admission refuse(Refusal refusal) {
    giveBack();
    for (Observer observer : observers) {
      quietly(() -> observer.refused(this, refusal));
    }
    return new Admission.Refused(refusal, responseHeaders, subject());
  }

  void giveBack() {
    for (int i = giveBacks.size() - 1; i >= 0; i--) {
      quietly(giveBacks.get(i));
    }
  }

  @Override
  public boolean transferred(long requestBytes, long responseBytes) {
    boolean goOn = true;
    if (!completed.get()) {
      for (Passage.Transfer account : accounts) {
        try {
          goOn &= account.reached(requestBytes, responseBytes);
        } catch (RuntimeException e) {
          // The answer is under way; the end settles what could not be told now.
          log.debug("What was transferred could not be accounted for", e);
        }
      }
    }
    return goOn;
  }

  @Override
  public void complete(Outcome outcome) {
    if (!completed.compareAndSet(false, true)) {
      return;
    }
    for (int i = settlements.size() - 1; i >= 0; i--) {
      Consumer<Outcome> settle = settlements.get(i);
      quietly(() -> settle.accept(outcome));
    }
    for (Observer observer : observers) {
      quietly(() -> observer.completed(this, outcome));
    }
  }

  /** One action that fails must not keep the others from being done; the request itself is decided already. */
  private static void quietly(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.warn("An action at the end of a request failed", e);
    }
  }
}
