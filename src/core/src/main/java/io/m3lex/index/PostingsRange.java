/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.ArrayUtil;

/**
 * The vectors of a range of a segment's documents, put together from its postings: every feature's
 * list is entered at the begin of the range and left at its end.
 */
final class PostingsRange {

  /** About how many are held at once: 12 bytes each. */
  static final int POSTINGS = 4_000_000;

  private final int from;
  private final List<String> features = new ArrayList<>();
  private int[] documents = new int[1_024];
  private int[] numbers = new int[1_024];
  private float[] weights = new float[1_024];
  private int size;

  /** Where each document's postings begin in {@link #byDocument}. */
  private final int[] starts;

  /** Positions in the lists above, grouped by document. */
  private int[] byDocument;

  private PostingsRange(int from, int to) {
    this.from = from;
    this.starts = new int[to - from + 1];
  }

  /** How many documents of a segment have about so many postings; at least 1. */
  static int documents(LeafReader segment, int postings) throws IOException {
    long all = Math.max(1, Terms.getTerms(segment, IndexFields.SPARSE).getSumDocFreq());
    return (int) Math.clamp((double) postings * segment.maxDoc() / all, 1, Integer.MAX_VALUE);
  }

  /**
   * Reads a range.
   *
   * @param from the first document
   * @param to behind the last
   */
  static PostingsRange read(LeafReader segment, int from, int to) throws IOException {
    PostingsRange range = new PostingsRange(from, to);
    TermsEnum terms = Terms.getTerms(segment, IndexFields.SPARSE).iterator();
    PostingsEnum postings = null;
    while (terms.next() != null) {
      postings = terms.postings(postings, PostingsEnum.FREQS);
      int document = postings.advance(from);
      if (document < to) {
        range.features.add(terms.term().utf8ToString());
      }
      for (; document < to; document = postings.nextDoc()) {
        range.add(document - from, PostingWeight.ofFrequency(postings.freq()));
      }
    }
    range.group();
    return range;
  }

  private void add(int document, float weight) {
    if (size == documents.length) {
      documents = ArrayUtil.grow(documents);
      numbers = Arrays.copyOf(numbers, documents.length);
      weights = Arrays.copyOf(weights, documents.length);
    }
    documents[size] = document;
    numbers[size] = features.size() - 1;
    weights[size] = weight;
    size++;
    starts[document + 1]++;
  }

  private void group() {
    for (int i = 1; i < starts.length; i++) {
      starts[i] += starts[i - 1];
    }
    int[] next = starts.clone();
    byDocument = new int[size];
    for (int i = 0; i < size; i++) {
      byDocument[next[documents[i]]++] = i;
    }
  }

  /** The vector of a document of the range. */
  SparseVector vector(int document) {
    Map<String, Float> vector = new HashMap<>();
    for (int i = starts[document - from]; i < starts[document - from + 1]; i++) {
      int posting = byDocument[i];
      vector.put(features.get(numbers[posting]), weights[posting]);
    }
    return SparseVector.of(vector);
  }
}
