/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.codec.ModelStatement;
import java.util.List;
import java.util.Set;

/** The fields that m3lex writes, for queries and tools of the caller's own. */
public final class IndexFields {

  /** The document's id: one term, stored. */
  public static final String ID = "_id";

  /** The document's title: stored. */
  public static final String TITLE = "_title";

  /** The document's text, or in an index of passages the passage's: stored. */
  public static final String TEXT = "_text";

  /** The weights: {@code FeatureField} postings. */
  public static final String SPARSE = "_sparse";

  /** Present, with the term {@code true}, in documents without any weight. */
  public static final String WITHOUT_FEATURES = "_without_features";

  /** Title and text for BM25: the terms that the analyzer of the index's language gives. */
  public static final String ANALYZED = "_analyzed";

  /** The dense vector: {@code KnnFloatVectorField} by dot product. */
  public static final String DENSE = "_dense";

  /** The tokens' vectors: {@code LateInteractionField}. */
  public static final String TOKEN_VECTORS = "_token_vectors";

  /** BM25's k1, as Anserini has it. */
  public static final float K1 = 0.9f;

  /** BM25's b, as Anserini has it. */
  public static final float B = 0.4f;

  private static final Set<String> NAMES =
      Set.of(ID, TITLE, TEXT, SPARSE, WITHOUT_FEATURES, ANALYZED, DENSE, TOKEN_VECTORS);

  /** The fields of what a model computed, of which every document states the model. */
  static final List<String> OF_MODEL = List.of(SPARSE, DENSE, TOKEN_VECTORS);

  /** Whether a name is one of m3lex's own. */
  static boolean isReserved(String name) {
    return NAMES.contains(name)
        || PassageFields.NAMES.contains(name)
        || OF_MODEL.stream().map(ModelStatement::fieldOf).anyMatch(name::equals);
  }

  private IndexFields() {}
}
