package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.TextRole;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.HeadForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The declared forms of a head, by hand. Two hidden values, four token ids. */
class LexicalHeadTest {

  private static final TokenStates STATES =
      new TokenStates(
          new int[] {1, 2, 1, 3, 0},
          new boolean[] {false, false, false, false, true},
          new float[] {1, 0, 0, 1, 3, 0, -5, 0, 9, 9},
          2);

  @Test
  void m3FormTakesTheGreatestPositiveWeightOfEachIdAndNoSpecialToken() {
    LexicalHead head =
        new LexicalHead(
            HeadForm.M3, Map.of("weight", row("weight", 1, 2), "bias", row("bias", 0.5f)));
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
                HeadForm.Prior.QUERY),
            tensors);
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
            HeadForm.M3, Map.of("weight", row("weight", 1, 2), "bias", row("bias", 0.5f)));
    LexicalHead.Pool pool = head.pool(TextRole.DOCUMENT);
    pool.add(STATES);
    pool.add(new TokenStates(new int[] {2}, new boolean[] {false}, new float[] {0, 4}, 2));
    assertEquals(Map.of("1", 3.5f, "2", 8.5f), pool.vector().toMap());
  }

  private static Tensor row(String name, float... values) {
    return Tensor.of(name, new long[] {values.length}, values);
  }

  private static Tensor ids(int... values) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asIntBuffer().put(values);
    return new Tensor("features", ElementType.I32, new long[] {values.length}, data);
  }
}
