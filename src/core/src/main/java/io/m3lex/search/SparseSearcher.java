/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import io.m3lex.Cancellation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.BulkScorer;
import org.apache.lucene.search.Collector;
import org.apache.lucene.search.CollectorManager;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.LeafCollector;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.ThreadInterruptedException;

/**
 * An {@link IndexSearcher} that tells {@link SparseQuery} how many hits are asked for. {@link
 * #search(Query, int)} then looks at the blocks with the highest bounds first, in whatever order
 * their documents have, and stops when no other can have a better one: the fastest way to the same
 * hits.
 *
 * <p>That is done for a {@code SparseQuery}, also boosted, and also as the only scoring clause of a
 * {@link BooleanQuery} with filters and prohibited clauses. Anything else, and searches with a
 * collector, a sort or a timeout, go the way of any {@code IndexSearcher}.
 *
 * <p>Any search ends when the thread that asked for it is interrupted; see {@link Cancellation}.
 *
 * <p>The total hit count of such a search is the number of hits that are returned, as a lower
 * bound, unless all were.
 */
public final class SparseSearcher extends IndexSearcher {

  /** Documents of a segment between two looks at whether the search was cancelled. */
  private static final int WINDOW = 1 << 14;

  /** For so many hits, most superblocks of a group are looked at if any is. */
  private static final int MANY_HITS = 100;

  /**
   * Searches in the calling thread.
   *
   * @param reader stays open
   */
  public SparseSearcher(IndexReader reader) {
    super(reader);
  }

  /**
   * Searches segments side by side.
   *
   * @param reader stays open
   * @param executor null for the calling thread only
   */
  public SparseSearcher(IndexReader reader, Executor executor) {
    super(reader, executor);
  }

  /**
   * The best hits.
   *
   * @param after null for the first hits; otherwise the search is an ordinary one
   * @param n greatest number of hits, at least 1
   * @return by falling score, equal ones by document number
   * @throws IllegalArgumentException if n is less than 1
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
   * @throws ScoreOverflowException if a {@code SparseQuery} is in the query, and the best score is
   *     greater than a float can hold. Searches with a sort or a collector give such scores as they
   *     are: infinite
   */
  @Override
  public TopDocs searchAfter(ScoreDoc after, Query query, int n) throws IOException {
    Parts parts = after == null && getTimeout() == null ? Parts.of(query, 1) : null;
    if (parts == null || n < 1) {
      TopDocs found = super.searchAfter(after, query, n);
      if (isInfinite(found)) {
        query.visit(refusing(found.scoreDocs[0].doc));
      }
      return found;
    }
    TopDocs found =
        rewrite(parts.sparse) instanceof SparseQuery
            ? search(parts, n)
            : super.searchAfter(null, query, n);
    if (isInfinite(found)) {
      throw new ScoreOverflowException(parts.sparse.vector(), found.scoreDocs[0].doc);
    }
    return found;
  }

  private static boolean isInfinite(TopDocs found) {
    ScoreDoc[] hits = found.scoreDocs;
    return hits.length > 0 && hits[0].score == Float.POSITIVE_INFINITY;
  }

  /** Refuses the score of a document because of the sparse query that it meets, if it meets any. */
  private static QueryVisitor refusing(int document) {
    return new QueryVisitor() {
      @Override
      public void visitLeaf(Query leaf) {
        if (leaf instanceof SparseQuery sparse && !sparse.vector().isEmpty()) {
          throw new ScoreOverflowException(sparse.vector(), document);
        }
      }
    };
  }

  private TopDocs search(Parts parts, int n) throws IOException {
    int k = Math.min(n, Math.max(1, getIndexReader().maxDoc()));
    Weight weight = parts.sparse.createWeight(this, ScoreMode.TOP_SCORES, parts.boost);
    Weight filter =
        parts.filter == null
            ? null
            : createWeight(rewrite(parts.filter), ScoreMode.COMPLETE_NO_SCORES, 1);
    AtomicInteger leastScore = new AtomicInteger();
    Thread caller = Thread.currentThread();
    List<Callable<TopHits>> tasks = new ArrayList<>();
    for (LeafSlice slice : getSlices()) {
      tasks.add(
          () -> {
            Search search = new Search((SparseWeight) weight, filter, k, leastScore, caller);
            for (LeafReaderContextPartition partition : slice.partitions) {
              search.add(partition.ctx, partition.minDocId, partition.maxDocId);
            }
            return search.hits;
          });
    }
    TopHits all = new TopHits(k);
    for (TopHits hits : results(tasks)) {
      all.addAll(hits);
    }
    ScoreDoc[] hits = all.sorted();
    return new TopDocs(
        new TotalHits(
            hits.length,
            hits.length < k
                ? TotalHits.Relation.EQUAL_TO
                : TotalHits.Relation.GREATER_THAN_OR_EQUAL_TO),
        hits);
  }

