/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;

/**
 * Finds the documents with the best passages. Passages are searched as if they were documents, more
 * of them than documents are wanted; as they come by falling score, each document's first one is
 * its best. If there are too few different documents among them, the search is done again for four
 * times as many: what is found is exact.
 */
final class DocumentCollapse {

  private static final int FIRST_FACTOR = 2;
  private static final int FURTHER_FACTOR = 4;

  private DocumentCollapse() {}

  /** The best passage of each of the k best documents, by falling score. */
  static List<ScoreDoc> search(IndexSearcher searcher, Query query, int k) throws IOException {
    long most = Math.max(1, searcher.getIndexReader().maxDoc());
    long passages = Math.min(most, isByPassages(searcher) ? (long) FIRST_FACTOR * k : k);
    while (true) {
      ScoreDoc[] found = searcher.search(query, (int) passages).scoreDocs;
      List<ScoreDoc> best = bestOfDocuments(searcher, found, k);
      if (best.size() == k || found.length < passages || passages == most) {
        return best;
      }
      passages = Math.min(most, FURTHER_FACTOR * passages);
    }
  }

  private static boolean isByPassages(IndexSearcher searcher) {
    return searcher.getIndexReader().leaves().stream()
        .anyMatch(leaf -> leaf.reader().getFieldInfos().fieldInfo(PassageFields.OF) != null);
  }

  private static List<ScoreDoc> bestOfDocuments(IndexSearcher searcher, ScoreDoc[] found, int k)
      throws IOException {
    long[] documents = documents(searcher, found);
    Set<Long> seen = new HashSet<>();
    List<ScoreDoc> best = new ArrayList<>();
    for (int i = 0; i < found.length && best.size() < k; i++) {
      if (seen.add(documents[i])) {
        best.add(found[i]);
      }
    }
    return best;
  }

  /** A number for each hit that it shares with the other passages of its document. */
  private static long[] documents(IndexSearcher searcher, ScoreDoc[] found) throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    Integer[] byNumber = new Integer[found.length];
    Arrays.setAll(byNumber, i -> i);
    // Doc values are read forward.
    Arrays.sort(byNumber, Comparator.comparingInt(i -> found[i].doc));
    long[] documents = new long[found.length];
    LeafReaderContext leaf = null;
    SortedDocValues ids = null;
    for (int i : byNumber) {
      int leafIndex = ReaderUtil.subIndex(found[i].doc, leaves);
      if (leaf != leaves.get(leafIndex)) {
        leaf = leaves.get(leafIndex);
        ids = DocValues.getSorted(leaf.reader(), PassageFields.OF);
      }
      int number = found[i].doc - leaf.docBase;
      // A document's passages lie in one segment.
      documents[i] =
          ids.advanceExact(number) ? (long) leafIndex << 32 | ids.ordValue() : -1L - found[i].doc;
    }
    return documents;
  }
}
