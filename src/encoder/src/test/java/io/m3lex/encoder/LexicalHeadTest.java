/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.TextRole;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.HeadForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The declared forms of a head, by hand. Two hidden values, four token ids. */
class LexicalHeadTest {

  private static final TokenStates STATES =
      new TokenStates(
          new int[] {1, 2, 1, 3, 0},
          new boolean[] {false, false, false, false, true},
          new float[] {1, 0, 0, 1, 3, 0, -5, 0, 9, 9},
          2,
          new float[] {0, 1},
          new float[0]);

  @Test
  void m3FormTakesTheGreatestPositiveWeightOfEachIdAndNoSpecialToken() {
    LexicalHead head =
        new LexicalHead(
            HeadForm.M3, Map.of("weight", row("weight", 1, 2), "bias", row("bias", 0.5f)), null);
    for (TextRole role : TextRole.values()) {
      LexicalHead.Pool pool = head.pool(role);
      pool.add(STATES);
      // id 1: max(1.5, 3.5); id 2: 2.5; id 3: relu(-4.5); id 0 is special.
      assertEquals(Map.of("1", 3.5f, "2", 2.5f), pool.vector().toMap());
    }
  }

  @Test
  void saturatedSumsCountRepetitionAndLength() {
    Map<String, Tensor> tensors = new HashMap<>();
    tensors.put("weight", row("weight", 1, 2));
    tensors.put("bias", row("bias", 0.5f));
    tensors.put("query.weight", row("query.weight", 0, 1));
    tensors.put("query.bias", row("query.bias", 0));
    tensors.put("query.prior", row("query.prior", 0, 7, 0, -9));
    tensors.put("saturation.k", row("saturation.k", 2));
    tensors.put("saturation.b", row("saturation.b", 0.5f));
    tensors.put("saturation.a", row("saturation.a", 10));
    tensors.put("features", ids(0, 1, 1, -1));
    LexicalHead head =
        new LexicalHead(
            new HeadForm(
                HeadForm.Feature.TABLE,
                HeadForm.Pooling.SATURATED_SUM,
                HeadForm.Queries.SEPARATE,
                HeadForm.Prior.QUERY,
                0),
            tensors,
            null);
    LexicalHead.Pool document = head.pool(TextRole.DOCUMENT);
    document.add(STATES);
    // Feature 1 has tokens 1, 2, 1: 1.5 + 2.5 + 3.5; token 3 has no feature; the mass is 7.5.
    assertEquals(
        Map.of("1", (float) (7.5 / (7.5 + 2 * (1 - 0.5 + 0.5 * 7.5 / 10)))),
        document.vector().toMap());
    LexicalHead.Pool query = head.pool(TextRole.QUERY);
    query.add(STATES);
    // The greatest of 0 + 7, 1 + 7, 0 + 7.
    assertEquals(Map.of("1", 8f), query.vector().toMap());
  }

  @Test
  void stretchesOfATextAddUp() {
    LexicalHead head =
        new LexicalHead(
            HeadForm.M3, Map.of("weight", row("weight", 1, 2), "bias", row("bias", 0.5f)), null);
    LexicalHead.Pool pool = head.pool(TextRole.DOCUMENT);
    pool.add(STATES);
    pool.add(
        new TokenStates(
            new int[] {2},
            new boolean[] {false},
            new float[] {0, 4},
            2,
            new float[] {0, 1},
            new float[0]));
    assertEquals(Map.of("1", 3.5f, "2", 8.5f), pool.vector().toMap());
  }

  /** Vocabulary: special, "pumps", "slip", "##stream", "pump", ",". */
  private static final WordVocabulary VOCABULARY =
      new WordVocabulary(
          id -> List.of("[X]", "pumps", "slip", "##streams", "pump", ",").get(id), 6);

  private static Map<String, Tensor> stemHead() {
    Map<String, Tensor> tensors = new HashMap<>();
    tensors.put("weight", row("weight", 1, 2));
    tensors.put("bias", row("bias", 0.5f));
    tensors.put("query.weight", row("query.weight", 1, 0));
    tensors.put("query.bias", row("query.bias", 0));
    // "pump" has the prior of the smallest id with its stem, that of "pumps".
    tensors.put("query.prior", row("query.prior", 0, 7, 3, 0, 0, 0));
    tensors.put("query.prior.rare", row("query.prior.rare", 11));
    return tensors;
  }

