/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.bm25.Bm25Index;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.evaluation.ExplainedHit.Contribution;
import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseDocument;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * Lucene's BM25 over title and text: the baseline, with k1 0.9 and b 0.4 as Anserini has them. A
 * query is the disjunction of its terms; a term that occurs twice counts twice.
 */
public final class Bm25Ranker extends LuceneRanker<String> {

  private final Bm25Index index;

  /**
   * Indexes documents in memory; a later one replaces an earlier of its id, as in an index of
   * m3lex.
   *
   * @param documents of a collection; faults, and documents whose id an index of m3lex does not
   *     take, are skipped
   * @param analyzer for documents and queries
   */
  public Bm25Ranker(Iterator<CorpusEntry> documents, Analyzer analyzer) throws IOException {
    this(documents, analyzer, new ByteBuffersDirectory());
  }

  /**
   * Like {@link #Bm25Ranker(Iterator, Analyzer)}, in a directory.
   *
   * @param directory empty; closed with the ranker
   */
  public Bm25Ranker(Iterator<CorpusEntry> documents, Analyzer analyzer, Directory directory)
      throws IOException {
    index = new Bm25Index(new Taken(documents), analyzer, directory);
  }

  @Override
  public String name() {
    return "BM25";
  }

  @Override
  public List<ScoredDocument> rank(String query, int k) throws IOException {
    return named(search(query, k));
  }

  @Override
  ScoreDoc[] search(String query, int k) throws IOException {
    return index.search(query, k);
  }

  @Override
  public List<Contribution> contributions(String query, String id) throws IOException {
    return index.explain(query, id).stream()
        .map(part -> new Contribution(part.term(), part.score()))
        .toList();
  }

  @Override
  <T> T using(Work<T> work) throws IOException {
    return work.with(index.searcher());
  }

  @Override
  String idField() {
    return Bm25Index.ID;
  }

  /** What it takes to repeat the ranking. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("analyzer", index.analyzer().getClass().getSimpleName());
    settings.put("k1", Float.toString(IndexFields.K1));
    settings.put("b", Float.toString(IndexFields.B));
    return settings;
  }

  @Override
  public void close() throws IOException {
    index.close();
  }

  /** The documents among entries, as far as an index of m3lex takes them. */
  private static final class Taken implements Iterator<SparseDocument> {
    private final Iterator<CorpusEntry> entries;
    private SparseDocument next;

    Taken(Iterator<CorpusEntry> entries) {
      this.entries = entries;
    }

    @Override
    public boolean hasNext() {
      while (next == null && entries.hasNext()) {
        next = IndexRanker.document(entries.next(), fault -> {});
      }
      return next != null;
    }

    @Override
    public SparseDocument next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      SparseDocument taken = next;
      next = null;
      return taken;
    }
  }
}
