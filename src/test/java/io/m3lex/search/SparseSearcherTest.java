package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.BlockMaxPostings;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexInput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.junit.jupiter.api.Test;

/**
 * A search reads as little as it did: whether it starts with the superblocks that promise most, and
 * learns from each what the next must reach, changes no hit. What it finds, {@link SparseQueryTest}
 * tests.
 */
class SparseSearcherTest {

  private static final String FIELD = "sparse";
  private static final int SEGMENTS = 3;
  private static final int QUERIES = 40;

  @Test
  void readsNoMorePostingsThanItDid() throws IOException {
    AtomicLong read = new AtomicLong();
    try (Directory directory = new Counting(index(), read);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      SparseSearcher searcher = new SparseSearcher(reader);
      Query filter = new TermQuery(new Term("parity", "0"));
      assertAll(
          () -> assertEquals(2_132_135, read(searcher, read, 1, null)),
          () -> assertEquals(1_583_666, read(searcher, read, 10, null)),
          () -> assertEquals(2_361_692, read(searcher, read, 500, null)),
          () -> assertEquals(1_587_805, read(searcher, read, 10, filter)));
    }
  }

  /** Bytes of postings and of bounds that queries read. */
  private static long read(SparseSearcher searcher, AtomicLong read, int k, Query filter)
      throws IOException {
    Random random = new Random(k);
    read.set(0);
    for (int i = 0; i < QUERIES; i++) {
      int size = 1 + random.nextInt(1 + random.nextInt(30));
      Map<String, Float> weights = new HashMap<>();
      while (weights.size() < size) {
        weights.put("f" + random.nextInt(1 + random.nextInt(200)), (1 + random.nextInt(30)) / 16f);
      }
      Query query = new SparseQuery(FIELD, SparseVector.of(weights));
      if (filter != null) {
        query = new BooleanQuery.Builder().add(query, Occur.MUST).add(filter, Occur.FILTER).build();
      }
      searcher.search(query, k);
    }
    return read.get();
  }

  /** Documents of one subject stand together, and some subjects have greater weights. */
  private static Directory index() throws IOException {
    Random random = new Random(11);
    Directory directory = new ByteBuffersDirectory();
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setCodec(new BlockMaxCodec(FIELD))
            .setMergePolicy(NoMergePolicy.INSTANCE);
    config.setUseCompoundFile(false).setRAMBufferSizeMB(512);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int segment = 0; segment < SEGMENTS; segment++) {
        for (int i = 0; i < 6 * BlockMaxPostings.SUPERBLOCK + 100; i++) {
          int subject = segment * 5 + i / 2_500;
          Map<Integer, Float> vector = new HashMap<>();
          for (int j = 0; j < 12; j++) {
            int feature =
                j % 3 == 0
                    ? (subject * 37 + random.nextInt(8)) % 200
                    : random.nextInt(1 + random.nextInt(200));
            float weight = (1 + subject * 7 % 5) * (1 + random.nextInt(16)) / 16f;
            vector.merge(feature, weight, Math::max);
          }
          Document document = new Document();
          document.add(new StringField("parity", "" + i % 2, Field.Store.NO));
          vector.forEach(
              (feature, weight) -> document.add(new FeatureField(FIELD, "f" + feature, weight)));
          writer.addDocument(document);
        }
        writer.flush();
      }
    }
    return directory;
  }

  private static final class Counting extends FilterDirectory {
    private final AtomicLong read;

    Counting(Directory in, AtomicLong read) {
      super(in);
      this.read = read;
    }

    @Override
    public IndexInput openInput(String name, IOContext context) throws IOException {
      IndexInput input = super.openInput(name, context);
      return name.matches(".*\\.bm[db]") ? new CountingInput(input, read) : input;
    }
  }

  private static final class CountingInput extends FilterIndexInput {
    private final AtomicLong read;

    CountingInput(IndexInput in, AtomicLong read) {
      super(in.toString(), in);
      this.read = read;
    }

    @Override
    public void readBytes(byte[] bytes, int offset, int length) throws IOException {
      read.addAndGet(length);
      in.readBytes(bytes, offset, length);
    }

    @Override
    public CountingInput clone() {
      return new CountingInput(in.clone(), read);
    }
  }
}
