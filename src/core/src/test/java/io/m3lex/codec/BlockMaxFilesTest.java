/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import io.m3lex.Rounds;
import io.m3lex.SparseVector;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.tests.store.MockDirectoryWrapper;
import org.apache.lucene.tests.util.LuceneTestCase;

/** The files of the format: damaged, of another version, after a crash, sorted and merged. */
public class BlockMaxFilesTest extends LuceneTestCase {

  private static final String FIELD = "sparse";

  public void testDamagedBoundsAreFoundWhenTheIndexIsOpened() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      writeOneSegment(directory);
      for (String extension :
          List.of(BlockMaxPostingsFormat.BOUNDS_EXTENSION, BlockMaxPostingsFormat.META_EXTENSION)) {
        String name = file(directory, extension);
        byte[] bytes = read(directory, name);
        for (int i = 0; i < Rounds.of(200); i++) {
          byte[] damaged = bytes.clone();
          damaged[random().nextInt(bytes.length)] ^= (byte) (1 << random().nextInt(8));
          assertRefused(directory, name, damaged, IOException.class);
        }
        for (int i = 0; i < 20; i++) {
          int length = random().nextInt(bytes.length);
          byte[] cut = Arrays.copyOf(bytes, length);
          assertRefused(directory, name, cut, CorruptIndexException.class);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertRefused(directory, name, longer, CorruptIndexException.class);
        write(directory, name, bytes);
      }
      DirectoryReader.open(directory).close();
    }
  }

  public void testDamagedPostingsAreFoundByCheckIndex() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      writeOneSegment(directory);
      String name = file(directory, BlockMaxPostingsFormat.DATA_EXTENSION);
      byte[] bytes = read(directory, name);
      assertTrue(isClean(directory));
      for (int i = 0; i < Rounds.of(50); i++) {
        byte[] damaged = bytes.clone();
        damaged[random().nextInt(bytes.length)] ^= (byte) (1 << random().nextInt(8));
        write(directory, name, damaged);
        assertFalse(isClean(directory));
      }
      assertRefused(
          directory,
          name,
          Arrays.copyOf(bytes, bytes.length - 1 - random().nextInt(bytes.length)),
          CorruptIndexException.class);
    }
  }

  public void testNewerVersionIsRefused() throws IOException {
    for (String extension :
        List.of(
            BlockMaxPostingsFormat.BOUNDS_EXTENSION,
            BlockMaxPostingsFormat.DATA_EXTENSION,
            BlockMaxPostingsFormat.META_EXTENSION)) {
      try (Directory directory = new ByteBuffersDirectory()) {
        writeOneSegment(directory);
        String name = file(directory, extension);
        byte[] bytes = read(directory, name);
        String codec =
            switch (extension) {
              case BlockMaxPostingsFormat.BOUNDS_EXTENSION -> BlockMaxPostingsFormat.BOUNDS_CODEC;
              case BlockMaxPostingsFormat.DATA_EXTENSION -> BlockMaxPostingsFormat.DATA_CODEC;
              default -> BlockMaxPostingsFormat.META_CODEC;
            };
        // The version is the last number of the header, in big-endian order.
        bytes[CodecUtil.headerLength(codec) - 1] = (byte) (BlockMaxPostingsFormat.VERSION + 1);
        directory.deleteFile(name);
        try (IndexOutput output = directory.createOutput(name, IOContext.DEFAULT)) {
          output.writeBytes(bytes, bytes.length - CodecUtil.footerLength());
          CodecUtil.writeFooter(output);
        }
        expectThrows(
            IndexFormatTooNewException.class, () -> DirectoryReader.open(directory).close());
      }
    }
  }

  public void testCrashLeavesTheLastCommit() throws IOException {
    for (int round = 0; round < Rounds.of(20); round++) {
      try (MockDirectoryWrapper directory = newMockDirectory()) {
        // No threads of merges that go on after the crash.
        IndexWriterConfig config =
            config().setMaxBufferedDocs(20).setMergeScheduler(new SerialMergeScheduler());
        IndexWriter writer = new IndexWriter(directory, config);
        int committed = 50 + random().nextInt(400);
        for (int d = 0; d < committed; d++) {
          writer.addDocument(document(d));
        }
        writer.commit();
        for (int d = 0; d < random().nextInt(400); d++) {
          writer.addDocument(document(committed + d));
        }
        if (random().nextBoolean()) {
          writer.flush();
        }
        directory.crash();
        try {
          writer.rollback();
        } catch (@SuppressWarnings("unused") IOException | RuntimeException e) {
          // The directory has crashed.
        }
        directory.clearCrash();
        directory.setCheckIndexOnClose(false);
        assertTrue(isClean(directory));
        try (IndexReader reader = DirectoryReader.open(directory)) {
          assertEquals(committed, reader.numDocs());
          assertSearchIsExact(reader);
        }
      }
    }
  }

  public void testSortedMergedAndNearRealTime() throws IOException {
    for (int round = 0; round < Rounds.of(10); round++) {
      try (Directory directory = newDirectory()) {
        IndexWriterConfig config = config().setMaxBufferedDocs(10 + random().nextInt(3_000));
        if (random().nextBoolean()) {
          config.setIndexSort(new Sort(new SortField("order", SortField.Type.INT)));
        }
        try (IndexWriter writer = new IndexWriter(directory, config)) {
          int documents = random().nextInt(6_000);
          for (int d = 0; d < documents; d++) {
            writer.addDocument(document(d));
            if (random().nextInt(20) == 0) {
              writer.deleteDocuments(new Term("id", "" + random().nextInt(d + 1)));
            }
            if (random().nextInt(1 + documents / 3) == 0) {
              try (IndexReader reader = DirectoryReader.open(writer)) {
                assertSearchIsExact(reader);
              }
            }
          }
          if (random().nextBoolean()) {
            writer.forceMerge(1 + random().nextInt(2));
          }
        }
        try (IndexReader reader = DirectoryReader.open(directory)) {
          assertSearchIsExact(reader);
        }
      }
    }
  }

  private static IndexWriterConfig config() {
    return newIndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
  }

  /** The weights are stored as well, for the brute force. */
  private static Document document(int number) {
    Map<String, Float> weights = new TreeMap<>();
    weights.put("everywhere", PostingWeight.round(random().nextFloat() + 0.01f));
    for (int i = random().nextInt(12); i > 0; i--) {
      int feature = random().nextInt(random().nextInt(300) + 1);
      weights.put("" + feature, PostingWeight.round(random().nextFloat() + 0.01f));
    }
    Document document = new Document();
    document.add(new StringField("id", "" + number, StringField.Store.NO));
    document.add(new NumericDocValuesField("order", random().nextInt(50)));
    StringBuilder stored = new StringBuilder();
    weights.forEach(
        (feature, weight) -> {
          document.add(new FeatureField(FIELD, feature, weight));
          stored.append(feature).append(' ').append(weight).append(' ');
        });
    document.add(new StoredField("vector", stored.toString()));
    return document;
  }

  private static void assertSearchIsExact(IndexReader reader) throws IOException {
    if (reader.numDocs() == 0) {
      return;
    }
    SparseSearcher searcher = new SparseSearcher(reader);
    for (int q = 0; q < 3; q++) {
      Map<String, Float> weights = new HashMap<>();
      for (int i = 0; i < 1 + random().nextInt(8); i++) {
        weights.put(
            random().nextInt(8) == 0 ? "everywhere" : "" + random().nextInt(300),
            random().nextFloat() + 0.01f);
      }
      SparseVector query = SparseVector.of(weights);
      List<Float> expected = bruteForce(reader, query);
      int k = 1 + random().nextInt(30);
      SparseQuery sparse = new SparseQuery(FIELD, query);
      for (IndexSearcher any : List.of(searcher, new IndexSearcher(reader))) {
        ScoreDoc[] found = any.search(sparse, k).scoreDocs;
        assertEquals(Math.min(k, expected.size()), found.length);
        for (int i = 0; i < found.length; i++) {
          assertEquals(expected.get(i), found[i].score, 0);
        }
      }
    }
  }

  private static List<Float> bruteForce(IndexReader reader, SparseVector query) throws IOException {
    List<Float> scores = new ArrayList<>();
    ScoreDoc[] all =
        new IndexSearcher(reader).search(MatchAllDocsQuery.INSTANCE, reader.maxDoc()).scoreDocs;
    for (ScoreDoc live : all) {
      String[] stored = reader.storedFields().document(live.doc).get("vector").split(" ");
      Map<String, Float> vector = new HashMap<>();
      for (int i = 0; i < stored.length; i += 2) {
        vector.put(stored[i], Float.parseFloat(stored[i + 1]));
      }
      float score = query.dot(SparseVector.of(vector));
      if (score > 0) {
        scores.add(score);
      }
    }
    scores.sort((a, b) -> Float.compare(b, a));
    return scores;
  }

  private static void writeOneSegment(Directory directory) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
    config.setUseCompoundFile(false).setMergePolicy(NoMergePolicy.INSTANCE);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int d = 0; d < 5_000; d++) {
        writer.addDocument(document(d));
      }
    }
  }

  private static boolean isClean(Directory directory) throws IOException {
    try (CheckIndex check = new CheckIndex(directory)) {
      return check.checkIndex().clean;
    }
  }

  private static void assertRefused(
      Directory directory, String name, byte[] bytes, Class<? extends IOException> expected)
      throws IOException {
    write(directory, name, bytes);
    expectThrows(expected, () -> DirectoryReader.open(directory).close());
  }

  private static String file(Directory directory, String extension) throws IOException {
    for (String name : directory.listAll()) {
      if (name.endsWith("." + extension)) {
        return name;
      }
    }
    throw new AssertionError("no ." + extension + " file");
  }

  private static byte[] read(Directory directory, String name) throws IOException {
    try (IndexInput input = directory.openInput(name, IOContext.DEFAULT)) {
      byte[] bytes = new byte[Math.toIntExact(input.length())];
      input.readBytes(bytes, 0, bytes.length);
      return bytes;
    }
  }

  private static void write(Directory directory, String name, byte[] bytes) throws IOException {
    directory.deleteFile(name);
    try (IndexOutput output = directory.createOutput(name, IOContext.DEFAULT)) {
      output.writeBytes(bytes, bytes.length);
    }
  }
}
