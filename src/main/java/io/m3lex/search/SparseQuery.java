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
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;

/**
 * Matches the documents that share a feature with a vector, and scores them by the dot product of
 * the vector with the weights that the postings hold.
 *
 * <p>The score is {@link SparseVector#dot} of the query with the stored vector: each product of a
 * query weight and a stored weight is rounded to float, the products are summed in double, and the
 * sum is rounded to float. Lucene decides in which order it adds; that does not matter as long as
 * no product is more than 2<sup>29</sup> (5e8) times smaller than the score, because the sum in
 * double is exact then. Beyond that, the last bit of the score may differ in rare cases.
 *
 * <p>The query becomes a disjunction of Lucene's feature queries: documents that cannot reach the
 * top are skipped by their impacts, also behind a filter, when the collector needs no total hit
 * count. In the searcher's count of clauses each feature is one, as long as there are no more than
 * half of {@link IndexSearcher#getMaxClauseCount()}. A vector with more features, of any number,
 * counts as one clause and visits every posting of its features.
 *
 * <p>An ordinary Lucene query: it can be filtered, boosted and combined. The empty vector matches
 * nothing. Immutable.
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
    if (vector.isEmpty()) {
      return new MatchNoDocsQuery("the vector is empty");
    }
    if (vector.size() == 1) {
      return featureQuery(0);
    }
    if (vector.size() > IndexSearcher.getMaxClauseCount() / 2) {
      return this;
    }
    // Only a disjunction that Lucene can see is searched by impacts behind a filter, too.
    BooleanQuery.Builder clauses = new BooleanQuery.Builder();
    for (int i = 0; i < vector.size(); i++) {
      clauses.add(featureQuery(i), Occur.SHOULD);
    }
    return clauses.build();
  }

  /** Only called for vectors that {@link #rewrite} leaves as they are. */
  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost)
      throws IOException {
    if (!scoreMode.needsScores()) {
      List<BytesRef> features = new ArrayList<>(vector.size());
      for (int i = 0; i < vector.size(); i++) {
        features.add(new BytesRef(vector.feature(i)));
      }
      Query matches = searcher.rewrite(new TermInSetQuery(field, features));
      return matches.createWeight(searcher, scoreMode, boost);
    }
    List<Weight> weights = new ArrayList<>(vector.size());
    for (int i = 0; i < vector.size(); i++) {
      weights.add(featureQuery(i).createWeight(searcher, scoreMode, boost));
    }
    return new LongDisjunctionWeight(this, weights);
  }

  /** The weight is a boost because newLinearQuery takes weights of up to 64 only. */
  private Query featureQuery(int index) {
    return new BoostQuery(
        FeatureField.newLinearQuery(field, vector.feature(index), 1), vector.weight(index));
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
    List<TokenContribution> contributions = new ArrayList<>();
    TermsEnum terms = Terms.getTerms(context.reader(), field).iterator();
    PostingsEnum postings = null;
    for (int i = 0; i < vector.size(); i++) {
      if (terms.seekExact(new BytesRef(vector.feature(i)))) {
        postings = terms.postings(postings, PostingsEnum.FREQS);
        if (postings.advance(document) == document) {
          float queryWeight = vector.weight(i);
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
