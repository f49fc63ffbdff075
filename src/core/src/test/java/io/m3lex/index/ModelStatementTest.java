/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.EncodedText;
import io.m3lex.HybridText;
import io.m3lex.HybridWordEncoder;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.ModelStatement;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.LateInteractionField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SlowCodecReaderWrapper;
import org.apache.lucene.index.SortingCodecReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What documents state of their model survives whatever Lucene does with them. */
class ModelStatementTest {

  private static final String NAME = "body";
  private static final String ORDER = "order";

  private final WordEncoder encoder = new WordEncoder();
  private final SparseField ours = SparseField.of(NAME, encoder);
  private final SparseField theirs = SparseField.of(NAME, new WordEncoder("another head", 0));

  /** Each is what another part of an application, or another program, might add. */
  private enum Foreign {
    OTHER_MODEL,
    PLAIN_FEATURE,
    FEATURE_BESIDE_OURS,
    GREATER_WEIGHT_IN_OURS,
    BOTH_MODELS_IN_ONE,
    TWO_TEXTS_IN_ONE
  }

  @Test
  void foreignWeightsAreFoundThroughFlushesAndMergesAndNothingElseIsRefused() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    int rounds = Math.max(10, 100 * Integer.getInteger("m3lex.rounds", 100) / 100);
    for (int round = 0; round < rounds; round++) {
      String message = "-Dm3lex.seed=" + seed + ", round " + round;
      boolean foreign = random.nextInt(3) == 0;
      boolean blocks = random.nextBoolean();
      try (Directory directory = new ByteBuffersDirectory()) {
        write(directory, random, blocks, foreign);
        for (int merges = random.nextInt(3); merges > 0; merges--) {
          merge(directory, random);
        }
        try (Directory copy = new ByteBuffersDirectory()) {
          boolean copied = random.nextInt(3) == 0;
          if (copied) {
            copy(directory, copy, random, blocks);
          }
          try (CheckIndex check = new CheckIndex(copied ? copy : directory)) {
            assertTrue(check.checkIndex().clean, message);
          }
          try (DirectoryReader reader = DirectoryReader.open(copied ? copy : directory)) {
            if (foreign) {
              assertThrows(ModelMismatchException.class, () -> ours.verify(reader), message);
            } else {
              assertEquals(0, ours.verify(reader), message);
            }
          }
        }
      }
    }
  }

  private void write(Directory directory, SplittableRandom random, boolean blocks, boolean foreign)
      throws IOException {
    int documents = 1 + random.nextInt(30);
    int when = random.nextInt(documents);
    IndexWriterConfig config = config(random);
    if (random.nextInt(3) == 0) {
      config.setSoftDeletesField("gone");
    }
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      ours.begin(writer);
      for (int i = 0; i < documents; i++) {
        List<Document> block = new ArrayList<>();
        for (int passages = random.nextInt(4); passages >= 0; passages--) {
          block.add(document("ours", random));
        }
        if (foreign && i == when) {
          Foreign[] all = Foreign.values();
          block.add(foreign(all[random.nextInt(all.length)], random));
        }
        if (blocks) {
          writer.addDocuments(block);
        } else {
          for (Document document : block) {
            writer.addDocument(document);
          }
        }
        switch (random.nextInt(8)) {
          case 0 -> writer.flush();
          case 1 -> writer.commit();
          case 2 -> {
            Document marker = document("gone", random);
            if (config.getSoftDeletesField() == null) {
              writer.addDocument(marker);
              writer.deleteDocuments(new Term("key", "gone"));
            } else {
              writer.softUpdateDocument(
                  new Term("key", "gone"), marker, new NumericDocValuesField("gone", 1));
            }
          }
          case 3 ->
              assertThrows(
                  IOException.class,
                  () -> writer.addDocument(failing(random)),
                  "a fault of its own");
          default -> {
            // Nothing else.
          }
        }
      }
    }
  }

  private static IndexWriterConfig config(SplittableRandom random) {
    IndexWriterConfig config = new IndexWriterConfig().setCodec(codec(random));
    if (random.nextBoolean()) {
      config.setMergePolicy(NoMergePolicy.INSTANCE);
    }
    return config;
  }

  private static Codec codec(SplittableRandom random) {
    return switch (random.nextInt(3)) {
      case 0 -> new BlockMaxCodec(NAME);
      case 1 -> new BlockMaxCodec(NAME, ModelStatement.fieldOf(NAME), "key");
      default -> Codec.getDefault();
    };
  }

  private Document document(String key, SplittableRandom random) {
    Document document = new Document();
    document.add(new StringField("key", key, Store.YES));
    document.add(new NumericDocValuesField(ORDER, random.nextInt()));
    fields(ours, random).forEach(document::add);
    return document;
  }

  /** Nothing, now and then. */
  private static List<IndexableField> fields(SparseField field, SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int words = random.nextInt(6); words > 0; words--) {
      text.append(" w").append(random.nextInt(9));
    }
    return field.fields(text.toString());
  }

  private Document foreign(Foreign kind, SplittableRandom random) {
    Document document = new Document();
    document.add(new StringField("key", "foreign", Store.YES));
    document.add(new NumericDocValuesField(ORDER, random.nextInt()));
    List<IndexableField> fields = new ArrayList<>();
    switch (kind) {
      case OTHER_MODEL -> fields.addAll(theirs.fields("w1 w2"));
      case PLAIN_FEATURE -> fields.add(new FeatureField(NAME, "w" + random.nextInt(9), 3));
      case FEATURE_BESIDE_OURS -> {
        fields.addAll(ours.fields("w1 w2"));
        fields.add(new FeatureField(NAME, "w3", 3));
      }
      case GREATER_WEIGHT_IN_OURS -> {
        fields.addAll(ours.fields("w1 w2"));
        fields.add(new FeatureField(NAME, "w2", Float.MIN_NORMAL));
      }
      case BOTH_MODELS_IN_ONE -> {
        fields.addAll(ours.fields("w1 w2"));
        fields.addAll(theirs.fields("w3"));
      }
      case TWO_TEXTS_IN_ONE -> {
        fields.addAll(ours.fields("w1 w2"));
        fields.addAll(ours.fields("w2 w3"));
      }
    }
    fields.forEach(document::add);
    return document;
  }

  /** A document that Lucene gives up in the middle. */
  private Document failing(SplittableRandom random) {
    Document document = new Document();
    boolean before = random.nextBoolean();
    TextField failing =
        new TextField(
            "failing",
            new Reader() {
              @Override
              public int read(char[] buffer, int offset, int length) throws IOException {
                throw new IOException("a broken pipe");
              }

              @Override
              public void close() {
                // Holds nothing.
              }
            });
    if (before) {
      document.add(failing);
    }
    ours.fields("w1 w2").forEach(document::add);
    if (!before) {
      document.add(failing);
    }
    return document;
  }

  private static void merge(Directory directory, SplittableRandom random) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig().setCodec(codec(random));
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      config.setSoftDeletesField(softDeletesField(reader));
    }
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      writer.forceMerge(1 + random.nextInt(2));
    }
  }

  private static String softDeletesField(DirectoryReader reader) {
    return FieldInfos.getMergedFieldInfos(reader).getSoftDeletesField();
  }

  /** Puts the documents into another index by one of Lucene's ways. */
  private static void copy(Directory from, Directory to, SplittableRandom random, boolean blocks)
      throws IOException {
    Map<String, String> userData;
    try (DirectoryReader reader = DirectoryReader.open(from)) {
      userData = new HashMap<>(reader.getIndexCommit().getUserData());
      IndexWriterConfig config = config(random).setSoftDeletesField(softDeletesField(reader));
      Sort order = new Sort(new SortField(ORDER, SortField.Type.INT));
      // Lucene sorts no blocks without a parent field, and asserts that soft deletes are not
      // sorted.
      boolean sorted = !blocks && config.getSoftDeletesField() == null && random.nextBoolean();
      try (IndexWriter writer = new IndexWriter(to, config)) {
        if (random.nextBoolean()) {
          writer.addIndexes(from);
        } else {
          List<CodecReader> readers = new ArrayList<>();
          for (LeafReaderContext leaf : reader.leaves()) {
            CodecReader codecReader = SlowCodecReaderWrapper.wrap(leaf.reader());
            readers.add(
                sorted && codecReader.maxDoc() > 0
                    ? SortingCodecReader.wrap(codecReader, order)
                    : codecReader);
          }
          writer.addIndexes(readers.toArray(CodecReader[]::new));
        }
        writer.setLiveCommitData(userData.entrySet());
      }
    }
  }

  @Test
  void foreignVectorsAreFoundInSegmentsWithoutWeights(@TempDir Path folder) throws IOException {
    SparseEncoder hybrid = new HybridWordEncoder(true);
    float[] dense = new float[12];
    dense[0] = 1;
    Document knn = new Document();
    knn.add(
        new KnnFloatVectorField(IndexFields.DENSE, dense, VectorSimilarityFunction.DOT_PRODUCT));
    Document tokens = new Document();
    tokens.add(new LateInteractionField(IndexFields.TOKEN_VECTORS, new float[][] {dense}));
    for (Document foreign : List.of(knn, tokens)) {
      for (boolean merged : new boolean[] {false, true}) {
        String field = foreign.getFields().getFirst().name();
        Path index = folder.resolve(field + merged);
        build(index, hybrid);
        try (Directory directory = FSDirectory.open(index);
            IndexWriter raw =
                new IndexWriter(
                    directory,
                    new IndexWriterConfig()
                        .setMergePolicy(
                            merged
                                ? new IndexWriterConfig().getMergePolicy()
                                : NoMergePolicy.INSTANCE))) {
          raw.addDocument(foreign);
          if (merged) {
            raw.forceMerge(1);
          }
        }
        for (var open :
            List.<Executable>of(
                () -> SparseIndex.open(index, hybrid),
                () -> SparseIndexWriter.open(index, hybrid, 0, new IndexContents(true, true, "")),
                () -> StoredDocuments.open(index),
                () -> IndexOptimizer.into(1).optimize(index, bytes -> {}))) {
          String message = assertThrows(ModelMismatchException.class, open).getMessage();
          assertTrue(
              message.contains("field " + field + " came from elsewhere: at least 1"), message);
        }
      }
    }
  }

  private static void build(Path index, SparseEncoder hybrid) throws IOException {
    try (SparseIndexWriter writer =
        SparseIndexWriter.open(index, hybrid, 0, new IndexContents(true, true, ""))) {
      writer.put(SparseDocument.of("1", "a pump"));
      writer.put(SparseDocument.of("2", "?"));
      writer.commit();
    }
    SparseIndex.open(index, hybrid).close();
  }

  /** Other than {@code verify}, a query sees what was added since. */
  @Test
  void oneSegmentThatStatesAModelSpeaksForTheWholeReader() throws IOException {
    for (boolean blocks : new boolean[] {false, true}) {
      for (boolean first : new boolean[] {false, true}) {
        try (Directory directory = new ByteBuffersDirectory();
            Directory elsewhere = new ByteBuffersDirectory()) {
          Document foreign = new Document();
          foreign.add(new FeatureField(NAME, "w1", 1000));
          try (IndexWriter writer = new IndexWriter(elsewhere, new IndexWriterConfig())) {
            writer.addDocument(foreign);
          }
          IndexWriterConfig config =
              new IndexWriterConfig()
                  .setCodec(blocks ? new BlockMaxCodec(NAME) : Codec.getDefault())
                  .setMergePolicy(NoMergePolicy.INSTANCE);
          try (IndexWriter writer = new IndexWriter(directory, config)) {
            ours.begin(writer);
            if (first) {
              writer.addDocument(foreign);
              writer.commit();
            }
            Document own = new Document();
            ours.fields("w1 w2").forEach(own::add);
            writer.addDocument(own);
            writer.commit();
            if (!first) {
              try (DirectoryReader reader = DirectoryReader.open(directory)) {
                ours.verify(reader);
                assertEquals(1, new SparseSearcher(reader).count(ours.query("w1")));
              }
              writer.addIndexes(elsewhere);
            }
          }
          try (DirectoryReader reader = DirectoryReader.open(directory)) {
            assertEquals(2, reader.leaves().size());
            SparseQuery query = ours.query("w1");
            refused(() -> new SparseSearcher(reader).search(query, 2));
            refused(() -> new IndexSearcher(reader).search(query, 2));
            refused(() -> new IndexSearcher(reader).count(query));
            LeafReaderContext silent = reader.leaves().get(first ? 0 : 1);
            refused(() -> query.contributions(silent, 0));
            assertEquals(1, query.contributions(reader.leaves().get(first ? 1 : 0), 0).size());
            refused(
                () ->
                    new IndexSearcher(reader)
                        .search(new SparseQuery(NAME, SparseVector.of(Map.of("w1", 1f))), 2));
          }
          // Alone, it is a field of another program.
          try (DirectoryReader reader = DirectoryReader.open(elsewhere)) {
            assertEquals(1, new SparseSearcher(reader).count(ours.query("w1")));
            assertEquals(1, ours.query("w1").contributions(reader.leaves().getFirst(), 0).size());
          }
        }
      }
    }
  }

  private static void refused(Executable search) {
    String message = assertThrows(ModelMismatchException.class, search).getMessage();
    assertTrue(message.contains("some of which nothing states it"), message);
  }

  @Test
  void twoTextsOfOneFieldInOneDocumentAreRefused() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        ours.begin(writer);
        Document document = new Document();
        ours.fields("w1").forEach(document::add);
        ours.fields("w1").forEach(document::add);
        writer.addDocument(document);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        assertThrows(ModelMismatchException.class, () -> ours.verify(reader));
        refused(() -> new SparseSearcher(reader).search(ours.query("w1"), 1));
      }
    }
  }

  @Test
  void replacedTokenVectorsAreRefused(@TempDir Path folder) throws IOException {
    SparseEncoder hybrid = new HybridWordEncoder(true);
    build(folder, hybrid);
    try (Directory directory = FSDirectory.open(folder);
        IndexWriter raw = new IndexWriter(directory, new IndexWriterConfig())) {
      raw.updateBinaryDocValue(
          new Term(IndexFields.ID, "1"),
          IndexFields.TOKEN_VECTORS,
          LateInteractionField.encode(new float[][] {new float[12]}));
    }
    String message =
        assertThrows(ModelMismatchException.class, () -> SparseIndex.open(folder, hybrid))
            .getMessage();
    assertTrue(message.contains("field " + IndexFields.TOKEN_VECTORS), message);
  }

  /** Documents with vectors, but without a feature. */
  @Test
  void vectorsOfAnotherModelDoNotSearchAnIndexWithoutWeights() throws IOException {
    SparseEncoder hybrid = new HybridWordEncoder(true);
    float[] dense = new float[12];
    dense[0] = 1;
    float[][] tokens = {dense};
    EncodedText empty = new EncodedText(SparseVector.of(Map.of()), 2, 1, 0);
    for (boolean withDense : new boolean[] {true, false}) {
      try (Directory directory = new ByteBuffersDirectory()) {
        String field = withDense ? IndexFields.DENSE : IndexFields.TOKEN_VECTORS;
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
          Document document = new Document();
          document.add(
              withDense
                  ? new KnnFloatVectorField(field, dense, VectorSimilarityFunction.DOT_PRODUCT)
                  : new LateInteractionField(field, tokens));
          document.add(ModelStatement.statement(field, hybrid.fingerprint().sha256(), 1));
          writer.addDocument(document);
        }
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          for (SparseEncoder model : List.of(hybrid, new WordEncoder("another head", 0))) {
            SparseVector vector = empty.vector().from(model.fingerprint());
            Executable search =
                () ->
                    new HybridSearcher(
                            new IndexSearcher(reader),
                            HybridSearch.of(
                                HybridSearch.Fusion.WEIGHTED_SUM,
                                List.of(Signal.DENSE, Signal.TOKENS)),
                            "a pump",
                            new HybridText(new EncodedText(vector, 2, 1, 0), dense, tokens),
                            null,
                            null)
                        .best(1);
            if (model == hybrid) {
              assertDoesNotThrow(search);
            } else {
              String message = assertThrows(ModelMismatchException.class, search).getMessage();
              assertTrue(message.contains(field), message);
            }
          }
        }
      }
    }
  }

  @Test
  void nobodyElseCanUseTheFieldsOfStatements() throws IOException {
    for (String field : List.of(IndexFields.SPARSE, IndexFields.DENSE, IndexFields.TOKEN_VECTORS)) {
      Field own = new StringField(ModelStatement.fieldOf(field), "mine", Store.NO);
      assertThrows(IllegalArgumentException.class, () -> SparseDocument.of("1", "text").with(own));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> SparseField.of(ModelStatement.fieldOf(NAME), encoder));
    try (Directory directory = new ByteBuffersDirectory();
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      Document document = new Document();
      document.add(new StringField(ModelStatement.fieldOf(NAME), "mine", Store.NO));
      writer.addDocument(document);
      assertThrows(IndexFormatException.class, () -> ours.begin(writer));
    }
  }

  @Test
  void statementsAreNotStoredAsWeights() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      String statement = ModelStatement.fieldOf(NAME);
      try (IndexWriter writer =
          new IndexWriter(
              directory, new IndexWriterConfig().setCodec(new BlockMaxCodec(NAME, statement)))) {
        Document document = new Document();
        ours.fields("a pump").forEach(document::add);
        writer.addDocument(document);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        ModelStatement stated = ModelStatement.of(reader.leaves().getFirst().reader(), NAME);
        assertEquals(Map.of(encoder.fingerprint().sha256(), 1), stated.models());
        assertTrue(stated.isOnly(encoder.fingerprint().sha256()));
        assertFalse(stated.isOnly("another"));
      }
    }
  }

  /** Lucene would take half of them, and the rest of the segment would be refused for it. */
  @Test
  void vectorBeyondWhatADocumentCanHoldIsRefusedBeforeLuceneSeesIt() throws IOException {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < 40_000; i++) {
      weights.put("f" + i, Float.MAX_VALUE);
    }
    SparseVector vector = SparseVector.of(weights);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> ours.fields(vector.from(encoder.fingerprint())))
            .getMessage();
    assertTrue(message.contains("40,000 features is more than a document can have"), message);
    assertThrows(IllegalArgumentException.class, () -> SparseIndexWriter.requireTerms("1", vector));
  }
}
