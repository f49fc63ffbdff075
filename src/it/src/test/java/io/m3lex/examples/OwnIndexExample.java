/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.examples;

import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.SparseField;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/** m3lex's weights in a Lucene index that an application writes and searches itself. */
public final class OwnIndexExample {

  private OwnIndexExample() {}

  /** Takes an empty folder for the index. */
  public static void main(String[] args) throws IOException {
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        Directory directory = FSDirectory.open(Path.of(args[0]))) {
      SparseField field = SparseField.of("body_sparse", encoder);
      IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(field.name()));
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        field.begin(writer);
        add(writer, field, "kettle", "Limescale in a kettle dissolves in citric acid.");
        add(writer, field, "kettle", "A kettle that whistles is boiling.");
        add(writer, field, "pump", "The pump does not drain: clean its filter.");
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        field.verify(reader);
        SparseSearcher searcher = new SparseSearcher(reader);
        Query query =
            new BooleanQuery.Builder()
                .add(field.query("how to get rid of scale"), Occur.MUST)
                .add(new TermQuery(new Term("product", "kettle")), Occur.FILTER)
                .build();
        for (ScoreDoc hit : searcher.search(query, 1).scoreDocs) {
          System.out.println(searcher.storedFields().document(hit.doc).get("body"));
        }
      }
    }
  }

  private static void add(IndexWriter writer, SparseField field, String product, String body)
      throws IOException {
    Document document = new Document();
    document.add(new StringField("product", product, Store.YES));
    document.add(new TextField("body", body, Store.YES));
    field.fields(body).forEach(document::add);
    writer.addDocument(document);
  }
}
