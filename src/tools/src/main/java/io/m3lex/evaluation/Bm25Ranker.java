/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.corpus.CorpusEntry;
import io.m3lex.evaluation.ExplainedHit.Contribution;
import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseDocument;
import io.m3lex.search.TextTerms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * Lucene's BM25 over title and text: the baseline, with k1 0.9 and b 0.4 as Anserini has them. A
 * query is the disjunction of its terms; a term that occurs twice counts twice.
 */
public final class Bm25Ranker extends LuceneRanker<String> {

  private static final String ID = "id";
  private static final String TEXT = "text";

  private final Analyzer analyzer;
  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  /**
   * Indexes documents in memory; a later one replaces an earlier of its id, as in an index of
   * m3lex.
   *
   * @param documents of a collection; faults, and documents whose id an index of m3lex does not
   *     take, are passed over
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
    this.analyzer = analyzer;
    this.directory = directory;
    BM25Similarity similarity = new BM25Similarity(IndexFields.K1, IndexFields.B);
    IndexWriterConfig config =
        new IndexWriterConfig(analyzer)
            .setSimilarity(similarity)
            // Keeps the order of the documents, and with it that of equal scores.
            .setMergePolicy(new LogByteSizeMergePolicy());
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      while (documents.hasNext()) {
        SparseDocument document = IndexRanker.document(documents.next(), fault -> {});
        if (document != null) {
          Document fields = new Document();
          fields.add(new StringField(ID, document.id(), Store.YES));
          fields.add(new TextField(TEXT, document.encodedText(), Store.NO));
          writer.updateDocument(new Term(ID, document.id()), fields);
        }
      }
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
    searcher.setSimilarity(similarity);
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
    List<Query> terms = new ArrayList<>(TextTerms.of(query, analyzer, TEXT).values());
    if (terms.size() > IndexSearcher.getMaxClauseCount()) {
      return searchInParts(terms, k);
    }
    return searcher.search(TextTerms.disjunction(terms), Math.min(k, Math.max(1, reader.maxDoc())))
        .scoreDocs;
  }

  /**
   * What each term of a query adds to a document's score, the greatest first; empty if they share
   * none or there is no document of that id.
   */
  @Override
  public List<Contribution> contributions(String query, String id) throws IOException {
    int document = number(searcher, id);
    List<Contribution> contributions = new ArrayList<>();
    if (document >= 0) {
      for (Map.Entry<String, Query> term : TextTerms.of(query, analyzer, TEXT).entrySet()) {
        Explanation part = searcher.explain(term.getValue(), document);
        if (part.isMatch()) {
          contributions.add(new Contribution(term.getKey(), part.getValue().doubleValue()));
        }
      }
    }
    contributions.sort(Comparator.comparingDouble(contribution -> -contribution.score()));
    return contributions;
  }

  @Override
  <T> T using(Work<T> work) throws IOException {
    return work.with(searcher);
  }

  @Override
  String idField() {
    return ID;
  }

  /** What it takes to repeat the ranking. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("analyzer", analyzer.getClass().getSimpleName());
    settings.put("k1", Float.toString(IndexFields.K1));
    settings.put("b", Float.toString(IndexFields.B));
    return settings;
  }

  /** A query of more terms than Lucene takes at once: the scores of its parts, added up. */
  private ScoreDoc[] searchInParts(List<Query> terms, int k) throws IOException {
    float[] scores = new float[reader.maxDoc()];
    int most = IndexSearcher.getMaxClauseCount();
    for (int from = 0; from < terms.size(); from += most) {
      Query part = TextTerms.disjunction(terms.subList(from, Math.min(terms.size(), from + most)));
      for (ScoreDoc found : searcher.search(part, Math.max(1, reader.maxDoc())).scoreDocs) {
        scores[found.doc] += found.score;
      }
    }
    return IntStream.range(0, scores.length)
        .filter(doc -> scores[doc] > 0)
        .mapToObj(doc -> new ScoreDoc(doc, scores[doc]))
        .sorted(Comparator.comparingDouble(found -> -found.score))
        .limit(k)
        .toArray(ScoreDoc[]::new);
  }

  @Override
  public void close() throws IOException {
    try (directory;
        analyzer) {
      reader.close();
    }
  }
}
