/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.EncodedText;
import io.m3lex.HybridText;
import io.m3lex.HybridWordEncoder;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.WordEncoder;
import io.m3lex.evaluation.IndexRanker;
import io.m3lex.index.HybridSearch.Fusion;
import io.m3lex.search.SparseQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whichever way a vector comes to an index, it must state the index's model. */
class QueryVectorTest {

  private static final IndexContents ALL = new IndexContents(true, true, "en");
  private static final String TEXT = "kettle pump";

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final HybridWordEncoder ours = new HybridWordEncoder(true);
  private final WordEncoder theirs = new WordEncoder("another head", 0);

  @TempDir private Path folder;

  /** A way to search by a vector. */
  private interface Way {
    Object search(SparseIndex index, SparseVector vector) throws IOException;
  }

  private SparseQuery query(SparseVector vector) {
    SparseQuery exact = new SparseQuery(IndexFields.SPARSE, vector);
    return switch (random.nextInt(3)) {
      case 0 -> exact;
      case 1 -> exact.approximate(0.9f);
      default -> exact.pruned(0.9f);
    };
  }

  private HybridText hybrid(SparseVector vector) {
    HybridText text = ours.encodeHybrid(List.of(TEXT), TextRole.QUERY, true).getFirst();
    return new HybridText(new EncodedText(vector, 2, 1, 0), text.dense(), text.tokens());
  }

  private HybridSearch anySignals() {
    List<List<Signal>> choices =
        List.of(
            List.of(Signal.SPARSE),
            List.of(Signal.DENSE),
            List.of(Signal.DENSE, Signal.TOKENS),
            List.of(Signal.BM25, Signal.DENSE),
            ALL.signals());
    return HybridSearch.of(
        Fusion.values()[random.nextInt(Fusion.values().length)],
        choices.get(random.nextInt(choices.size())));
  }

  /** The sparse query in any of the forms in which Lucene gets to it. */
  private Query form(SparseVector vector) {
    Query query = query(vector);
    Query all = new TermQuery(new Term(IndexFields.ID, "d1"));
    return switch (random.nextInt(6)) {
      case 0 -> query;
      case 1 -> new BoostQuery(query, 2);
      case 2 -> new ConstantScoreQuery(query);
      case 3 -> new BooleanQuery.Builder().add(query, Occur.SHOULD).add(all, Occur.SHOULD).build();
      case 4 -> new BooleanQuery.Builder().add(all, Occur.MUST).add(query, Occur.FILTER).build();
      default -> new BooleanQuery.Builder().add(query, Occur.MUST).add(all, Occur.FILTER).build();
    };
  }

