/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.LongHeap;

/**
 * The simplest exact search: all postings in arrays, added up term by term for every document. Both
 * a peer and the oracle for the others.
 */
final class FullScan {

  private final Map<String, Postings> postings = new HashMap<>();
  private final double[] sums;

  private static final class Postings {
    private int[] documents = new int[4];
    private short[] frequencies = new short[4];
    private int count;

    void add(int document, float weight) {
      if (count == documents.length) {
        documents = ArrayUtil.grow(documents);
        frequencies = ArrayUtil.growExact(frequencies, documents.length);
      }
      documents[count] = document;
      frequencies[count++] = (short) (Float.floatToIntBits(weight) >>> 15);
    }
  }

  /** Takes over a corpus, with weights as postings hold them. */
  FullScan(VectorCorpus corpus, int[] order) {
    sums = new double[order.length];
    for (int d = 0; d < order.length; d++) {
      SparseVector vector = corpus.document(order[d]);
      for (int i = 0; i < vector.size(); i++) {
        float weight = PostingWeight.round(vector.weight(i));
        postings.computeIfAbsent(vector.feature(i), any -> new Postings()).add(d, weight);
      }
    }
  }

  /** The best documents that have any feature of a query. */
  ScoreDoc[] search(SparseVector query, int k) {
    Arrays.fill(sums, 0);
    for (int i = 0; i < query.size(); i++) {
      Postings list = postings.get(query.feature(i));
      float weight = query.weight(i);
      for (int j = 0; list != null && j < list.count; j++) {
        sums[list.documents[j]] += weight * PostingWeight.ofFrequency(list.frequencies[j] & 0xFFFF);
      }
    }
    LongHeap heap = new LongHeap(k);
    for (int d = 0; d < sums.length; d++) {
      if (sums[d] > 0) {
        heap.insertWithOverflow(
            (long) Float.floatToIntBits((float) sums[d]) << 32 | Integer.MAX_VALUE - d);
      }
    }
    ScoreDoc[] hits = new ScoreDoc[heap.size()];
    for (int i = hits.length - 1; i >= 0; i--) {
      long hit = heap.pop();
      hits[i] =
          new ScoreDoc(Integer.MAX_VALUE - (int) hit, Float.intBitsToFloat((int) (hit >> 32)));
    }
    return hits;
  }
}
