/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;

/**
 * The k best documents of a query, and nothing else: found by a {@link SparseSearcher}, which
 * begins with the best blocks, when the search is about to begin. It could be when the query is
 * rewritten, as with Lucene's queries for neighbours of a vector; but a shard rewrites a query once
 * more when it only fetches the hits.
 */
final class BestDocumentsQuery extends Query {

  private final Query query;
  private final int k;

  BestDocumentsQuery(Query query, int k) {
    this.query = query;
    this.k = k;
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost)
      throws IOException {
    ScoreDoc[] hits = new SparseSearcher(searcher.getIndexReader()).search(query, k).scoreDocs;
    Arrays.sort(hits, Comparator.comparingInt(hit -> hit.doc));
    int[] documents = new int[hits.length];
    float[] scores = new float[hits.length];
    for (int i = 0; i < hits.length; i++) {
      documents[i] = hits[i].doc;
      scores[i] = boost * hits[i].score;
    }
    return new Found(this, documents, scores);
  }

  @Override
  public String toString(String field) {
    return String.format(Locale.ROOT, "best %d of (%s)", k, query.toString(field));
  }

  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
  }

  @Override
  public boolean equals(Object object) {
    return sameClassAs(object)
        && k == ((BestDocumentsQuery) object).k
        && query.equals(((BestDocumentsQuery) object).query);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * classHash() + k) + query.hashCode();
  }

  /** Documents of a reader with their scores, in the order of their numbers. */
  private static final class Found extends Weight {
    private final int[] documents;
    private final float[] scores;

    Found(Query query, int[] documents, float[] scores) {
      super(query);
      this.documents = documents;
      this.scores = scores;
    }

    @Override
    public ScorerSupplier scorerSupplier(LeafReaderContext leaf) {
      int from = position(leaf.docBase);
      int to = position(leaf.docBase + leaf.reader().maxDoc());
      return from == to ? null : new DefaultScorerSupplier(new FoundScorer(leaf, from, to));
    }

    @Override
    public Explanation explain(LeafReaderContext leaf, int document) {
      int position = Arrays.binarySearch(documents, leaf.docBase + document);
      return position < 0
          ? Explanation.noMatch("not among the best documents")
          : Explanation.match(scores[position], "among the best documents");
    }

    /** What is found in a segment depends on the others. */
    @Override
    public boolean isCacheable(LeafReaderContext leaf) {
      return false;
    }

    private int position(int document) {
      int position = Arrays.binarySearch(documents, document);
      return position < 0 ? -position - 1 : position;
    }

    private final class FoundScorer extends Scorer {
      private final int docBase;
      private final int from;
      private final int to;
      private int position;

      FoundScorer(LeafReaderContext leaf, int from, int to) {
        this.docBase = leaf.docBase;
        this.from = from;
        this.to = to;
        position = from - 1;
      }

      @Override
      public int docID() {
        return position < from
            ? -1
            : position == to ? DocIdSetIterator.NO_MORE_DOCS : documents[position] - docBase;
      }

      @Override
      public float score() {
        return scores[position];
      }

      @Override
      public float getMaxScore(int upTo) {
        float greatest = 0;
        for (int i = from; i < to; i++) {
          greatest = Math.max(greatest, scores[i]);
        }
        return greatest;
      }

      @Override
      public DocIdSetIterator iterator() {
        return new DocIdSetIterator() {
          @Override
          public int docID() {
            return FoundScorer.this.docID();
          }

          @Override
          public int nextDoc() {
            position++;
            return docID();
          }

          @Override
          public int advance(int target) throws IOException {
            return slowAdvance(target);
          }

          @Override
          public long cost() {
            return to - from;
          }
        };
      }
    }
  }
}