  private List<Way> ways() {
    return List.of(
        (index, vector) -> index.search(vector, 3),
        (index, vector) -> index.search(vector, 3, new TermQuery(new Term(IndexFields.ID, "d1"))),
        (index, vector) -> index.search(query(vector), 3, null),
        (index, vector) -> index.searchDocuments(vector, 3, null),
        (index, vector) -> index.searchDocuments(query(vector), 3, null),
        (index, vector) -> index.explain(vector, "d1"),
        (index, vector) -> index.search(TEXT, hybrid(vector), anySignals(), 3, null),
        (index, vector) -> new IndexRanker(index, ours).rank(vector, 3),
        (index, vector) -> new IndexRanker(index, ours).approximate(0.9f).rank(vector, 3),
        (index, vector) -> index.using(searcher -> searcher.search(form(vector), 3)),
        (index, vector) ->
            index.using(searcher -> searcher.search(form(vector), 3, Sort.INDEXORDER)),
        (index, vector) -> index.using(searcher -> searcher.count(form(vector))),
        (index, vector) ->
            index.using(
                searcher -> new IndexSearcher(searcher.getIndexReader()).search(form(vector), 3)),
        (index, vector) ->
            index.using(
                searcher -> searcher.explain(new SparseQuery(IndexFields.SPARSE, vector), 0)),
        (index, vector) ->
            index.using(
                searcher -> {
                  for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
                    query(vector).contributions(leaf, 0);
                  }
                  return null;
                }),
        (index, vector) ->
            index.using(
                searcher -> {
                  try (Analyzer analyzer = LanguageAnalyzers.of("en")) {
                    return new HybridSearcher(
                            searcher, anySignals(), TEXT, hybrid(vector), analyzer, null)
                        .best(3);
                  }
                }));
  }

  @Test
  void onlyVectorsThatStateTheModelOfTheIndexSearchIt() throws IOException {
    List<Way> ways = ways();
    // The same numbers: nothing but what they state can tell them apart.
    SparseVector right = ours.encodeQuery(TEXT);
    SparseVector unstated = SparseVector.of(right.toMap());
    SparseVector other = unstated.from(theirs.fingerprint());
    for (boolean bounds : new boolean[] {true, false}) {
      Path place = folder.resolve("bounds-" + bounds);
      build(place, bounds);
      try (SparseIndex index = SparseIndex.open(place, ours)) {
        for (int round = 0; round < 20 * ways.size(); round++) {
          int number = round % ways.size();
          Way way = ways.get(number);
          String what = "way " + number + ", bounds " + bounds + ", -Dm3lex.seed=" + seed;
          assertDoesNotThrow(() -> way.search(index, right), what);
          ModelMismatchException ofOther =
              assertThrows(ModelMismatchException.class, () -> way.search(index, other), what);
          assertTrue(names(ofOther, theirs.fingerprint()), ofOther::getMessage);
          assertTrue(names(ofOther, ours.fingerprint()), ofOther::getMessage);
          ModelMismatchException ofNone =
              assertThrows(ModelMismatchException.class, () -> way.search(index, unstated), what);
          assertTrue(names(ofNone, ours.fingerprint()), ofNone::getMessage);
          assertTrue(ofNone.getMessage().contains("states no model"), ofNone::getMessage);
          assertTrue(ofNone.getMessage().contains("SparseVector.from"), ofNone::getMessage);
        }
      }
    }
  }

  private static boolean names(Exception e, ModelFingerprint model) {
    return e.getMessage().contains(model.sha256().substring(0, 12));
  }

  /** An index of several segments, with or without bounds. */
  private void build(Path place, boolean bounds) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(place, ours, 0, ALL)) {
      for (int i = 0; i < 30; i++) {
        writer.put(SparseDocument.of("d" + i, "kettle pump number " + random.nextInt(10)));
        if (i % 10 == 9) {
          writer.commit();
        }
      }
    }
    if (!bounds) {
      try (Directory directory = FSDirectory.open(place);
          IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        writer.forceMerge(1);
      }
    }
  }

  @Test
  void anEmptyVectorMustStateTheModelToo() throws IOException {
    build(folder, true);
    try (SparseIndex index = SparseIndex.open(folder, ours)) {
      assertThrows(ModelMismatchException.class, () -> index.search(SparseVector.EMPTY, 1));
      assertTrue(index.search(SparseVector.EMPTY.from(ours.fingerprint()), 1).isEmpty());
    }
  }

  @Test
  void aVectorIsNotPutAsOneOfAnotherModel() throws IOException {
    SparseVector other = theirs.encodeDocument(TEXT);
    SparseDocument document = SparseDocument.of("7", TEXT);
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, ours)) {
      assertThrows(
          ModelMismatchException.class, () -> writer.put(document, other.from(ours.fingerprint())));
      assertThrows(
          ModelMismatchException.class,
          () -> writer.put(document, HybridText.of(other).from(ours.fingerprint())));
      writer.put(document);
      writer.commit();
      assertThrows(
          ModelMismatchException.class, () -> writer.put(document, other.from(ours.fingerprint())));
    }
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder.resolve("passages"), ours)) {
      PassageSplitter splitter = PassageSplitter.of(1_000);
      assertThrows(
          ModelMismatchException.class,
          () -> writer.putPassages(document, splitter, List.of(other.from(ours.fingerprint()))));
      assertTrue(writer.documents() == 0, "a refused document was put");
    }
    SparseField field = SparseField.of("body", ours);
    assertThrows(ModelMismatchException.class, () -> field.fields(other.from(ours.fingerprint())));
    try (SparseIndex index = SparseIndex.open(folder, ours)) {
      assertTrue(index.document("7").isPresent());
    }
  }

  /** An encoder that hands on the vectors of another, under its own name. */
  @Test
  void anEncoderCannotPassOffAnothersVectors() throws IOException {
    build(folder, true);
    SparseEncoder mistaken =
        new SparseEncoder() {
          @Override
          public ModelFingerprint fingerprint() {
            return ours.fingerprint();
          }

          @Override
          public SortedMap<String, String> environment() {
            return ours.environment();
          }

          @Override
          public EncodedText encode(String text, TextRole role) {
            return theirs.encode(text, role);
          }

          @Override
          public String describe(String feature) {
            return feature;
          }

          @Override
          public void close() {
            // Holds nothing.
          }
        };
    assertThrows(ModelMismatchException.class, () -> mistaken.encodeQuery(TEXT));
    try (SparseIndex index = SparseIndex.open(folder, ours)) {
      assertThrows(
          ModelMismatchException.class,
          () -> index.search(mistaken.encode(TEXT, TextRole.QUERY).vector(), 1));
      assertThrows(
          ModelMismatchException.class,
          () -> IndexContents.SPARSE.encode(List.of(TEXT), mistaken, TextRole.DOCUMENT));
    }
  }
}
