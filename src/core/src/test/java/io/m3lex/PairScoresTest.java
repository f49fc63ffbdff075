/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PairScoresTest {

  /** The first pair of BGE-M3's model card, with weights 0.4 (dense), 0.2 (sparse), 0.4. */
  @Test
  void combinesScoresAsTheModelCardShows() {
    PairScores scores = new PairScores(0.6259765625, 0.195556640625, 0.7796499729156494);
    assertEquals(0.482503205537796, scores.sparseAndDense(0.2, 0.4), 1e-6);
    assertEquals(0.6013619303703308, scores.all(0.2, 0.4, 0.4), 1e-6);
  }

  @Test
  void lateInteractionIsTheMeanOfEachQueryTokensBestMatch() {
    HybridText query = text(Map.of("a", 2f, "b", 1f), new float[] {0, 1}, 1, 0, 0, 1, 0.6f, 0.8f);
    HybridText passage = text(Map.of("a", 3f), new float[] {0.6f, 0.8f}, 0, 1, -1, 0);
    PairScores scores = PairScores.of(query, passage);
    assertEquals(0.8, scores.dense(), 1e-7);
    assertEquals(6, scores.sparse());
    assertEquals((0 + 1 + 0.8) / 3, scores.tokens(), 1e-7);
  }

  @Test
  void aTextWithoutTokensScoresNothing() {
    HybridText nothing = text(Map.of(), new float[0]);
    HybridText passage = text(Map.of("a", 3f), new float[] {0.6f, 0.8f}, 0, 1);
    assertEquals(new PairScores(0, 0, 0), PairScores.of(nothing, passage));
    assertEquals(new PairScores(0, 0, 0), PairScores.of(passage, nothing));
  }

  @Test
  void vectorsOfDifferentModelsAreRefused() {
    HybridText two = text(Map.of(), new float[] {0.6f, 0.8f});
    HybridText three = text(Map.of(), new float[] {0, 0.6f, 0.8f});
    assertThrows(IllegalArgumentException.class, () -> PairScores.of(two, three));
  }

  private static HybridText text(Map<String, Float> weights, float[] dense, float... tokens) {
    float[][] rows = new float[tokens.length / 2][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {tokens[2 * i], tokens[2 * i + 1]};
    }
    return new HybridText(new EncodedText(SparseVector.of(weights), 1, 1, 0), dense, rows);
  }
}
