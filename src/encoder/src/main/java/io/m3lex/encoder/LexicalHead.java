/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.FeatureSpan;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.HeadForm;
import io.m3lex.model.HeadForm.Feature;
import io.m3lex.model.HeadForm.Pooling;
import io.m3lex.model.HeadForm.Prior;
import io.m3lex.model.HeadForm.Queries;
import io.m3lex.model.VerifiedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * A lexical head: from hidden states to the weight of every feature, in the form that the model
 * declares (see {@link HeadForm}). Immutable.
 */
final class LexicalHead {

  private static final String EXPANDED = "~";

  private final HeadForm form;
  private final WordVocabulary vocabulary;
  private final float[] weight;
  private final float bias;
  private final float[] queryWeight;
  private final float queryBias;
  private final float[] queryPrior;
  private final float rarePrior;
  private final Saturation saturation;
  private final int[] features;
  private final Expansion expansion;

  /**
   * Takes the parameters of a verified model; every one has been checked against the form.
   *
   * @param piece the text of each token id
   */
  LexicalHead(VerifiedModel model, IntFunction<String> piece) {
    this(
        model.manifest().head(),
        model.headTensors(),
        isOfWords(model.manifest().head())
            ? new WordVocabulary(piece, model.manifest().encoder().vocabularySize())
            : null);
  }

  private static boolean isOfWords(HeadForm form) {
    return form.feature() == Feature.STEM || form.expansionWords() > 0;
  }

  /**
   * Takes parameters that fit the form.
   *
   * @param vocabulary null if the form has neither stems nor an expansion
   */
  LexicalHead(HeadForm form, Map<String, Tensor> tensors, WordVocabulary vocabulary) {
    this.form = form;
    this.vocabulary = vocabulary;
    weight = tensors.get("weight").toFloats();
    bias = number(tensors, "bias");
    boolean separate = form.queries() == Queries.SEPARATE;
    queryWeight = separate ? tensors.get("query.weight").toFloats() : weight;
    queryBias = separate ? number(tensors, "query.bias") : bias;
    boolean prior = form.prior() == Prior.QUERY;
    queryPrior = prior ? tensors.get("query.prior").toFloats() : null;
    rarePrior = prior && form.feature() == Feature.STEM ? number(tensors, "query.prior.rare") : 0;
    saturation =
        form.pooling() == Pooling.SATURATED_SUM
            ? new Saturation(
                number(tensors, "saturation.k"),
                number(tensors, "saturation.b"),
                number(tensors, "saturation.a"))
            : null;
    features = form.feature() == Feature.TABLE ? tensors.get("features").toInts() : null;
    expansion = form.expansionWords() > 0 ? new Expansion(tensors) : null;
  }

  private static float number(Map<String, Tensor> tensors, String name) {
    return tensors.get(name).toFloats()[0];
  }

  /** Length of the hidden states that this head takes. */
  int hidden() {
    return weight.length;
  }

  /**
   * The word that a feature stands for. Of a stem it is the word of the smallest token id that has
   * it, or the stem itself.
   *
   * @param piece the text of each token id, for features that are token ids
   */
  String describe(String feature, IntFunction<String> piece) {
    if (form.feature() == Feature.STEM) {
      int id = vocabulary.firstOfStem(feature);
      return id == WordVocabulary.RARE ? feature : vocabulary.piece(id);
    }
    try {
      String text = piece.apply(Integer.parseInt(feature));
      return text.isEmpty() ? feature : text;
    } catch (NumberFormatException e) {
      return feature;
    }
  }

  /**
   * The features that the tokens of a text stand for, and where.
   *
   * @param bounds start and end of each token in the text
   */
  List<FeatureSpan> spans(TextTokenizer.Tokens tokens, int[] bounds) {
    List<FeatureSpan> spans = new ArrayList<>();
    int[] ids = tokens.ids();
    for (int i = 0; i < ids.length; i++) {
      if (tokens.special()[i]) {
        continue;
      }
      if (form.feature() != Feature.STEM) {
        addSpan(spans, bounds, i, i + 1, tokenFeature(ids[i]));
        continue;
      }
      // A special token ends a word.
      int first = i;
      while (i + 1 < ids.length && !tokens.special()[i + 1]) {
        i++;
      }
      vocabulary.words(
          Arrays.copyOfRange(ids, first, i + 1),
          (start, end, stem) -> addSpan(spans, bounds, first + start, first + end, stem));
    }
    return spans;
  }

  private static void addSpan(
      List<FeatureSpan> spans, int[] bounds, int firstToken, int endToken, String feature) {
    int start = bounds[2 * firstToken];
    int end = bounds[2 * endToken - 1];
    int free = spans.isEmpty() ? 0 : spans.getLast().end();
    // Normalisation can make several tokens of one character: the first has it.
    if (feature != null && end > start && start >= free) {
      spans.add(new FeatureSpan(start, end, feature));
    }
  }

