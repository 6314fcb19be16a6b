package io.gatehouse.core.gate;

import io.gatehouse.Admission;
import io.gatehouse.Dispatch;
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
  private Optional<Entitlement> entitlement = Optional.empty();
  private String endpoint = "";

  /** What the gates of our own leave has its own places, for every request has that much. */
  private Passage.@Nullable Duty first;
  private Passage.@Nullable Duty second;
  private Passage.@Nullable Fields fields;
  private @Nullable Further further;

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
    return entitlement;
  }

  @Override
  public Optional<Subject> subject() {
    return entitlement.isPresent() ? Optional.of(entitlement.get().subject()) : Optional.empty();
  }

  @Override
  public void entitle(Entitlement entitlement) {
    if (this.entitlement.isPresent()) {
      throw new IllegalStateException("entitle: called twice (expected: once, by the identity gate)");
    }
    this.entitlement = Optional.of(entitlement);
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
    return further == null ? "" : further.route;
  }

  @Override
  public void take(String route) {
    further().route = Objects.requireNonNull(route, "route");
  }

  @Override
  public Optional<Dispatch> dispatch() {
    return further == null ? Optional.empty() : Optional.ofNullable(further.dispatch);
  }

  @Override
  public void send(Dispatch dispatch) {
    further().dispatch = Objects.requireNonNull(dispatch, "dispatch");
  }

  @Override
  public void tell(Passage.Fields more) {
    Objects.requireNonNull(more, "fields");
    if (fields == null) {
      fields = more;
    } else {
      Further rest = further();
      rest.fields = Further.with(rest.fields, more);
    }
  }

  @Override
  public Map<String, String> responseHeaders() {
    Map<String, String> headers = new LinkedHashMap<>();
    entitlement.ifPresent(known -> headers.putAll(known.responseHeaders()));
    if (fields != null) {
      fields.writeTo(headers::put);
    }
    if (further != null) {
      further.fields.forEach(each -> each.writeTo(headers::put));
    }
    return Collections.unmodifiableMap(headers);
  }

  @Override
  public void leave(Passage.Duty duty) {
    Objects.requireNonNull(duty, "duty");
    if (first == null) {
      first = duty;
    } else if (second == null) {
      second = duty;
    } else {
      Further rest = further();
      rest.duties = Further.with(rest.duties, duty);
    }
  }

  @Override
  public void wouldRefuse(Refusal refusal) {
    Further rest = further();
    rest.shadowRefusals = Further.with(rest.shadowRefusals, Objects.requireNonNull(refusal, "refusal"));
  }

  @Override
  public List<Refusal> shadowRefusals() {
    return further == null ? List.of() : Collections.unmodifiableList(further.shadowRefusals);
  }

  Admission admit() {
    for (Refusal refusal : shadowRefusals()) {
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
    return new Admission.Refused(refusal, responseHeaders(), subject(), route());
  }

  void giveBack() {
    for (int i = duties() - 1; i >= 0; i--) {
      try {
        duty(i).refused();
      } catch (RuntimeException e) {
        failed(e);
      }
    }
  }

  @Override
  public boolean transferred(long requestBytes, long responseBytes) {
    boolean goOn = true;
    for (int i = 0; i < duties() && !completed; i++) {
      try {
        goOn &= duty(i).transferred(requestBytes, responseBytes);
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
    for (int i = duties() - 1; i >= 0; i--) {
      try {
        duty(i).complete(outcome);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
    for (Observer observer : observers) {
      quietly(() -> observer.completed(this, outcome));
    }
  }

  private int duties() {
    if (second == null) {
      return first == null ? 0 : 1;
    }
    return further == null ? 2 : 2 + further.duties.size();
  }

  private Passage.Duty duty(int i) {
    Passage.Duty duty = i == 0 ? first : i == 1 ? second : further().duties.get(i - 2);
    return Objects.requireNonNull(duty, "duty");
  }

  private Further further() {
    if (further == null) {
      further = new Further();
    }
    return further;
  }

  /** What not every request has. */
  private static final class Further {
    private String route = "";
    private @Nullable Dispatch dispatch;
    private List<Passage.Duty> duties = List.of();
    private List<Passage.Fields> fields = List.of();
    private List<Refusal> shadowRefusals = List.of();

    static <T> List<T> with(List<T> list, T more) {
      List<T> longer = list.isEmpty() ? new ArrayList<>(2) : list;
      longer.add(more);
      return longer;
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
