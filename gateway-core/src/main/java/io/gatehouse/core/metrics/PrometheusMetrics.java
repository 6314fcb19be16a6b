package io.gatehouse.core.metrics;

/** Metrics that can be read in the text format of Prometheus. */
public interface PrometheusMetrics extends Metrics {

  /** What {@link #scrape} gives: {@value}. */
  String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** All metrics as they are now. */
  String scrape();
}
