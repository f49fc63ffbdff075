/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What the report's script draws, as JSON that can stand in a script element. */
final class ChartData {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Values are drawn and shown to four decimals. */
  private static final double PRECISION = 1e6;

  private ChartData() {}

  static String of(List<CollectionStatistics> collections) {
    ObjectNode data = MAPPER.createObjectNode();
    ArrayNode array = data.putArray("collections");
    for (int i = 0; i < collections.size(); i++) {
      add(collections.get(i), i, array.addObject());
    }
    // The only character that could end the element, in "</script" or begin a comment in it.
    return WellFormedText.of(data.toString()).replace("<", "\\u003c");
  }

  private static void add(CollectionStatistics statistics, int index, ObjectNode data) {
    CollectionResult result = statistics.result();
    Measure measure = result.measures().getFirst();
    data.put("measure", measure.toString());
    data.put("language", result.language());
    ArrayNode ids = data.putArray("ids");
    ArrayNode texts = data.putArray("texts");
    for (String query : result.queries()) {
      ids.add(query);
      texts.add(result.texts().get(query));
    }
    ArrayNode systems = data.putArray("systems");
    for (int i = 0; i < result.systems().size(); i++) {
      SystemResult system = result.systems().get(i);
      ObjectNode node = systems.addObject().put("name", system.run().name());
      addAll(system.values().get(measure), node.putArray("values"));
      addAll(statistics.precisionAtRecall(i), node.putArray("curve"));
      if (!system.milliseconds().isEmpty()) {
        Percentiles percentiles = new Percentiles(system.milliseconds());
        ArrayNode array = node.putArray("percentiles");
        for (int percent = 0; percent <= 100; percent++) {
          array.add(rounded(percentiles.at(percent)));
        }
      }
    }
    ObjectNode told = data.putObject("told");
    for (int i = 0; i < result.examples().size(); i++) {
      int query = result.queries().indexOf(result.examples().get(i).query());
      if (query >= 0) {
        told.put(Integer.toString(query), ReportExamples.anchor(index, i));
      }
    }
  }

  private static void addAll(List<Double> values, ArrayNode array) {
    values.forEach(value -> array.add(rounded(value)));
  }

  private static double rounded(double value) {
    return Math.round(value * PRECISION) / PRECISION;
  }
}
