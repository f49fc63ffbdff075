/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseVector;
import io.m3lex.corpus.VectorLines.VectorDocument;
import io.m3lex.corpus.VectorLines.VectorFault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VectorLinesTest {

  @ParameterizedTest
  @EnumSource
  void weightsSurviveBitForBit(VectorFormat format) throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      Map<String, Float> weights = new HashMap<>();
      for (int f = random.nextInt(8); f > 0; f--) {
        weights.put(
            "\"fé" + random.nextInt(100), Float.intBitsToFloat(1 + random.nextInt(0x7F7FFFFF)));
      }
      SparseVector vector = SparseVector.of(weights);
      VectorDocument read =
          (VectorDocument) first(VectorLines.write(format, "id 1", "text\n", vector));
      assertEquals(vector, read.vector(), "seed " + seed);
      assertEquals("id 1", read.id());
      assertEquals(format == VectorFormat.ANSERINI ? "text\n" : "", read.contents());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"id\": \"1\", \"vector\": {\"a\": -1}}|\"a\" must be from 0 to 3.4028235E38: -1",
        "{\"id\": \"1\", \"vector\": {\"a\": 1e60}}|\"a\" must be from 0 to",
        "{\"id\": \"1\", \"vector\": {\"a\": -1e-60}}|\"a\" must be from 0 to",
        "{\"id\": \"1\", \"vector\": {\"a\": 3.4028236e38}}|\"a\" must be from 0 to",
        "{\"id\": \"1\", \"vector\": {\"a\": NaN}}|broken JSON",
        "{\"id\": \"1\", \"vector\": {\"\\ud83d\": 1}}|surrogate",
        "{\"id\": \"1\", \"vector\": {\"a\": 1}, \"lexical_weights\": {\"a\": 2}}|both",
        "{\"a\": 0.5, \"b\": \"0.5\"}|feature \"b\" is no number",
        "{\"a\": 0.5, \"b\": -1}|\"b\" must be from 0 to",
        "{\"id\": \"1\", \"vector\": {\"a\": \"0.5\"}}|feature \"a\" is no number",
        "{\"id\": \"1\", \"vector\": {\"a\": 1, \"a\": 2}}|Duplicate field 'a'",
        "{\"id\": \"1\", \"vector\": {\"\": 1}}|empty one",
        "{\"id\": \"1\", \"vector\": [1]}|no \"vector\"",
        "{\"id\": \"1\"}|no \"vector\"",
        "{\"vector\": {}}|no \"_id\" or \"id\"",
        "{\"docid\": 5, \"7\": 1.0}|no \"vector\"",
        "{\"_id\": 5, \"7\": 1.0}|no \"vector\"",
      })
  void badVectorsAreFaultsThatNameTheFeature(String line, String reason) throws IOException {
    VectorFault fault = (VectorFault) first(line);
    assertTrue(fault.fault().reason().contains(reason), fault.fault().reason());
    assertEquals(1, fault.fault().line());
  }

  @Test
  void aVectorCanStandAlone() {
    assertEquals(
        SparseVector.of(Map.of("7", 0.5f, "a", 2f)),
        VectorLines.parse("\n{\"7\": 0.5,\n \"a\": 2e0, \"b\": 0, \"c\": 1e-60}  "));
    assertEquals(SparseVector.EMPTY, VectorLines.parse("{}"));
  }

  /** What a record refuses is refused of a query, too. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"7\": \"0.5\"}|weight of feature \"7\" is no number: \"0.5\"",
        "{\"7\": null}|weight of feature \"7\" is no number: null",
        "{\"7\": {\"8\": 1}}|weight of feature \"7\" is no number",
        "{\"7\": 0.5, \"7\": 9}|Duplicate field '7' (column 15)",
        "{\"7\": 0.5} {\"8\": 9}|something follows the end of the object (column 12)",
        "{\"7\": 0.5}}|broken JSON: Unexpected close marker",
        "{\"7\": 1e39}|weight of feature \"7\" must be from 0 to 3.4028235E38: 1E+39",
        "{\"7\": -1e-60}|weight of feature \"7\" must be from 0 to",
        "{\"7\": 1e99999999999}|exponent",
        "{\"7\": NaN}|broken JSON",
        "{\"\": 1}|empty one",
        "[1]|no JSON object",
        "7|no JSON object",
        "{\"7\"|broken JSON",
      })
  void whatIsNoVectorIsRefused(String json, String reason) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> VectorLines.parse(json)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  @Test
  void noMessageNamesAFlagOfTheParser() {
    String nested = "{\"a\": " + "[".repeat(1100);
    String message =
        assertThrows(IllegalArgumentException.class, () -> VectorLines.parse(nested)).getMessage();
    assertTrue(message.contains("exceeds the maximum allowed (1000)"), message);
  }

  @Test
  void dictionariesWithoutAnIdAreCalledByTheirLine() throws IOException {
    byte[] lines = "{\"6\": 0.5, \"70\": 0}\n\n{}\n".getBytes(StandardCharsets.UTF_8);
    try (VectorLines.Reader reader = VectorLines.open(new ByteArrayInputStream(lines), "test")) {
      SparseVector vector = SparseVector.of(Map.of("6", 0.5f));
      assertEquals(new VectorDocument("test", 1, "1", "", vector), reader.next());
      assertEquals(new VectorDocument("test", 3, "3", "", SparseVector.EMPTY), reader.next());
      assertFalse(reader.hasNext());
    }
  }

  @Test
  void leadingZerosStayAsTheyAre() throws IOException {
    VectorDocument read = (VectorDocument) first("{\"id\": \"1\", \"vector\": {\"007\": 1}}");
    assertEquals(1f, read.vector().weight("007"));
    assertEquals(0f, read.vector().weight("7"));
  }

  private static VectorLines.Entry first(String line) throws IOException {
    try (VectorLines.Reader reader =
        VectorLines.open(new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)), "test")) {
      return reader.next();
    }
  }
}
