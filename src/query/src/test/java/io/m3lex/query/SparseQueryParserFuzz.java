/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.DoublePoint;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FloatPoint;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;

/** Fuzzes {@link SparseQueryParser}: an input is a query, which is also searched with. */
public final class SparseQueryParserFuzz {

  private static final int MOST_CLAUSES = 64;

  private static final List<SparseQueryParser> PARSERS =
      List.of(
          builder("text").build(),
          builder("sparse")
              .requireAll()
              .allowLeadingWildcards()
              .allowRegularExpressions()
              .mostClauses(MOST_CLAUSES)
              .build());

  private static final IndexSearcher SEARCHER = searcher();

  private SparseQueryParserFuzz() {}

  private static SparseQueryParser.Builder builder(String defaultField) {
    return SparseQueryParser.builder(defaultField, new StandardAnalyzer(), new WordEncoder())
        .sparseField("sparse")
        .intField("i")
        .longField("l")
        .floatField("f")
        .doubleField("d");
  }

  private static IndexSearcher searcher() {
    try {
      ByteBuffersDirectory directory = new ByteBuffersDirectory();
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        for (int number = 0; number < 50; number++) {
          writer.addDocument(document(number));
        }
      }
      return new IndexSearcher(DirectoryReader.open(directory));
    } catch (IOException e) {
      throw new AssertionError("an index in memory failed", e);
    }
  }

  private static Document document(int number) {
    String text = "pump kettle filter " + Integer.toString(number, 5);
    Document document = new Document();
    document.add(new TextField("text", text, Field.Store.NO));
    SparseVector vector = new WordEncoder().encodeQuery(text);
    for (int i = 0; i < vector.size(); i++) {
      document.add(new FeatureField("sparse", vector.feature(i), vector.weight(i)));
    }
    document.add(new IntPoint("i", number));
    document.add(new LongPoint("l", number));
    document.add(new FloatPoint("f", number));
    document.add(new DoublePoint("d", number));
    return document;
  }

  /** Whether an input is a query; fails if it is neither searched with nor refused. */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    String query = new String(input, StandardCharsets.UTF_8);
    boolean any = false;
    for (SparseQueryParser parser : PARSERS) {
      try {
        Query parsed = parser.parse(query);
        any = true;
        search(parsed);
        if (!parser.parse(query).equals(parsed)) {
          throw new AssertionError("parsed again, it is another: " + parsed);
        }
      } catch (QuerySyntaxException e) {
        if (e.column() < 1 || e.column() > query.length() + 1) {
          throw new AssertionError("no place for people: " + e.getMessage(), e);
        }
      }
    }
    return any;
  }

  private static void search(Query query) throws IOException {
    try {
      for (ScoreDoc hit : SEARCHER.search(query, 10).scoreDocs) {
        if (!(hit.score >= 0) || hit.score == Float.POSITIVE_INFINITY) {
          throw new AssertionError("no score: " + hit.score + " by " + query);
        }
      }
    } catch (IndexSearcher.TooManyClauses e) {
      throw new AssertionError("the parser counted less than the searcher: " + query, e);
    }
  }
}
