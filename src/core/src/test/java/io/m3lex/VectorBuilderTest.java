/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorBuilderTest {

  @Test
  void weightsAreRoundedToFloat() {
    VectorBuilder vector =
        new VectorBuilder()
            .add("7", new BigDecimal("0.1"))
            .add("07", new BigDecimal("3.4028235e38"))
            .add("least", new BigDecimal("1.4e-45"))
            .add("none", new BigDecimal("1e-400"))
            .add("zero", new BigDecimal("-0.0"));
    assertEquals(
        SparseVector.of(Map.of("7", 0.1f, "07", Float.MAX_VALUE, "least", Float.MIN_VALUE)),
        vector.build());
    assertEquals(SparseVector.EMPTY, new VectorBuilder().build());
  }

  @ParameterizedTest
  @CsvSource({"-1, -1", "-1e-400, -1E-400", "3.4028236e38, 3.4028236E+38", "1e400, 1E+400"})
  void weightsThatNoFloatHoldsAreRefused(BigDecimal weight, String shown) {
    VectorBuilder vector = new VectorBuilder();
    String message =
        assertThrows(IllegalArgumentException.class, () -> vector.add("7", weight)).getMessage();
    assertEquals("weight of feature \"7\" must be from 0 to 3.4028235E38: " + shown, message);
  }

  @Test
  void aFeatureHasANameAndOneWeight() {
    VectorBuilder vector = new VectorBuilder().add("7", BigDecimal.ZERO);
    String message =
        assertThrows(IllegalArgumentException.class, () -> vector.add("7", BigDecimal.ONE))
            .getMessage();
    assertTrue(message.contains("\"7\" has two weights"), message);
    assertThrows(IllegalArgumentException.class, () -> vector.add("", BigDecimal.ONE));
  }
}