  private List<TopHits> results(List<Callable<TopHits>> tasks) throws IOException {
    try {
      return getTaskExecutor().invokeAll(tasks);
    } catch (ThreadInterruptedException e) {
      throw cancelled(e);
    }
  }

  @Override
  public <C extends Collector, T> T search(Query query, CollectorManager<C, T> manager)
      throws IOException {
    try {
      return super.search(query, manager);
    } catch (ThreadInterruptedException e) {
      throw cancelled(e);
    }
  }

  @Override
  protected void searchLeaf(
      LeafReaderContext leaf, int min, int max, Weight weight, Collector collector)
      throws IOException {
    // The scorers of this package look for it within a segment, too.
    Cancellation.check();
    super.searchLeaf(leaf, min, max, weight, collector);
  }

  /** The caller was interrupted while it waited for other threads. */
  private static CancellationException cancelled(ThreadInterruptedException e) {
    Thread.currentThread().interrupt();
    CancellationException cancelled = Cancellation.exception();
    cancelled.initCause(e);
    return cancelled;
  }

  /**
   * What a query is made of.
   *
   * @param filter what hits must match as well; null if there is nothing
   */
  private record Parts(SparseQuery sparse, float boost, Query filter) {

    /** The parts of a query, null if it is made of others. */
    static Parts of(Query query, float boost) {
      return switch (query) {
        case SparseQuery sparse -> new Parts(sparse, boost, null);
        case BoostQuery boosted -> of(boosted.getQuery(), boost * boosted.getBoost());
        case BooleanQuery clauses -> of(clauses, boost);
        default -> null;
      };
    }

    private static Parts of(BooleanQuery query, float boost) {
      Parts scoring = null;
      boolean filters = false;
      BooleanQuery.Builder rest = new BooleanQuery.Builder();
      for (BooleanClause clause : query) {
        if (clause.isScoring()) {
          Parts parts =
              scoring == null && clause.occur() == Occur.MUST ? of(clause.query(), boost) : null;
          if (parts == null || parts.filter != null) {
            return null;
          }
          scoring = parts;
        } else {
          filters |= clause.occur() == Occur.FILTER;
          rest.add(clause);
        }
      }
      if (scoring == null || query.getMinimumNumberShouldMatch() > 0) {
        return null;
      }
      if (query.clauses().size() == 1) {
        return scoring;
      }
      if (!filters) {
        rest.add(MatchAllDocsQuery.INSTANCE, Occur.FILTER);
      }
      return new Parts(scoring.sparse, scoring.boost, rest.build());
    }
  }

  /** One slice's search. */
  private static final class Search {
    private final SparseWeight weight;
    private final Weight filter;
    private final TopHits hits;
    private final Thread caller;

    /** The bits of the least score that a hit needs, as any of the slices knows. */
    private final AtomicInteger shared;

    private float leastScore;

    Search(SparseWeight weight, Weight filter, int k, AtomicInteger shared, Thread caller) {
      this.weight = weight;
      this.filter = filter;
      this.hits = new TopHits(k);
      this.shared = shared;
      this.caller = caller;
    }

    void add(LeafReaderContext leaf, int min, int max) throws IOException {
      Bits accepted = leaf.reader().getLiveDocs();
      FixedBitSet filtered = null;
      if (filter != null) {
        filtered = filtered(leaf);
        if (filtered == null) {
          return;
        }
        accepted = both(filtered, accepted);
      }
      exchange();
      BlockMaxTerms terms = weight.terms(leaf);
      if (terms == null || min > 0 || max < leaf.reader().maxDoc()) {
        addInOrder(leaf, accepted, min, max);
      } else if (terms.cost() > 0) {
        addBestFirst(terms, leaf.docBase, accepted, filtered);
      }
    }

    private FixedBitSet filtered(LeafReaderContext leaf) throws IOException {
      Scorer scorer = filter.scorer(leaf);
      if (scorer == null) {
        return null;
      }
      FixedBitSet filtered = new FixedBitSet(leaf.reader().maxDoc());
      DocIdSetIterator iterator = scorer.iterator();
      for (int next = iterator.nextDoc();
          next != DocIdSetIterator.NO_MORE_DOCS;
          next = iterator.docID()) {
        Cancellation.check(caller);
        iterator.intoBitSet(end(next, DocIdSetIterator.NO_MORE_DOCS), filtered, 0);
      }
      return filtered;
    }

    private static int end(int first, int max) {
      return max - first > WINDOW ? first + WINDOW : max;
    }

    private static Bits both(FixedBitSet filtered, Bits live) {
      if (live != null) {
        live.applyMask(filtered, 0);
      }
      return filtered;
    }

