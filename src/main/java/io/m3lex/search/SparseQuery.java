package io.m3lex.search;

import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.FilterWeight;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;

/**
 * Matches the documents that share a feature with a vector, and scores them by the dot product of
 * the vector with the weights that the postings hold.
 *
 * <p>The score is exact: each product of a query weight and a stored weight is rounded to float,
 * the products are summed in double, and the sum is rounded to float, which is {@link
 * SparseVector#dot} of the query with the stored vector. Documents that cannot reach the top are
 * skipped by Lucene's impacts when the collector needs no total hit count.
 *
 * <p>An ordinary Lucene query: it can be filtered, boosted and combined. The vector may have any
 * number of features. The empty vector matches nothing. Immutable.
 */
public final class SparseQuery extends Query {

  private final String field;
  private final SparseVector vector;

  /**
   * Makes a query.
   *
   * @param field name of the {@link FeatureField}
   * @param vector weight by feature; products must not exceed the range of float
   */
  public SparseQuery(String field, SparseVector vector) {
    this.field = Objects.requireNonNull(field, "field");
    this.vector = Objects.requireNonNull(vector, "vector");
  }

  /** The field that is searched. */
  public String field() {
    return field;
  }

  /** The vector that documents are compared with. */
  public SparseVector vector() {
    return vector;
  }

  @Override
  public Query rewrite(IndexSearcher searcher) throws IOException {
    return vector.isEmpty() ? new MatchNoDocsQuery("the vector is empty") : super.rewrite(searcher);
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost)
      throws IOException {
    int limit = IndexSearcher.getMaxClauseCount();
    if (vector.size() > limit) {
      return new ManyFeaturesWeight(this, scoreMode, boost);
    }
    BooleanQuery.Builder clauses = new BooleanQuery.Builder();
    for (int i = 0; i < vector.size(); i++) {
      // The weight is a boost because newLinearQuery takes weights of up to 64 only.
      clauses.add(
          new BoostQuery(
              FeatureField.newLinearQuery(field, vector.feature(i), 1), vector.weight(i)),
          Occur.SHOULD);
    }
    Weight weight = clauses.build().createWeight(searcher, scoreMode, boost);
    return new FilterWeight(this, weight) {
      @Override
      public Explanation explain(LeafReaderContext context, int document) throws IOException {
        return SparseQuery.this.explain(context, document, boost);
      }
    };
  }

  Explanation explain(LeafReaderContext context, int document, float boost) throws IOException {
    List<TokenContribution> contributions = contributions(context, document, boost);
    if (contributions.isEmpty()) {
      return Explanation.noMatch("shares no feature with the query in field " + field);
    }
    double sum = 0;
    List<Explanation> details = new ArrayList<>();
    for (TokenContribution contribution : contributions) {
      sum += contribution.score();
      details.add(
          Explanation.match(
              contribution.score(),
              "feature \"" + contribution.feature() + "\", product of:",
              Explanation.match(contribution.queryWeight(), "weight in the query"),
              Explanation.match(contribution.documentWeight(), "weight in the document")));
    }
    return Explanation.match((float) sum, "dot product in field " + field + ", sum of:", details);
  }

  /**
   * What each shared feature adds to a document's score, the greatest first; among equals in the
   * order of the features. Empty if the document does not match.
   *
   * @param context the segment
   * @param document number of the document in the segment
   */
  public List<TokenContribution> contributions(LeafReaderContext context, int document)
      throws IOException {
    return contributions(context, document, 1);
  }

  private List<TokenContribution> contributions(
      LeafReaderContext context, int document, float boost) throws IOException {
    List<TokenContribution> contributions = new ArrayList<>();
    TermsEnum terms = Terms.getTerms(context.reader(), field).iterator();
    PostingsEnum postings = null;
    for (int i = 0; i < vector.size(); i++) {
      if (terms.seekExact(new BytesRef(vector.feature(i)))) {
        postings = terms.postings(postings, PostingsEnum.FREQS);
        if (postings.advance(document) == document) {
          float queryWeight = boost * vector.weight(i);
          float documentWeight = PostingWeight.ofFrequency(postings.freq());
          contributions.add(
              new TokenContribution(
                  vector.feature(i), queryWeight, documentWeight, queryWeight * documentWeight));
        }
      }
    }
    contributions.sort(
        Comparator.comparingDouble((TokenContribution contribution) -> -contribution.score()));
    return contributions;
  }

  @Override
  public void visit(QueryVisitor visitor) {
    if (visitor.acceptField(field)) {
      visitor.visitLeaf(this);
    }
  }

  @Override
  public boolean equals(Object object) {
    return sameClassAs(object)
        && field.equals(((SparseQuery) object).field)
        && vector.equals(((SparseQuery) object).vector);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * classHash() + field.hashCode()) + vector.hashCode();
  }

  /** The field and the ten features of the greatest weight. */
  @Override
  public String toString(String defaultField) {
    StringBuilder text = new StringBuilder(field).append(":{");
    String separator = "";
    for (SparseVector.Entry entry : vector.top(10).entriesByWeight()) {
      text.append(separator).append(entry.feature()).append('^').append(entry.weight());
      separator = " ";
    }
    return text.append(vector.size() > 10 ? " …}" : "}").toString();
  }
}
