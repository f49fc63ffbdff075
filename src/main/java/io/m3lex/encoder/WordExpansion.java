package io.m3lex.encoder;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Finds the words that a text as a whole comes close to (see {@link io.m3lex.model.HeadForm}).
 * Immutable; safe for use by several threads.
 */
public final class WordExpansion {

  private static final int LANES = 8;

  private final float[] center;
  private final float[] vectors;
  private final int words;

  /**
   * Takes the vectors of the words.
   *
   * @param center subtracted from a text's direction, {@code [hidden]}
   * @param vectors one row for each word, {@code [words, hidden]}
   */
  public WordExpansion(float[] center, float[] vectors) {
    this.center = center;
    this.vectors = vectors;
    words = vectors.length / center.length;
  }

  /**
   * The words that come closest, in the order of their positions.
   *
   * @param direction of the text, {@code [hidden]}, see {@link TextState}
   * @param most how many words at most, less than there are
   */
  public Words closest(float[] direction, int most) {
    float[] text = TextState.difference(direction, center);
    float[] closeness = new float[words];
    for (int word = 0; word < words; word++) {
      closeness[word] = dot(text, word * text.length);
    }
    float[] ascending = closeness.clone();
    Arrays.sort(ascending);
    float threshold = ascending[words - 1 - most];
    int[] positions =
        IntStream.range(0, words).filter(word -> closeness[word] > threshold).toArray();
    float[] excess = new float[positions.length];
    for (int i = 0; i < excess.length; i++) {
      excess[i] = closeness[positions[i]] - threshold;
    }
    return new Words(positions, excess);
  }

  /** In a fixed order of additions, so that the result depends on nothing but the numbers. */
  private float dot(float[] text, int offset) {
    float[] sums = new float[LANES];
    int i = 0;
    for (; i + LANES <= text.length; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        sums[lane] += text[i + lane] * vectors[offset + i + lane];
      }
    }
    double sum = 0;
    for (; i < text.length; i++) {
      sum += (double) text[i] * vectors[offset + i];
    }
    for (float lane : sums) {
      sum += lane;
    }
    return (float) sum;
  }

  /**
   * Words and how close they come.
   *
   * @param positions of the words, ascending
   * @param excess of their closeness over that of the first word left out, above 0
   */
  public record Words(int[] positions, float[] excess) {}
}