    /** Learns what score is needed, and tells. */
    private void exchange() {
      float own = hits.leastScore();
      int all =
          own > 0 ? shared.accumulateAndGet(Float.floatToIntBits(own), Math::max) : shared.get();
      leastScore = Math.max(own, Float.intBitsToFloat(all));
    }

    private void addInOrder(LeafReaderContext leaf, Bits accepted, int min, int max)
        throws IOException {
      ScorerSupplier supplier = weight.scorerSupplier(leaf);
      if (supplier == null) {
        return;
      }
      BulkScorer scorer = supplier.bulkScorer();
      LeafCollector collector =
          new LeafCollector() {
            private Scorable scorable;

            @Override
            public void setScorer(Scorable scorable) throws IOException {
              this.scorable = scorable;
              scorable.setMinCompetitiveScore(leastScore);
            }

            @Override
            public void collect(int document) throws IOException {
              hits.add(leaf.docBase + document, scorable.score());
              if (hits.leastScore() > leastScore) {
                exchange();
                scorable.setMinCompetitiveScore(leastScore);
              }
            }
          };
      for (int next = min; next < max; ) {
        Cancellation.check(caller);
        next = scorer.score(collector, accepted, next, end(next, max));
      }
    }

    private void addBestFirst(BlockMaxTerms terms, int docBase, Bits accepted, FixedBitSet filtered)
        throws IOException {
      int[] bounds = terms.superblockBounds();
      boolean groups = hits.k() >= MANY_HITS && terms.scoresGroups();
      int first = terms.threshold(leastScore);
      for (int superblock : groups ? orderByGroup(bounds, first) : order(bounds, first)) {
        Cancellation.check(caller);
        int threshold = terms.threshold(leastScore);
        if (bounds[superblock] >= threshold) {
          boolean any =
              leastScore > 0
                  ? terms.open(superblock, leastScore, filtered)
                  : terms.openFirst(superblock, hits.k(), accepted, filtered);
          if (any) {
            terms.score();
            collect(terms, docBase, accepted);
            exchange();
          }
          terms.clear();
        }
      }
    }

    /** Groups of superblocks whose greatest bounds reach a threshold, about by falling bound. */
    private static int[] orderByGroup(int[] bounds, int threshold) {
      int size = BlockMaxTerms.GROUP;
      int[] greatest = new int[(bounds.length + size - 1) / size];
      for (int i = 0; i < bounds.length; i++) {
        greatest[i / size] = Math.max(greatest[i / size], bounds[i]);
      }
      int[] groups = order(greatest, threshold);
      int[] order = new int[groups.length * size];
      int count = 0;
      for (int group : groups) {
        int end = Math.min(bounds.length, (group + 1) * size);
        for (int i = group * size; i < end; i++) {
          order[count++] = i;
        }
      }
      return ArrayUtil.copyOfSubArray(order, 0, count);
    }

    /** Superblocks whose bounds reach a threshold, about by falling bound. */
    private static int[] order(int[] bounds, int threshold) {
      int greatest = 1;
      for (int bound : bounds) {
        greatest = Math.max(greatest, bound);
      }
      // Sorted by the bound's highest bits: the threshold is looked at again anyway.
      int shift = Math.max(0, Integer.SIZE - Integer.numberOfLeadingZeros(greatest) - 10);
      int[] starts = new int[(greatest >>> shift) + 2];
      int count = 0;
      for (int bound : bounds) {
        if (bound >= threshold) {
          starts[(greatest >>> shift) - (bound >>> shift) + 1]++;
          count++;
        }
      }
      for (int i = 1; i < starts.length; i++) {
        starts[i] += starts[i - 1];
      }
      int[] order = new int[count];
      for (int i = 0; i < bounds.length; i++) {
        if (bounds[i] >= threshold) {
          order[starts[(greatest >>> shift) - (bounds[i] >>> shift)]++] = i;
        }
      }
      return order;
    }

    private void collect(BlockMaxTerms terms, int docBase, Bits accepted) throws IOException {
      double[] sums = terms.sums();
      int first = terms.superblock() * SUPERBLOCK;
      // A little less, because scores are rounded sums.
      double least = Math.nextDown(leastScore);
      for (long blocks = terms.candidateBlocks(); blocks != 0; blocks &= blocks - 1) {
        int block = Long.numberOfTrailingZeros(blocks);
        for (int rest = terms.candidates(block); rest != 0; rest &= rest - 1) {
          int i = block * BLOCK + Integer.numberOfTrailingZeros(rest);
          if (sums[i] >= least
              && BlockMaxTerms.isMatch(sums[i])
              && (accepted == null || accepted.get(first + i))) {
            hits.add(docBase + first + i, terms.rounded(i, sums[i]));
            least = Math.max(least, Math.nextDown(hits.leastScore()));
          }
        }
      }
    }
  }
}
