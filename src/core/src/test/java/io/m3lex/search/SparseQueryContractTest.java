/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.index.RandomIndexWriter;
import org.apache.lucene.tests.search.QueryUtils;
import org.apache.lucene.tests.util.LuceneTestCase;

/** Lucene's own test of what a query must obey. */
public class SparseQueryContractTest extends LuceneTestCase {

  public void testKeepsTheContractOfAQuery() throws Exception {
    IndexWriterConfig config = newIndexWriterConfig();
    if (random().nextInt(4) > 0) {
      config.setCodec(new BlockMaxCodec("sparse"));
    }
    try (Directory directory = newDirectory();
        RandomIndexWriter writer = new RandomIndexWriter(random(), directory, config)) {
      for (int d = 0; d < 200; d++) {
        Document document = new Document();
        for (int f = 0; f < 10; f++) {
          if (random().nextBoolean()) {
            document.add(new FeatureField("sparse", "" + f, random().nextFloat() + 0.01f));
          }
        }
        writer.addDocument(document);
      }
      try (IndexReader reader = writer.getReader()) {
        IndexSearcher searcher = newSearcher(reader);
        QueryUtils.check(
            random(), new SparseQuery("sparse", SparseVector.of(Map.of("1", 0.5f))), searcher);
        QueryUtils.check(
            random(),
            new SparseQuery("sparse", SparseVector.of(Map.of("1", 0.5f, "4", 2f, "7", 100f))),
            searcher);
        Map<String, Float> many = new HashMap<>();
        for (int i = 0; i < 600; i++) {
          many.put(Integer.toString(i), 1 + i / 100f);
        }
        QueryUtils.check(random(), new SparseQuery("sparse", SparseVector.of(many)), searcher);
      }
    }
  }
}
