/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.HybridText;
import io.m3lex.evaluation.ExplainedHit.Contribution;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.HybridSearcher;
import io.m3lex.index.LanguageAnalyzers;
import io.m3lex.index.SparseIndex;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.search.ScoreDoc;

/** Search in an index of m3lex by several signals together. */
final class HybridRanker extends SparseIndexRanker<HybridRanker.Asked> {

  private final HybridSearch search;
  private final Analyzer analyzer;

  /**
   * A query.
   *
   * @param vectors those that the search needs
   */
  record Asked(String text, HybridText vectors) {}

  /**
   * Ranks the documents of an index.
   *
   * @param index holds what the search needs; stays open
   */
  HybridRanker(SparseIndex index, HybridSearch search) {
    super(index);
    this.search = search;
    String language = index.contents().language();
    analyzer = language.isEmpty() ? null : LanguageAnalyzers.of(language);
  }

  @Override
  public String name() {
    return "m3lex-" + search;
  }

  @Override
  public List<ScoredDocument> rank(String query, int k) throws IOException {
    return named(search(new Asked(query, index.encodeQuery(query, search)), k));
  }

  @Override
  ScoreDoc[] search(Asked query, int k) throws IOException {
    return index.using(
        searcher ->
            new HybridSearcher(searcher, search, query.text, query.vectors, analyzer, null)
                .best(k).stream()
                    .map(found -> new ScoreDoc(found.document(), (float) found.score()))
                    .toArray(ScoreDoc[]::new));
  }

  @Override
  List<Contribution> contributions(Asked query, String document) {
    return List.of();
  }

  /** What it takes to repeat the ranking. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("fusion", search.toString());
    settings.put("candidates", Integer.toString(search.candidates()));
    settings.put("fingerprint", index.fingerprint().sha256());
    return settings;
  }

  @Override
  public void close() {
    if (analyzer != null) {
      analyzer.close();
    }
  }
}