  @Test
  void stemsJoinPiecesOverStretchesAndShareTheirPrior() {
    LexicalHead head =
        new LexicalHead(
            new HeadForm(
                HeadForm.Feature.STEM, null, HeadForm.Queries.SEPARATE, HeadForm.Prior.QUERY, 0),
            stemHead(),
            VOCABULARY);
    for (TextRole role : TextRole.values()) {
      LexicalHead.Pool pool = head.pool(role);
      // pump , slip | ##streams pumps [X]
      pool.add(
          new TokenStates(
              new int[] {4, 5, 2},
              new boolean[3],
              new float[] {1, 0, 9, 9, 2, 4},
              2,
              new float[] {0, 1},
              new float[0]));
      pool.add(
          new TokenStates(
              new int[] {3, 1, 0},
              new boolean[] {false, false, true},
              new float[] {4, 0, 3, 1, 9, 9},
              2,
              new float[] {0, 1},
              new float[0]));
      assertEquals(
          role == TextRole.QUERY
              // pump: the greater of 1 and 3, and 7; slipstream is no token: mean (3, 2), and 11.
              ? Map.of("pump", 10f, "slipstream", 14f)
              : Map.of("pump", 5.5f, "slipstream", 7.5f),
          pool.vector().toMap());
    }
  }

  @Test
  void expansionAddsTheWordsThatTheTextComesClosestTo() {
    Map<String, Tensor> tensors = stemHead();
    tensors.put("expansion.center", row("expansion.center", 0, 0));
    tensors.put("expansion.words", integers("expansion.words", 1, 2, 5));
    tensors.put(
        "expansion.vectors",
        new Tensor(
            "expansion.vectors",
            ElementType.I8,
            new long[] {3, 2},
            ByteBuffer.wrap(new byte[] {100, 0, 0, 100, 100, 100})));
    tensors.put("expansion.query.words", integers("expansion.query.words", 1));
    tensors.put("expansion.query.scale", row("expansion.query.scale", 0.1f));
    tensors.put("expansion.document.words", integers("expansion.document.words", 2));
    tensors.put("expansion.document.scale", row("expansion.document.scale", 0.01f));
    LexicalHead head =
        new LexicalHead(
            new HeadForm(
                HeadForm.Feature.STEM, null, HeadForm.Queries.SEPARATE, HeadForm.Prior.QUERY, 3),
            tensors,
            VOCABULARY);
    // Two windows whose directions add up to (0.6, 0.8): closeness 60, 80 and 140.
    TokenStates one =
        new TokenStates(
            new int[] {1},
            new boolean[1],
            new float[] {1, 0},
            2,
            new float[] {12, 0},
            new float[0]);
    TokenStates two =
        new TokenStates(
            new int[] {1},
            new boolean[1],
            new float[] {1, 0},
            2,
            new float[] {0, 16},
            new float[0]);
    LexicalHead.Pool query = head.pool(TextRole.QUERY);
    query.add(one);
    query.add(two);
    assertWeights(Map.of("pump", 8f, "~,", 6f), query.vector().toMap());
    LexicalHead.Pool document = head.pool(TextRole.DOCUMENT);
    document.add(one);
    document.add(two);
    assertWeights(Map.of("pump", 1.5f, "~,", 0.8f, "~slip", 0.2f), document.vector().toMap());
    assertEquals(Map.of(), head.pool(TextRole.DOCUMENT).vector().toMap(), "no tokens");
    LexicalHead.Pool comma = head.pool(TextRole.DOCUMENT);
    comma.add(
        new TokenStates(
            new int[] {5},
            new boolean[1],
            new float[] {9, 9},
            2,
            new float[] {12, 0},
            new float[0]));
    assertEquals(Map.of(), comma.vector().toMap(), "no words");
    assertEquals("pumps", head.describe("pump", id -> "?"));
    assertEquals("slipstream", head.describe("slipstream", id -> "?"));
    assertEquals("~slip", head.describe("~slip", id -> "?"));
  }

  private static void assertWeights(Map<String, Float> expected, Map<String, Float> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((word, weight) -> assertEquals(weight, found.get(word), 1e-4f, word));
  }

  private static Tensor row(String name, float... values) {
    return Tensor.of(name, new long[] {values.length}, values);
  }

  private static Tensor ids(int... values) {
    return integers("features", values);
  }

  private static Tensor integers(String name, int... values) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asIntBuffer().put(values);
    return new Tensor(name, ElementType.I32, new long[] {values.length}, data);
  }
}
