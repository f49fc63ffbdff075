/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxPostingsFormat;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.IndexReader;
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
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;

/**
 * Matches the documents that share a feature with a vector, and scores them by the dot product of
 * the vector with the weights that the postings hold.
 *
 * <p>The score is {@link SparseVector#dot} of the query with the stored vector: each product of a
 * query weight and a stored weight is rounded to float, the products are summed in double in the
 * order of the features, and the sum is rounded to float. The order does not matter as long as no
 * product is more than 2<sup>29</sup> (5e8) times smaller than the score, because the sum in double
 * is exact then. Beyond that, the last bit may differ in rare cases where Lucene's queries do the
 * adding: in other segments than those of m3lex, in queries of more than 4,096 features, in
 * explanations.
 *
 * <p>A document matches if it has any of the features, however small its score: products too small
 * for a float are 0, and so may the score be. Sums and products beyond a float are infinite; {@link
 * SparseSearcher#searchAfter(org.apache.lucene.search.ScoreDoc, Query, int)} refuses these.
 *
 * <p>Postings of {@link io.m3lex.codec.BlockMaxPostingsFormat} are scored by blocks: those whose
 * bound shows that they cannot reach the top are left out, when the collector needs no total hit
 * count. {@link SparseSearcher}, which knows how many hits are asked for, begins with the best
 * blocks. In other segments the query is a disjunction of Lucene's feature queries, which skip by
 * impacts; there a vector with more features than half of {@link IndexSearcher#getMaxClauseCount()}
 * visits every posting of its features.
 *
 * <p>A query is exact unless it is told otherwise: {@link #approximate} leaves out blocks that
 * might, just so, reach the top; {@link #pruned} leaves out features.
 *
 * <p>Where any segment of a reader states the model that a field's weights came from, as those of
 * m3lex do, the vector must state the same one, and so must every segment that has the field;
 * otherwise the search ends with a {@link io.m3lex.ModelMismatchException}. A field of which no
 * segment states a model, such as other programs' {@code FeatureField}s, is searched with any
 * vector.
 *
 * <p>An ordinary Lucene query: it can be filtered, boosted and combined. The empty vector matches
 * nothing. Immutable.
 */
public final class SparseQuery extends Query {

  private final String field;
  private final SparseVector vector;
  private final float alpha;

  /**
   * Makes an exact query.
   *
   * @param field name of the {@link FeatureField}
   * @param vector weight by feature
   */
  public SparseQuery(String field, SparseVector vector) {
    this(field, vector, 1);
  }

  private SparseQuery(String field, SparseVector vector, float alpha) {
    this.field = Objects.requireNonNull(field, "field");
    this.vector = Objects.requireNonNull(vector, "vector");
    this.alpha = alpha;
  }

  /**
   * This query, but for multiplying bounds by a factor before they are compared with the score to
   * be reached: bounds of blocks, and of what is not yet known of a document's score. Scores remain
   * those of the exact query; documents may be missing. What is found is almost as good: the score
   * at each rank is at least alpha times that of the exact result at that rank.
   *
   * @param alpha greater than 0, at most 1, which is exact. The lesser, the faster, and the more is
   *     missed
   * @throws IllegalArgumentException if alpha is out of that range
   */
  public SparseQuery approximate(float alpha) {
    if (!(alpha > 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha must be greater than 0 and at most 1: " + alpha);
    }
    return new SparseQuery(field, vector, alpha);
  }

  /**
   * This query without the features of the least weights. Scores are those of what remains, so a
   * little lower; documents with none of the remaining features are not found.
   *
   * @param beta share of the features that remain, greater than 0 and at most 1, which is all;
   *     rounded up, so that one remains at least
   * @throws IllegalArgumentException if beta is out of that range
   */
  public SparseQuery pruned(float beta) {
    if (!(beta > 0 && beta <= 1)) {
      throw new IllegalArgumentException("beta must be greater than 0 and at most 1: " + beta);
    }
    int remaining = (int) Math.ceil((double) beta * vector.size());
    return new SparseQuery(field, remaining == 0 ? vector : vector.top(remaining), alpha);
  }

  /** The field that is searched. */
  public String field() {
    return field;
  }

  /** The vector that documents are compared with: after pruning, what remains. */
  public SparseVector vector() {
    return vector;
  }

  /** The factor of {@link #approximate}; 1 if the query is exact. */
  public float alpha() {
    return alpha;
  }

  @Override
  public Query rewrite(IndexSearcher searcher) throws IOException {
    if (vector.isEmpty()) {
      return new MatchNoDocsQuery("the vector is empty");
    }
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      if (BlockMaxPostingsFormat.isUsed(leaf.reader().getFieldInfos().fieldInfo(field))) {
        return this;
      }
    }
    requireModel(searcher.getIndexReader());
    // Only a disjunction that Lucene can see is searched by impacts behind a filter, too.
    return withoutBounds();
  }

  /** The same as a disjunction of Lucene's own queries. */
  Query withoutBounds() {
    if (vector.size() == 1) {
      return featureQuery(field, vector, 0);
    }
    if (vector.size() > IndexSearcher.getMaxClauseCount() / 2) {
      return new LongDisjunctionQuery(field, vector);
    }
    BooleanQuery.Builder clauses = new BooleanQuery.Builder();
    for (int i = 0; i < vector.size(); i++) {
      clauses.add(featureQuery(field, vector, i), Occur.SHOULD);
    }
    return clauses.build();
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost)
      throws IOException {
    requireModel(searcher.getIndexReader());
    return scoreMode.needsScores()
        ? new SparseWeight(this, searcher, scoreMode, boost)
        : LongDisjunctionQuery.matches(field, vector, searcher, scoreMode, boost);
  }

  /**
   * Refuses an index whose field holds weights of another model.
   *
   * @throws io.m3lex.ModelMismatchException if a segment states a model, and any holds weights of
   *     another than the vector states, or weights of which nothing states the model
   */
  public void requireModel(IndexReader reader) throws IOException {
    SegmentModel.require(reader.leaves(), field, vector);
  }

  /** The weight is a boost because newLinearQuery takes weights of up to 64 only. */
  static Query featureQuery(String field, SparseVector vector, int index) {
    return new BoostQuery(
        FeatureField.newLinearQuery(field, vector.feature(index), 1), vector.weight(index));
  }

  /**
   * What each shared feature adds to a document's score, the greatest first; among equals in the
   * order of the features. Empty if the document does not match.
   *
   * @param context the segment
   * @param document number of the document in the segment
   * @throws io.m3lex.ModelMismatchException if the segment's weights came from another model than
   *     the vector states, or nothing states theirs, though another segment of the reader does
   */
  public List<TokenContribution> contributions(LeafReaderContext context, int document)
      throws IOException {
    SegmentModel.require(context, field, vector);
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
        && vector.equals(((SparseQuery) object).vector)
        // A cache must not answer for a query that would be refused.
        && vector.fingerprint().equals(((SparseQuery) object).vector.fingerprint())
        && alpha == ((SparseQuery) object).alpha;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * classHash() + Objects.hash(field, alpha, vector.fingerprint()))
        + vector.hashCode();
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
    text.append(vector.size() > 10 ? " …}" : "}");
    return alpha == 1 ? text.toString() : text.append("~").append(alpha).toString();
  }
}
