/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.ModelFingerprint;
import java.util.List;
import java.util.SortedMap;

/**
 * What is in an index.
 *
 * @param documents number of documents that can be found
 * @param passages number of their passages, 0 if documents were put as wholes
 * @param deletedDocuments number of documents, or of passages if there are any, that are deleted or
 *     replaced, but not yet merged away
 * @param documentsWithoutFeatures number of documents that nothing can find
 * @param segments number of segments
 * @param features number of different features, those of deleted documents included
 * @param postings number of postings, those of deleted documents included
 * @param bytes size of all files
 * @param postingsBytes size of the files that hold postings and terms, ids and words included
 * @param commonest the features that most documents (or passages) have, by falling frequency
 * @param fingerprint of the model that the weights came from
 * @param environment what the weights were computed with when the index was begun
 * @param contents what the index holds of each document beside its sparse vector
 * @param witnesses number of witness texts
 * @param witnessTolerance greatest difference of a witness's weight that is accepted
 */
public record IndexStatistics(
    int documents,
    int passages,
    int deletedDocuments,
    int documentsWithoutFeatures,
    int segments,
    long features,
    long postings,
    long bytes,
    long postingsBytes,
    List<FeatureFrequency> commonest,
    ModelFingerprint fingerprint,
    SortedMap<String, String> environment,
    IndexContents contents,
    int witnesses,
    float witnessTolerance) {

  /** Bytes of postings and terms for each posting, 0 if there is none. */
  public double bytesPerPosting() {
    return postings == 0 ? 0 : (double) postingsBytes / postings;
  }

  /** A feature and the number of documents (or passages) that have it. */
  public record FeatureFrequency(String feature, long documents) {}
}
