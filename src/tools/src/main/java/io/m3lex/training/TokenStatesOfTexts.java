/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.encoder.TextState;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.encoder.WordStates;
import io.m3lex.encoder.WordVocabulary;
import io.m3lex.util.OrderedPipeline;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The token states of many texts, at 16 bits a number, so that a training set fits into memory. A
 * text's tokens are its words, grouped by stem.
 */
final class TokenStatesOfTexts {

  private static final int RARE_FEATURES = 1 << 24;

  private final List<Text> texts;
  private final int hidden;

  private TokenStatesOfTexts(List<Text> texts, int hidden) {
    this.texts = texts;
    this.hidden = hidden;
  }

  /**
   * Encodes texts.
   *
   * @param progress told the number of texts that are done
   */
  static TokenStatesOfTexts encode(
      List<String> texts,
      TokenStateEncoder encoder,
      WordVocabulary vocabulary,
      int threads,
      LongConsumer progress)
      throws IOException {
    List<Text> encoded = new ArrayList<>(texts.size());
    OrderedPipeline.run(
        texts.iterator(),
        text -> encode(text, encoder, vocabulary),
        text -> {
          encoded.add(text);
          progress.accept(encoded.size());
        },
        threads,
        () -> false);
    return new TokenStatesOfTexts(encoded, encoder.hidden());
  }

  private static Text encode(String text, TokenStateEncoder encoder, WordVocabulary vocabulary) {
    List<Word> words = new ArrayList<>();
    WordStates states =
        new WordStates(
            vocabulary, (stem, state) -> words.add(new Word(feature(stem, vocabulary), state)));
    TextState textState = new TextState();
    encoder.encode(
        text,
        stretch -> {
          states.add(stretch);
          textState.add(stretch);
        });
    states.finish();
    words.sort(Comparator.comparingInt(Word::feature));
    int hidden = encoder.hidden();
    short[] numbers = new short[words.size() * hidden];
    int[] tokenFeatures = new int[words.size()];
    for (int t = 0; t < tokenFeatures.length; t++) {
      tokenFeatures[t] = words.get(t).feature();
      for (int i = 0; i < hidden; i++) {
        numbers[t * hidden + i] = Float.floatToFloat16(words.get(t).state()[i]);
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
    return new Text(
        distinct,
        distinct.length == 0 ? new int[] {0} : groups,
        numbers,
        words.isEmpty() ? null : textState.direction());
  }

  /**
   * A number for a stem: the first token id that has it, else one beyond the vocabulary. There two
   * stems may happen to share one, which training does not suffer from.
   */
  private static int feature(String stem, WordVocabulary vocabulary) {
    int id = vocabulary.firstOfStem(stem);
    return id == WordVocabulary.RARE
        ? vocabulary.size() + Math.floorMod(stem.hashCode(), RARE_FEATURES)
        : id;
  }

  private record Word(int feature, float[] state) {}

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
   * @param direction of the text as a whole, {@code [hidden]}; null if it has no words
   */
  record Text(int[] features, int[] groups, short[] states, float[] direction) {
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
