package io.gatehouse.core.gate;

import io.gatehouse.Admission;
import io.gatehouse.Entitlement;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request between the first gate and the end of its answer: the passage that gates see, then the admission. */
final class Transit implements Passage, Admission.Admitted {

  private static final Logger log = LoggerFactory.getLogger(Transit.class);

  /** As many as the gates of our own leave. */
  private static final int DUTIES = 2;

  private static final VarHandle COMPLETED;

  static {
    try {
      COMPLETED = MethodHandles.lookup().findVarHandle(Transit.class, "completed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Inbound inbound;
  private final List<Observer> observers;
  private Passage.Duty[] duties = new Passage.Duty[DUTIES];
  private int left;
  private @Nullable List<Passage.Fields> fields;
  private List<Refusal> shadowRefusals = List.of();
  private @Nullable Entitlement entitlement;
  private String endpoint = "";
  private String route = "";

  /** Written through {@link #COMPLETED}. */
  private volatile boolean completed;

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
  public String route() {
    return route;
  }

  @Override
  public void take(String route) {
    this.route = Objects.requireNonNull(route, "route");
  }

  @Override
  public void tell(Passage.Fields more) {
    if (fields == null) {
      fields = new ArrayList<>(2);
    }
    fields.add(more);
  }

  @Override
  public Map<String, String> responseHeaders() {
    Map<String, String> headers = new LinkedHashMap<>();
    if (entitlement != null) {
      headers.putAll(entitlement.responseHeaders());
    }
    if (fields != null) {
      fields.forEach(each -> each.writeTo(headers::put));
    }
    return Collections.unmodifiableMap(headers);
  }

  @Override
  public void leave(Passage.Duty duty) {
    if (left == duties.length) {
      duties = Arrays.copyOf(duties, 2 * left);
    }
    duties[left++] = Objects.requireNonNull(duty, "duty");
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
    return new Admission.Refused(refusal, responseHeaders(), subject(), route);
  }

  void giveBack() {
    for (int i = left - 1; i >= 0; i--) {
      try {
        duties[i].refused();
      } catch (RuntimeException e) {
        failed(e);
      }
    }
  }

  @Override
  public boolean transferred(long requestBytes, long responseBytes) {
    boolean goOn = true;
    for (int i = 0; i < left && !completed; i++) {
      try {
        goOn &= duties[i].transferred(requestBytes, responseBytes);
      } catch (RuntimeException e) {
        // The answer is under way; the end settles what could not be told now.
        log.debug("What was transferred could not be accounted for", e);
      }
    }
    return goOn;
  }

  @Override
  public void complete(Outcome outcome) {
    if (!COMPLETED.compareAndSet(this, false, true)) {
      return;
    }
    for (int i = left - 1; i >= 0; i--) {
      try {
        duties[i].complete(outcome);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
    for (Observer observer : observers) {
      quietly(() -> observer.completed(this, outcome));
    }
  }

  private static void quietly(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /** One action that fails must not keep the others from being done; the request itself is decided already. */
  private static void failed(RuntimeException e) {
    log.warn("An action at the end of a request failed", e);
  }
}
