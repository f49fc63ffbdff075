/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonReportTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Test
  void everyFigureReadsBackTheSame() throws IOException {
    CollectionStatistics statistics = CollectionStatistics.of(made("\u4e2d\u6587 \"x\""), 99);
    CollectionResult result = statistics.result();
    JsonNode json = read(List.of(statistics));
    assertEquals("m3lex-evaluation", json.get("format").asText());
    assertEquals(1, json.get("version").asInt());
    assertFalse(json.has("averages"));
    JsonNode collection = json.get("collections").get(0);
    assertEquals(result.collection(), collection.get("collection").asText());
    assertEquals(99, collection.get("seed").asLong());
    assertEquals("BM25", collection.get("baseline").asText());
    assertEquals(result.queries(), strings(collection.get("queries")));
    assertEquals(result.settings().size(), collection.get("settings").size());
    for (int s = 0; s < result.systems().size(); s++) {
      SystemResult system = result.systems().get(s);
      JsonNode found = collection.get("systems").get(s);
      assertEquals(system.run().name(), found.get("name").asText());
      for (Measure measure : result.measures()) {
        JsonNode figures = found.get("measures").get(measure.toString());
        CollectionStatistics.SystemFigures expected = statistics.figures(measure).get(s);
        assertEquals(system.values().get(measure), doubles(figures.get("values")));
        assertEquals(expected.mean(), figures.get("mean").asDouble());
        assertEquals(expected.interval().low(), figures.get("interval").get(0).asDouble());
        assertEquals(s > 0, figures.has("comparison"));
        if (s > 0) {
          Comparison comparison = expected.comparison().orElseThrow();
          JsonNode node = figures.get("comparison");
          assertEquals(comparison.difference(), node.get("difference").asDouble());
          assertEquals(comparison.tTest(), node.get("tTest").asDouble());
          assertEquals(comparison.tTestAdjusted(), node.get("tTestAdjusted").asDouble());
          assertEquals(comparison.randomisation(), node.get("randomisation").asDouble());
          assertEquals(
              comparison.randomisationAdjusted(), node.get("randomisationAdjusted").asDouble());
        }
      }
      assertEquals(11, found.get("precisionAtRecall").size());
      assertEquals(system.milliseconds(), doubles(found.get("milliseconds").get("values")));
    }
  }

  @Test
  void severalCollectionsAreAveragedAndRunsHaveNoTimes() throws IOException {
    CollectionResult result = made("x");
    List<CollectionStatistics> collections =
        List.of(
            CollectionStatistics.of(result, 1),
            CollectionStatistics.of(MadeUpResults.runsOnly(result), 1));
    JsonNode json = read(collections);
    assertFalse(json.at("/collections/1/systems/0").has("milliseconds"));
    JsonNode average = json.get("averages").get(0);
    assertFalse(average.has("language"));
    assertEquals(2, average.get("collections").asInt());
    assertEquals(
        collections.getFirst().figures(Measure.NDCG_10).get(1).mean(),
        average.at("/systems/m3lex/nDCG@10").asDouble(),
        1e-12);
  }

  @Test
  void hostileNamesAndHalfSurrogatePairsAreWritten() throws IOException {
    CollectionResult result =
        MadeUpResults.collection(
            MadeUpResults.HOSTILE.get(9),
            "en",
            MadeUpResults.HOSTILE.size(),
            List.of(MadeUpResults.HOSTILE.get(9), MadeUpResults.HOSTILE.get(0)),
            MadeUpResults.HOSTILE::get,
            MadeUpResults::english,
            new Random(4));
    List<CollectionStatistics> collections = List.of(CollectionStatistics.of(result, 1));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonReport.write(collections, out);
    JsonNode collection = MAPPER.readTree(out.toByteArray()).at("/collections/0");
    assertEquals(
        MadeUpResults.HOSTILE.get(9).replace('\uD83D', '?'), collection.get("collection").asText());
    assertEquals(MadeUpResults.HOSTILE.get(0), collection.at("/queries/0").asText());
  }

  @Test
  void streamsAndWritersAreLeftOpenAndGetTheSame() throws IOException {
    List<CollectionStatistics> collections = List.of(CollectionStatistics.of(made("x"), 1));
    StringWriter writer = new StringWriter();
    JsonReport.write(collections, writer);
    boolean[] closed = {false};
    ByteArrayOutputStream stream =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    JsonReport.write(collections, stream);
    assertFalse(closed[0]);
    assertEquals(writer.toString(), stream.toString(java.nio.charset.StandardCharsets.UTF_8));
    assertTrue(writer.toString().startsWith("{"));
  }

  private static CollectionResult made(String name) throws IOException {
    return MadeUpResults.collection(
        name,
        "en",
        25,
        List.of("BM25", "m3lex", "m3lex \u00e4"),
        i -> "q" + i,
        MadeUpResults::english,
        new Random(2));
  }

  private static JsonNode read(List<CollectionStatistics> collections) throws IOException {
    StringWriter out = new StringWriter();
    JsonReport.write(collections, out);
    return MAPPER.readTree(out.toString());
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(node -> strings.add(node.asText()));
    return strings;
  }

  private static List<Double> doubles(JsonNode array) {
    List<Double> doubles = new ArrayList<>();
    array.forEach(node -> doubles.add(node.asDouble()));
    return doubles;
  }
}