  /** The feature of a token id; null if the table has none for it. */
  private String tokenFeature(int id) {
    int feature = features == null ? id : features[id];
    return feature < 0 ? null : Integer.toString(feature);
  }

  /** Starts a text. */
  Pool pool(TextRole role) {
    return new Pool(role);
  }

  /** Gathers the weights of one text, stretch by stretch. For use by one thread. */
  final class Pool {

    private final boolean query;
    private final boolean sum;
    private final Map<String, Float> weights = new HashMap<>();
    private final WordStates words;
    private final TextState text = new TextState();

    private Pool(TextRole role) {
      query = role == TextRole.QUERY;
      sum = !query && form.pooling() == Pooling.SATURATED_SUM;
      words =
          form.feature() == Feature.STEM
              ? new WordStates(
                  vocabulary, (stem, state) -> add(stem, weightOf(state, 0, priorOf(stem))))
              : null;
    }

    /** Adds a stretch of the text. */
    void add(TokenStates stretch) {
      if (words == null) {
        addTokens(stretch);
      } else {
        words.add(stretch);
      }
      if (expansion != null) {
        text.add(stretch);
      }
    }

    private void addTokens(TokenStates stretch) {
      for (int token = 0; token < stretch.tokens(); token++) {
        if (stretch.special()[token]) {
          continue;
        }
        int id = stretch.ids()[token];
        int feature = features == null ? id : features[id];
        if (feature >= 0) {
          float prior = queryPrior == null ? 0 : queryPrior[feature];
          add(
              Integer.toString(feature),
              weightOf(stretch.states(), token * stretch.hidden(), prior));
        }
      }
    }

    private void add(String feature, float value) {
      if (value > 0) {
        weights.merge(feature, value, sum ? Float::sum : Float::max);
      }
    }

    private float priorOf(String stem) {
      if (queryPrior == null) {
        return 0;
      }
      int id = vocabulary.firstOfStem(stem);
      return id == WordVocabulary.RARE ? rarePrior : queryPrior[id];
    }

    /** A row-wise sum in a fixed order, so that the result depends on nothing but the row. */
    private float weightOf(float[] states, int offset, float prior) {
      float[] w = query ? queryWeight : weight;
      double product = query ? queryBias : bias;
      for (int i = 0; i < w.length; i++) {
        product += (double) w[i] * states[offset + i];
      }
      if (query) {
        product += prior;
      }
      return Math.max(0, (float) product);
    }

    /** The text's vector. */
    SparseVector vector() {
      if (words != null) {
        words.finish();
      }
      double mass = 0;
      if (sum) {
        // In the order of the names, because the sum must not depend on the order of a hash table.
        for (String feature : weights.keySet().stream().sorted().toList()) {
          mass += weights.get(feature);
        }
      }
      Map<String, Float> named = new HashMap<>();
      for (Map.Entry<String, Float> entry : weights.entrySet()) {
        float value = entry.getValue();
        named.put(entry.getKey(), sum ? saturation.apply(value, mass) : value);
      }
      if (expansion != null && !weights.isEmpty()) {
        expansion.addTo(named, text.direction(), query);
      }
      return SparseVector.of(named);
    }
  }

  /** {@link Pooling#SATURATED_SUM}. */
  private record Saturation(double k, double b, double a) {
    float apply(double sum, double mass) {
      return (float) (sum / (sum + k * (1 - b + b * mass / a)));
    }
  }

  /** {@link HeadForm#expansionWords()}. */
  private final class Expansion {
    private final WordExpansion closeness;
    private final int[] words;
    private final int inQueries;
    private final int inDocuments;
    private final float queryScale;
    private final float documentScale;

    Expansion(Map<String, Tensor> tensors) {
      Tensor vectors = tensors.get("expansion.vectors");
      byte[] bytes = new byte[vectors.elementCount()];
      vectors.data().get(bytes);
      closeness = new WordExpansion(tensors.get("expansion.center").toFloats(), bytes);
      words = tensors.get("expansion.words").toInts();
      inQueries = tensors.get("expansion.query.words").toInts()[0];
      inDocuments = tensors.get("expansion.document.words").toInts()[0];
      queryScale = number(tensors, "expansion.query.scale");
      documentScale = number(tensors, "expansion.document.scale");
    }

    void addTo(Map<String, Float> weights, float[] direction, boolean query) {
      WordExpansion.Words closest = closeness.closest(direction, query ? inQueries : inDocuments);
      for (int i = 0; i < closest.positions().length; i++) {
        float value = closest.excess()[i] * (query ? queryScale : documentScale);
        if (value > 0) {
          weights.put(EXPANDED + vocabulary.piece(words[closest.positions()[i]]), value);
        }
      }
    }
  }
}
