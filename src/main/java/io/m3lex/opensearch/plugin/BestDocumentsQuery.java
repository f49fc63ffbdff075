package io.m3lex.opensearch.plugin;

import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;

/**
 * The k best documents of a query, and nothing else: found when the query is rewritten, by a {@link
 * SparseSearcher}, which begins with the best blocks. So it is with Lucene's queries for neighbours
 * of a vector.
 */
final class BestDocumentsQuery extends Query {

  private final Query query;
  private final int k;

  BestDocumentsQuery(Query query, int k) {
    this.query = query;
    this.k = k;
  }

  @Override
  public Query rewrite(IndexSearcher searcher) throws IOException {
    IndexReader reader = searcher.getIndexReader();
    ScoreDoc[] hits = new SparseSearcher(reader).search(query, k).scoreDocs;
    if (hits.length == 0) {
      return new MatchNoDocsQuery("nothing shares a feature");
    }
    Arrays.sort(hits, Comparator.comparingInt(hit -> hit.doc));
    int[] documents = new int[hits.length];
    float[] scores = new float[hits.length];
    for (int i = 0; i < hits.length; i++) {
      documents[i] = hits[i].doc;
      scores[i] = hits[i].score;
    }
    return new Found(documents, scores, reader.getContext().id());
  }

  @Override
  public String toString(String field) {
    return "best %d of (%s)".formatted(k, query.toString(field));
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

  /** Documents of one reader with their scores, in the order of their numbers. */
  private static final class Found extends Query {
    private final int[] documents;
    private final float[] scores;
    private final Object reader;

    Found(int[] documents, float[] scores, Object reader) {
      this.documents = documents;
      this.scores = scores;
      this.reader = reader;
    }

    @Override
    public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) {
      if (searcher.getIndexReader().getContext().id() != reader) {
        throw new IllegalStateException("these documents were found in another reader");
      }
      return new Weight(this) {
        @Override
        public ScorerSupplier scorerSupplier(LeafReaderContext leaf) {
          int from = position(leaf.docBase);
          int to = position(leaf.docBase + leaf.reader().maxDoc());
          return from == to
              ? null
              : new DefaultScorerSupplier(new FoundScorer(leaf, from, to, boost));
        }

        @Override
        public Explanation explain(LeafReaderContext leaf, int document) {
          int position = Arrays.binarySearch(documents, leaf.docBase + document);
          return position < 0
              ? Explanation.noMatch("not among the best documents")
              : Explanation.match(boost * scores[position], "among the best documents");
        }

        @Override
        public boolean isCacheable(LeafReaderContext leaf) {
          return true;
        }
      };
    }

    private int position(int document) {
      int position = Arrays.binarySearch(documents, document);
      return position < 0 ? -position - 1 : position;
    }

    @Override
    public String toString(String field) {
      return documents.length + " documents";
    }

    @Override
    public void visit(QueryVisitor visitor) {
      visitor.visitLeaf(this);
    }

    @Override
    public boolean equals(Object object) {
      return sameClassAs(object)
          && reader == ((Found) object).reader
          && Arrays.equals(documents, ((Found) object).documents)
          && Arrays.equals(scores, ((Found) object).scores);
    }

    @Override
    public int hashCode() {
      return Objects.hash(classHash(), Arrays.hashCode(documents), Arrays.hashCode(scores));
    }

    private final class FoundScorer extends Scorer {
      private final int docBase;
      private final int from;
      private final int to;
      private final float boost;
      private int position;

      FoundScorer(LeafReaderContext leaf, int from, int to, float boost) {
        this.docBase = leaf.docBase;
        this.from = from;
        this.to = to;
        this.boost = boost;
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
        return boost * scores[position];
      }

      @Override
      public float getMaxScore(int upTo) {
        float greatest = 0;
        for (int i = from; i < to; i++) {
          greatest = Math.max(greatest, scores[i]);
        }
        return boost * greatest;
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
