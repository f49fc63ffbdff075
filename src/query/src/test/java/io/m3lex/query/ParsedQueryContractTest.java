/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import io.m3lex.WordEncoder;
import io.m3lex.codec.BlockMaxCodec;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.analysis.MockAnalyzer;
import org.apache.lucene.tests.index.RandomIndexWriter;
import org.apache.lucene.tests.search.QueryUtils;
import org.apache.lucene.tests.util.LuceneTestCase;

/** Lucene's own test of what a query must obey, explanations included, on parsed queries. */
public class ParsedQueryContractTest extends LuceneTestCase {

  public void testParsedQueriesKeepTheContractOfAQuery() throws Exception {
    IndexWriterConfig config = newIndexWriterConfig();
    if (random().nextInt(4) > 0) {
      config.setCodec(new BlockMaxCodec("sparse"));
    }
    SparseQueryParser parser =
        SparseQueryParser.builder("title", new MockAnalyzer(random()), new WordEncoder())
            .sparseField("sparse")
            .intField("year")
            .build();
    try (Directory directory = newDirectory();
        RandomIndexWriter writer = new RandomIndexWriter(random(), directory, config)) {
      for (int d = 0; d < 200; d++) {
        Document document = new Document();
        for (int f = 0; f < 10; f++) {
          if (random().nextBoolean()) {
            document.add(new FeatureField("sparse", "w" + f, random().nextFloat() + 0.01f));
            document.add(new TextField("title", "w" + f, Store.NO));
          }
        }
        document.add(new IntPoint("year", d % 20));
        writer.addDocument(document);
      }
      try (IndexReader reader = writer.getReader()) {
        IndexSearcher searcher = newSearcher(reader);
        for (String query :
            new String[] {
              "sparse:\"w1 w4 w7\"",
              "sparse:(w1 w4 w7)^3",
              "sparse:\"w1 w4\" AND year:[3 TO 12]",
              "title:w2 AND sparse:\"w1 w4 w7\"^2 AND year:[3 TO 12]",
              "title:\"w2 w3\" sparse:\"w1 w4 w7\" -year:4",
              "+sparse:w1 +sparse:w2^0.5 title:w3"
            }) {
          QueryUtils.check(random(), parser.parse(query), searcher);
        }
      }
    }
  }
}
