package io.m3lex.training;

/** In how many texts each feature occurs, and the prior that follows from it. */
final class DocumentFrequencies {

  private final int[] features;
  private final int[] frequencies;
  private final int[] lastText;
  private int texts;

  /**
   * Counts nothing yet.
   *
   * @param features feature by token id
   */
  DocumentFrequencies(int[] features) {
    this.features = features;
    frequencies = new int[features.length];
    lastText = new int[features.length];
  }

  /** Counts one text. */
  void add(int[] tokenIds) {
    texts++;
    for (int id : tokenIds) {
      int feature = features[id];
      if (feature != FeatureTable.NONE && lastText[feature] != texts) {
        lastText[feature] = texts;
        frequencies[feature]++;
      }
    }
  }

  int texts() {
    return texts;
  }

  /**
   * The inverse document frequency of every feature, {@code ln((N - n + 0.5) / (n + 0.5))}, at
   * least 0; a feature that no text has is taken to be in one.
   */
  float[] priors() {
    float[] priors = new float[frequencies.length];
    for (int feature = 0; feature < priors.length; feature++) {
      double n = Math.max(1, frequencies[feature]);
      priors[feature] = (float) Math.max(0, Math.log((texts - n + 0.5) / (n + 0.5)));
    }
    return priors;
  }
}
