package io.m3lex.search;

import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.PriorityQueue;

/**
 * Searches with more features than a {@code BooleanQuery} may have clauses, such as a long document
 * used as a query: every matching document is scored, without skipping.
 */
final class ManyFeaturesWeight extends Weight {

  private final SparseQuery query;
  private final ScoreMode scoreMode;
  private final float boost;

  ManyFeaturesWeight(SparseQuery query, ScoreMode scoreMode, float boost) {
    super(query);
    this.query = query;
    this.scoreMode = scoreMode;
    this.boost = boost;
  }

  @Override
  public boolean isCacheable(LeafReaderContext context) {
    return !scoreMode.needsScores();
  }

  @Override
  public Explanation explain(LeafReaderContext context, int document) throws IOException {
    return query.explain(context, document, boost);
  }

  @Override
  public ScorerSupplier scorerSupplier(LeafReaderContext context) throws IOException {
    TermsEnum terms = Terms.getTerms(context.reader(), query.field()).iterator();
    List<WeightedPostings> lists = new ArrayList<>();
    long cost = 0;
    for (int i = 0; i < query.vector().size(); i++) {
      if (terms.seekExact(new BytesRef(query.vector().feature(i)))) {
        lists.add(
            new WeightedPostings(
                terms.postings(null, PostingsEnum.FREQS), boost * query.vector().weight(i)));
        cost += terms.docFreq();
      }
    }
    if (lists.isEmpty()) {
      return null;
    }
    long postings = cost;
    return new ScorerSupplier() {
      @Override
      public Scorer get(long leadCost) throws IOException {
        return new DisjunctionScorer(lists, postings);
      }

      @Override
      public long cost() {
        return postings;
      }
    };
  }

  private record WeightedPostings(PostingsEnum postings, float weight) {
    boolean isBefore(WeightedPostings other) {
      return postings.docID() < other.postings.docID();
    }
  }

  /** Merges the postings lists by document. */
  private static final class DisjunctionScorer extends Scorer {

    private final PriorityQueue<WeightedPostings> queue;
    private final long cost;

    DisjunctionScorer(List<WeightedPostings> lists, long cost) {
      this.cost = cost;
      queue =
          new PriorityQueue<>(lists.size()) {
            @Override
            protected boolean lessThan(WeightedPostings a, WeightedPostings b) {
              return a.isBefore(b);
            }
          };
      lists.forEach(queue::add);
    }

    @Override
    public int docID() {
      return queue.top().postings().docID();
    }

    @Override
    public DocIdSetIterator iterator() {
      return new DocIdSetIterator() {
        @Override
        public int docID() {
          return queue.top().postings().docID();
        }

        @Override
        public int nextDoc() throws IOException {
          int current = docID();
          do {
            queue.top().postings().nextDoc();
            queue.updateTop();
          } while (docID() == current);
          return docID();
        }

        @Override
        public int advance(int target) throws IOException {
          while (docID() < target) {
            queue.top().postings().advance(target);
            queue.updateTop();
          }
          return docID();
        }

        @Override
        public long cost() {
          return cost;
        }
      };
    }

    @Override
    public float score() throws IOException {
      int document = docID();
      double sum = 0;
      for (WeightedPostings list : queue) {
        if (list.postings().docID() == document) {
          sum += list.weight() * PostingWeight.ofFrequency(list.postings().freq());
        }
      }
      return (float) sum;
    }

    @Override
    public float getMaxScore(int upTo) {
      return Float.POSITIVE_INFINITY;
    }
  }
}
