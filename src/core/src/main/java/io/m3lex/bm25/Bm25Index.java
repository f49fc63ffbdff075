/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.bm25;

import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseDocument;
import io.m3lex.search.TextTerms;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * An index of texts that is searched by Lucene's BM25 with {@link IndexFields#K1} and {@link
 * IndexFields#B}. Safe for use by several threads, until it is closed.
 */
public final class Bm25Index implements Closeable {

  /** The stored field with the id. */
  public static final String ID = "id";

  private static final String TEXT = "text";

  private final Analyzer analyzer;
  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  /**
   * Indexes documents in memory.
   *
   * @param documents a later one replaces an earlier of its id; their own Lucene fields are ignored
   * @param analyzer for documents and queries; closed with the index
   */
  public Bm25Index(Iterator<SparseDocument> documents, Analyzer analyzer) throws IOException {
    this(documents, analyzer, new ByteBuffersDirectory());
  }

  /**
   * Like {@link #Bm25Index(Iterator, Analyzer)}, in a directory.
   *
   * @param directory empty; closed with the index
   */
  public Bm25Index(Iterator<SparseDocument> documents, Analyzer analyzer, Directory directory)
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
        SparseDocument document = documents.next();
        Document fields = new Document();
        fields.add(new StringField(ID, document.id(), Store.YES));
        fields.add(new TextField(TEXT, document.encodedText(), Store.NO));
        writer.updateDocument(new Term(ID, document.id()), fields);
      }
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
    searcher.setSimilarity(similarity);
  }

  /** The searcher over it, for as long as the index is open. */
  public IndexSearcher searcher() {
    return searcher;
  }

  /** The analyzer of documents and queries. */
  public Analyzer analyzer() {
    return analyzer;
  }

  /**
   * The best documents of a query, best first.
   *
   * @param query words; no syntax
   * @param k the most hits, at least 1
   */
  public ScoreDoc[] search(String query, int k) throws IOException {
    List<Query> terms = new ArrayList<>(TextTerms.of(query, analyzer, TEXT).values());
    if (terms.size() > IndexSearcher.getMaxClauseCount()) {
      return searchInParts(terms, k);
    }
    return searcher.search(TextTerms.disjunction(terms), Math.min(k, Math.max(1, reader.maxDoc())))
        .scoreDocs;
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

  /** The id of a document. */
  public String id(int docId) throws IOException {
    return searcher.storedFields().document(docId, Set.of(ID)).get(ID);
  }

  /**
   * What a term adds to a document's score.
   *
   * @param term as the analyzer gives it
   * @param score its part of the score
   */
  public record TermScore(String term, double score) {}

  /**
   * What each term of a query adds to a document's score, the greatest first; empty if they share
   * none or there is no document of that id.
   */
  public List<TermScore> explain(String query, String id) throws IOException {
    ScoreDoc[] found = searcher.search(new TermQuery(new Term(ID, id)), 1).scoreDocs;
    List<TermScore> scores = new ArrayList<>();
    if (found.length > 0) {
      for (Map.Entry<String, Query> term : TextTerms.of(query, analyzer, TEXT).entrySet()) {
        Explanation part = searcher.explain(term.getValue(), found[0].doc);
        if (part.isMatch()) {
          scores.add(new TermScore(term.getKey(), part.getValue().doubleValue()));
        }
      }
    }
    scores.sort(Comparator.comparingDouble(score -> -score.score()));
    return scores;
  }

  @Override
  public void close() throws IOException {
    try (directory;
        analyzer) {
      reader.close();
    }
  }
}
