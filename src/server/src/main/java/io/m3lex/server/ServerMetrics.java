/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** What the server counts, in a registry of its own. Safe for use by several threads. */
final class ServerMetrics {

  private static final double NANOS = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter requests =
      Counter.builder()
          .name("m3lex_http_requests_total")
          .help("Requests answered, by route and status.")
          .labelNames("route", "status")
          .withoutExemplars()
          .register(registry);
  private final Histogram seconds =
      Histogram.builder()
          .name("m3lex_http_request_duration_seconds")
          .help("Time from the request's header to its answer, waiting included, by route.")
          .labelNames("route")
          .classicOnly()
          .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
          .withoutExemplars()
          .register(registry);
  private final Counter rejected =
      Counter.builder()
          .name("m3lex_requests_rejected_total")
          .help("Requests that were refused because the queue was full.")
          .withoutExemplars()
          .register(registry);

  private final Counter cancelled =
      Counter.builder()
          .name("m3lex_requests_cancelled_total")
          .help("Requests that were ended because their time was over or the client had hung up.")
          .withoutExemplars()
          .register(registry);

  void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  void answered(String route, int status, long nanos) {
    requests.labelValues(route, Integer.toString(status)).inc();
    seconds.labelValues(route).observe(nanos / NANOS);
  }

  void rejected() {
    rejected.inc();
  }

  void cancelled() {
    cancelled.inc();
  }

  /** All of it in Prometheus' text format. */
  Answer answer() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(text, registry.scrape());
    return new Answer(200, PrometheusTextFormatWriter.CONTENT_TYPE, text.toByteArray(), Map.of());
  }
}
