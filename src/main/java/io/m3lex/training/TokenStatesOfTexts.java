package io.m3lex.training;

import io.m3lex.corpus.OrderedPipeline;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.encoder.TokenStates;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The token states of many texts, at 16 bits a number, so that a training set fits into memory. The
 * tokens of a text are grouped by feature; tokens without one are left out.
 */
final class TokenStatesOfTexts {

  private final List<Text> texts;
  private final int hidden;

  private TokenStatesOfTexts(List<Text> texts, int hidden) {
    this.texts = texts;
    this.hidden = hidden;
  }

  /**
   * Encodes texts.
   *
   * @param features feature by token id
   * @param progress told the number of texts that are done
   */
  static TokenStatesOfTexts encode(
      List<String> texts,
      TokenStateEncoder encoder,
      int[] features,
      int threads,
      LongConsumer progress)
      throws IOException {
    List<Text> encoded = new ArrayList<>(texts.size());
    OrderedPipeline.run(
        texts.iterator(),
        text -> encode(text, encoder, features),
        text -> {
          encoded.add(text);
          progress.accept(encoded.size());
        },
        threads,
        () -> false);
    return new TokenStatesOfTexts(encoded, encoder.hidden());
  }

  private static Text encode(String text, TokenStateEncoder encoder, int[] features) {
    List<TokenStates> stretches = new ArrayList<>();
    encoder.encode(text, stretches::add);
    List<int[]> tokens = new ArrayList<>();
    for (int s = 0; s < stretches.size(); s++) {
      TokenStates stretch = stretches.get(s);
      for (int i = 0; i < stretch.tokens(); i++) {
        int feature = stretch.special()[i] ? FeatureTable.NONE : features[stretch.ids()[i]];
        if (feature != FeatureTable.NONE) {
          tokens.add(new int[] {feature, s, i});
        }
      }
    }
    tokens.sort(Comparator.comparingInt(token -> token[0]));
    int hidden = encoder.hidden();
    short[] states = new short[tokens.size() * hidden];
    int[] tokenFeatures = new int[tokens.size()];
    for (int t = 0; t < tokenFeatures.length; t++) {
      tokenFeatures[t] = tokens.get(t)[0];
      float[] source = stretches.get(tokens.get(t)[1]).states();
      int offset = tokens.get(t)[2] * hidden;
      for (int i = 0; i < hidden; i++) {
        states[t * hidden + i] = Float.floatToFloat16(source[offset + i]);
      }
    }
    int[] groups =
        IntStream.rangeClosed(0, tokenFeatures.length)
            .filter(
                t ->
                    t == 0 || t == tokenFeatures.length || tokenFeatures[t] != tokenFeatures[t - 1])
            .toArray();
    int[] distinct =
        Arrays.stream(groups, 0, Math.max(0, groups.length - 1))
            .map(t -> tokenFeatures[t])
            .toArray();
    return new Text(distinct, distinct.length == 0 ? new int[] {0} : groups, states);
  }

  int size() {
    return texts.size();
  }

  int hidden() {
    return hidden;
  }

  Text text(int index) {
    return texts.get(index);
  }

  /**
   * One text.
   *
   * @param features its distinct features, ascending, {@code [groups]}
   * @param groups first token of each feature's tokens, and the number of tokens, {@code [groups +
   *     1]}
   * @param states {@code [tokens, hidden]}, as 16-bit floating-point numbers
   */
  record Text(int[] features, int[] groups, short[] states) {
    int tokens() {
      return groups[groups.length - 1];
    }

    /** One row of the states, into an array {@code [hidden]}. */
    void copyState(int token, float[] target) {
      int offset = token * target.length;
      for (int i = 0; i < target.length; i++) {
        target[i] = Float.float16ToFloat(states[offset + i]);
      }
    }
  }
}
