package io.gatehouse.core.metrics;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** Metrics in a registry of their own, together with those of the JVM. */
final class MicrometerPrometheus extends MicrometerMetrics implements PrometheusMetrics {

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  private MicrometerPrometheus(PrometheusMeterRegistry registry) {
    super(registry);
    this.registry = registry;
    new JvmMemoryMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  static PrometheusMetrics create() {
    return new MicrometerPrometheus(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @Override
  public String scrape() {
    refresh();
    return registry.scrape(CONTENT_TYPE);
  }

  @Override
  public void close() {
    super.close();
    garbageCollection.close();
    registry.close();
  }
}
