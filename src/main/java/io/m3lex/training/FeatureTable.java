package io.m3lex.training;

import io.m3lex.encoder.TokenStateEncoder;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.tartarus.snowball.ext.PorterStemmer;

/**
 * Which feature each token counts for: whole English words of the same stem (Porter, 1980) share
 * the one with the smallest id; tokens without a letter or digit count for none; every other token
 * for itself.
 */
final class FeatureTable {

  /** Stands for no feature. */
  static final int NONE = -1;

  private static final Pattern WHOLE_WORD = Pattern.compile("[a-z]{3,}");

  private FeatureTable() {}

  /** The feature of every token id, {@code [vocabulary]}. */
  static int[] of(TokenStateEncoder encoder, int vocabularySize) {
    int[] features = new int[vocabularySize];
    Map<String, Integer> firstOfStem = new HashMap<>();
    PorterStemmer stemmer = new PorterStemmer();
    for (int id = 0; id < vocabularySize; id++) {
      String piece = encoder.piece(id);
      if (piece.codePoints().noneMatch(Character::isLetterOrDigit)) {
        features[id] = NONE;
      } else if (WHOLE_WORD.matcher(piece).matches()) {
        stemmer.setCurrent(piece);
        stemmer.stem();
        features[id] = firstOfStem.merge(stemmer.getCurrent(), id, (first, next) -> first);
      } else {
        features[id] = id;
      }
    }
    return features;
  }
}
