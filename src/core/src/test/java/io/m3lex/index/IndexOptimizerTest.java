/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Folders;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxPostingsFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexOptimizerTest {

  private static final ModelFingerprint MODEL = ModelFingerprint.declared("test");

  @TempDir private Path folder;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void everySearchFindsTheSameDocumentsWithTheSameScores() throws IOException {
    for (int segments : new int[] {1, 3}) {
      Path index = folder.resolve("idx" + segments);
      build(index, 3_000, 400);
      List<SparseVector> queries = new ArrayList<>();
      for (int q = 0; q < 200; q++) {
        queries.add(vector(random.nextInt(8), 1 + random.nextInt(6)));
      }
      List<Map<String, Float>> before = search(index, queries);
      IndexOptimizer.Result result = IndexOptimizer.into(segments).optimize(index, bytes -> {});
      assertEquals(before, search(index, queries), "-Dm3lex.seed=" + seed);
      assertTrue(result.segmentsBefore() > 3 && result.segmentsAfter() <= segments, result + "");
      try (Directory directory = FSDirectory.open(index);
          CheckIndex check = new CheckIndex(directory)) {
        assertTrue(check.checkIndex().clean);
      }
    }
  }

  @Test
  void documentsThatShareFeaturesComeToLieTogether() throws IOException {
    Path ordered = folder.resolve("idx");
    build(ordered, 20_000, 20_000);
    Path merged = folder.resolve("merged");
    Folders.copy(ordered, merged);
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(merged, MODEL)) {
      writer.mergeToOneSegment();
      writer.commit();
    }
    IndexOptimizer.into(1).optimize(ordered, bytes -> {});
    double after = bitsPerGap(ordered);
    double before = bitsPerGap(merged);
    assertTrue(after < 0.7 * before, after + " bits for a gap between documents, before " + before);
  }

  @Test
  void mergesReorderWhenTheyAreTold() throws IOException {
    Path plain = folder.resolve("plain");
    Path reordered = folder.resolve("reordered");
    for (Path index : List.of(plain, reordered)) {
      random.setSeed(seed);
      try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(index, MODEL)) {
        if (index == reordered) {
          writer.reorderWhenMerging();
        }
        put(writer, 20_000, 1_000);
        writer.mergeToOneSegment();
        writer.commit();
      }
    }
    List<SparseVector> queries = new ArrayList<>();
    for (int q = 0; q < 100; q++) {
      queries.add(vector(random.nextInt(8), 1 + random.nextInt(6)));
    }
    assertEquals(search(plain, queries), search(reordered, queries), "-Dm3lex.seed=" + seed);
    double after = bitsPerGap(reordered);
    double before = bitsPerGap(plain);
    assertTrue(after < 0.7 * before, after + " bits for a gap between documents, before " + before);
  }

  @Test
  void postingsOfAnotherFormatAreRewritten() throws IOException {
    Path index = folder.resolve("idx");
    build(index, 3_000, 1_000);
    try (Directory directory = FSDirectory.open(index);
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      writer.forceMerge(1);
    }
    assertTrue(!hasBounds(index));
    List<SparseVector> queries = List.of(vector(1, 3), vector(5, 4));
    List<Map<String, Float>> before = search(index, queries);
    IndexOptimizer.into(1).optimize(index, bytes -> {});
    assertTrue(hasBounds(index));
    assertEquals(before, search(index, queries), "-Dm3lex.seed=" + seed);
  }

  private static boolean hasBounds(Path folder) throws IOException {
    try (Directory directory = FSDirectory.open(folder);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      return reader.leaves().stream()
          .map(leaf -> leaf.reader().getFieldInfos().fieldInfo(IndexFields.SPARSE))
          .allMatch(BlockMaxPostingsFormat::isUsed);
    }
  }

  @Test
  void theIndexKeepsItsIdentityAndItsProgress() throws IOException {
    Path index = folder.resolve("idx");
    build(index, 200, 50);
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(index, MODEL)) {
      writer.commit(Map.of("records", "17"));
    }
    IndexOptimizer.into(1).optimize(index, bytes -> {});
    assertEquals(MODEL, SparseIndex.fingerprintOf(index));
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(index, MODEL)) {
      assertEquals(Map.of("records", "17"), writer.progress());
      // And goes on being written.
      writer.put(SparseDocument.of("new", ""), vector(1, 5).from(MODEL));
      writer.commit();
    }
    IndexOptimizer.Result again = IndexOptimizer.into(1).optimize(index, bytes -> {});
    assertEquals(2, again.segmentsBefore());
    assertEquals(1, again.segmentsAfter());
  }

  @Test
  void whatIsOptimizedIsLeftAlone() throws IOException {
    Path index = folder.resolve("idx");
    build(index, 1_000, 100);
    IndexOptimizer.into(1).optimize(index, bytes -> {});
    List<Long> written = new ArrayList<>();
    IndexOptimizer.Result result = IndexOptimizer.into(1).optimize(index, written::add);
    assertEquals(1, result.segmentsBefore());
    assertEquals(result.bytesBefore(), result.bytesAfter());
    assertTrue(
        written.isEmpty() || Collections.max(written) < result.bytesBefore() / 10, written + "");
  }

  @Test
  void anErrorInTheMiddleLeavesTheIndexAtItsLastCommit() throws IOException {
    Path index = folder.resolve("idx");
    build(index, 2_000, 200);
    List<SparseVector> queries = List.of(vector(1, 3), vector(5, 4));
    List<Map<String, Float>> before = search(index, queries);
    for (int outputs = 0; outputs < 40; outputs += 1 + outputs / 4) {
      int allowed = outputs;
      Directory failing =
          new FilterDirectory(FSDirectory.open(index)) {
            private int made;

            @Override
            public IndexOutput createOutput(String name, IOContext context) throws IOException {
              if (made++ >= allowed) {
                throw new IOException("No space left on device");
              }
              return super.createOutput(name, context);
            }

            @Override
            public IndexOutput createTempOutput(String prefix, String suffix, IOContext context)
                throws IOException {
              if (made++ >= allowed) {
                throw new IOException("No space left on device");
              }
              return super.createTempOutput(prefix, suffix, context);
            }
          };
      try {
        IndexOptimizer.into(1).optimize(failing, "idx", bytes -> {});
      } catch (IOException e) {
        assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
      }
      assertEquals(before, search(index, queries), outputs + " outputs");
    }
    IndexOptimizer.into(1).optimize(index, bytes -> {});
    assertEquals(before, search(index, queries));
    try (var files = Files.list(index)) {
      assertTrue(files.count() < 30, "nothing is left behind");
    }
  }

  @Test
  void whatIsNoIndexOrIsBeingWrittenIsRefused() throws IOException {
    assertThrows(
        IndexFormatException.class,
        () -> IndexOptimizer.into(1).optimize(folder.resolve("none"), bytes -> {}));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThrows(
        IndexFormatException.class, () -> IndexOptimizer.into(1).optimize(empty, bytes -> {}));
    Path index = folder.resolve("idx");
    build(index, 100, 20);
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(index, MODEL)) {
      assertEquals(MODEL, writer.fingerprint());
      IOException e =
          assertThrows(
              IOException.class, () -> IndexOptimizer.into(1).optimize(index, bytes -> {}));
      assertTrue(e.getMessage().contains("is being written"), e.getMessage());
    }
    IOException e =
        assertThrows(
            IOException.class,
            () -> IndexOptimizer.into(1).withMegabytes(0.0001).optimize(index, bytes -> {}));
    assertTrue(e.getMessage().contains("are too few"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> IndexOptimizer.into(0));
  }

  /** Documents of eight topics, in no order, some of them replaced and deleted. */
  private void build(Path index, int documents, int commitEvery) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(index, MODEL)) {
      put(writer, documents, commitEvery);
    }
  }

  private void put(SparseIndexWriter writer, int documents, int commitEvery) throws IOException {
    for (int i = 0; i < documents; i++) {
      String id = "d" + (random.nextInt(10) == 0 ? random.nextInt(i + 1) : i);
      writer.put(
          SparseDocument.of(id, ""), vector(random.nextInt(8), random.nextInt(25)).from(MODEL));
      if (random.nextInt(20) == 0) {
        writer.delete("d" + random.nextInt(i + 1));
      }
      if (i % commitEvery == commitEvery - 1) {
        writer.commit();
      }
    }
    writer.commit();
  }

  private SparseVector vector(int topic, int features) {
    Map<String, Float> weights = new HashMap<>();
    for (int f = 0; f < features; f++) {
      boolean common = random.nextInt(4) == 0;
      String feature = common ? "c" + random.nextInt(20) : "t" + topic + "-" + random.nextInt(40);
      weights.put(feature, 0.05f + random.nextFloat());
    }
    return SparseVector.of(weights).from(MODEL);
  }

  private static List<Map<String, Float>> search(Path folder, List<SparseVector> queries)
      throws IOException {
    List<Map<String, Float>> results = new ArrayList<>();
    try (SparseIndex index = SparseIndex.openForVectors(folder, MODEL)) {
      for (SparseVector query : queries) {
        Map<String, Float> scores = new TreeMap<>();
        index.search(query, 100_000).forEach(hit -> scores.put(hit.id(), hit.score()));
        results.add(scores);
      }
    }
    return results;
  }

  /** How much the numbers of a feature's documents differ, on average: what postings store. */
  private static double bitsPerGap(Path folder) throws IOException {
    try (SparseIndex index = SparseIndex.openForVectors(folder, MODEL)) {
      return index.using(
          searcher -> {
            double bits = 0;
            long gaps = 0;
            for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
              TermsEnum terms = leaf.reader().terms(IndexFields.SPARSE).iterator();
              while (terms.next() != null) {
                PostingsEnum postings = terms.postings(null, PostingsEnum.NONE);
                int last = -1;
                for (int doc = postings.nextDoc();
                    doc != PostingsEnum.NO_MORE_DOCS;
                    doc = postings.nextDoc()) {
                  bits += Math.log(doc - last) / Math.log(2);
                  gaps++;
                  last = doc;
                }
              }
            }
            return bits / gaps;
          });
    }
  }
}
