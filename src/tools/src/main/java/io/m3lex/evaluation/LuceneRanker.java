/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.evaluation.ExplainedHit.Contribution;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;

/**
 * Ranks the documents of a Lucene index. Searching and looking up ids are two steps, so that the
 * one can be timed without the other.
 *
 * @param <Q> what is searched with
 */
abstract sealed class LuceneRanker<Q> implements Ranker permits SparseIndexRanker, Bm25Ranker {

  /** By Lucene's number, as far as they have been asked for; made when the index is known. */
  private String[] ids;

  /** The best documents by Lucene's number, by falling score. */
  abstract ScoreDoc[] search(Q query, int k) throws IOException;

  /** What each shared token adds to a document's score, the greatest first. */
  abstract List<Contribution> contributions(Q query, String document) throws IOException;

  /** Runs work with the index. */
  abstract <T> T using(Work<T> work) throws IOException;

  /** The name of the field that holds the id. */
  abstract String idField();

  /** Whether there is a document of an id. */
  final boolean contains(String id) throws IOException {
    return using(searcher -> number(searcher, id) >= 0);
  }

  final int number(IndexSearcher searcher, String id) throws IOException {
    ScoreDoc[] found = searcher.search(new TermQuery(new Term(idField(), id)), 1).scoreDocs;
    return found.length == 0 ? -1 : found[0].doc;
  }

  /** The ranking by id, in its order. */
  final List<ScoredDocument> named(ScoreDoc[] found) throws IOException {
    return using(
        searcher -> {
          if (ids == null) {
            ids = new String[searcher.getIndexReader().maxDoc()];
          }
          List<ScoredDocument> ranking = new ArrayList<>(found.length);
          for (ScoreDoc document : found) {
            if (ids[document.doc] == null) {
              ids[document.doc] =
                  searcher.storedFields().document(document.doc, Set.of(idField())).get(idField());
            }
            ranking.add(new ScoredDocument(ids[document.doc], document.score));
          }
          return ranking;
        });
  }

  /** Work with an index. */
  @FunctionalInterface
  interface Work<T> {
    T with(IndexSearcher searcher) throws IOException;
  }
}
