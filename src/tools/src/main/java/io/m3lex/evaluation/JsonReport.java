/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.m3lex.evaluation.CollectionStatistics.SystemFigures;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.util.List;
import java.util.Map;

/**
 * All figures of an evaluation as JSON, for programs. The layout, version 1; a later version may
 * add fields, but changes or drops none of these:
 *
 * <pre>{@code
 * {
 *   "format": "m3lex-evaluation",
 *   "version": 1,
 *   "collections": [{
 *     "collection": "cranfield",
 *     "language": "en",                       // BCP 47, "und" if not known
 *     "documents": 1400,                      // 0 if only runs were measured
 *     "baseline": "BM25",                     // the first system
 *     "seed": 42,                             // of bootstrap and randomisation test
 *     "confidence": 0.95,
 *     "samples": 10000,
 *     "permutations": 100000,
 *     "settings": {"name": "value"},
 *     "queries": ["1", "2"],                  // ids; all "values" are in this order
 *     "systems": [{
 *       "name": "m3lex",
 *       "settings": {"name": "value"},
 *       "measures": {
 *         "nDCG@10": {
 *           "mean": 0.36,
 *           "interval": [0.32, 0.4],
 *           "comparison": {                   // not for the baseline
 *             "difference": 0.018,
 *             "interval": [0.001, 0.035],
 *             "tTest": 0.04, "tTestAdjusted": 0.04,
 *             "randomisation": 0.04, "randomisationAdjusted": 0.04
 *           },
 *           "values": [0.5, 0.22]
 *         }
 *       },
 *       "precisionAtRecall": [0.8, …],        // interpolated, at recall 0, 0.1 … 1, over all queries
 *       "milliseconds": {                     // not for runs read from files
 *         "mean": 4.1, "p50": 3.9, "p90": 5, "p99": 8.2, "values": [3.9, 4.3]
 *       }
 *     }]
 *   }],
 *   "averages": [{                            // if there are several collections
 *     "language": "en",                       // without it: over all collections
 *     "collections": 2,
 *     "systems": {"m3lex": {"nDCG@10": 0.66}} // systems and measures that all of them have
 *   }]
 * }
 * }</pre>
 */
public final class JsonReport {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private JsonReport() {}

  /**
   * Writes all figures as UTF-8.
   *
   * @param collections at least one
   * @param out flushed, not closed
   */
  public static void write(List<CollectionStatistics> collections, OutputStream out)
      throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out, JsonEncoding.UTF8)) {
      write(collections, json);
    }
  }

  /** Like {@link #write(List, OutputStream)}, as text. */
  public static void write(List<CollectionStatistics> collections, Writer out) throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      write(collections, json);
    }
  }

  private static void write(List<CollectionStatistics> collections, JsonGenerator json)
      throws IOException {
    json.setPrettyPrinter(new DefaultPrettyPrinter());
    json.writeStartObject();
    json.writeStringField("format", "m3lex-evaluation");
    json.writeNumberField("version", 1);
    json.writeArrayFieldStart("collections");
    for (CollectionStatistics collection : collections) {
      write(collection, json);
    }
    json.writeEndArray();
    if (collections.size() > 1) {
      json.writeArrayFieldStart("averages");
      for (Average average : Average.of(collections)) {
        write(average, json);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void write(CollectionStatistics statistics, JsonGenerator json)
      throws IOException {
    CollectionResult result = statistics.result();
    json.writeStartObject();
    json.writeStringField("collection", WellFormedText.of(result.collection()));
    json.writeStringField("language", result.language());
    json.writeNumberField("documents", result.documents());
    json.writeStringField("baseline", WellFormedText.of(result.systems().getFirst().run().name()));
    json.writeNumberField("seed", statistics.seed());
    json.writeNumberField("confidence", Significance.CONFIDENCE);
    json.writeNumberField("samples", Significance.SAMPLES);
    json.writeNumberField("permutations", Significance.PERMUTATIONS);
    write("settings", result.settings(), json);
    json.writeArrayFieldStart("queries");
    for (String query : result.queries()) {
      json.writeString(WellFormedText.of(query));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("systems");
    for (int i = 0; i < result.systems().size(); i++) {
      write(statistics, i, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(CollectionStatistics statistics, int system, JsonGenerator json)
      throws IOException {
    CollectionResult result = statistics.result();
    SystemResult found = result.systems().get(system);
    json.writeStartObject();
    json.writeStringField("name", WellFormedText.of(found.run().name()));
    write("settings", found.settings(), json);
    json.writeObjectFieldStart("measures");
    for (Measure measure : result.measures()) {
      SystemFigures figures = statistics.figures(measure).get(system);
      json.writeObjectFieldStart(measure.toString());
      json.writeNumberField("mean", figures.mean());
      write("interval", figures.interval(), json);
      if (figures.comparison().isPresent()) {
        Comparison comparison = figures.comparison().get();
        json.writeObjectFieldStart("comparison");
        json.writeNumberField("difference", comparison.difference());
        write("interval", comparison.interval(), json);
        json.writeNumberField("tTest", comparison.tTest());
        json.writeNumberField("tTestAdjusted", comparison.tTestAdjusted());
        json.writeNumberField("randomisation", comparison.randomisation());
        json.writeNumberField("randomisationAdjusted", comparison.randomisationAdjusted());
        json.writeEndObject();
      }
      write("values", found.values().get(measure), json);
      json.writeEndObject();
    }
    json.writeEndObject();
    write("precisionAtRecall", statistics.precisionAtRecall(system), json);
    if (!found.milliseconds().isEmpty()) {
      Percentiles percentiles = new Percentiles(found.milliseconds());
      json.writeObjectFieldStart("milliseconds");
      json.writeNumberField("mean", percentiles.mean());
      json.writeNumberField("p50", percentiles.at(50));
      json.writeNumberField("p90", percentiles.at(90));
      json.writeNumberField("p99", percentiles.at(99));
      write("values", found.milliseconds(), json);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void write(Average average, JsonGenerator json) throws IOException {
    json.writeStartObject();
    if (average.language().isPresent()) {
      json.writeStringField("language", average.language().get());
    }
    json.writeNumberField("collections", average.collections());
    json.writeObjectFieldStart("systems");
    for (Map.Entry<String, Map<Measure, Double>> system : average.systems().entrySet()) {
      json.writeObjectFieldStart(WellFormedText.of(system.getKey()));
      for (Map.Entry<Measure, Double> mean : system.getValue().entrySet()) {
        json.writeNumberField(mean.getKey().toString(), mean.getValue());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void write(String field, Map<String, String> settings, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      json.writeStringField(
          WellFormedText.of(setting.getKey()), WellFormedText.of(setting.getValue()));
    }
    json.writeEndObject();
  }

  private static void write(String field, Interval interval, JsonGenerator json)
      throws IOException {
    write(field, List.of(interval.low(), interval.high()), json);
  }

  private static void write(String field, List<Double> values, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (double value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }
}
