/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import io.m3lex.SparseVector;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDataInput;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.ByteBuffersIndexInput;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;

/**
 * Fuzzes the files of {@link BlockMaxPostingsFormat}. An input says which file of a segment is
 * damaged, whether its checksum is made right again, and how: an edit for each six bytes. With a
 * checksum that is wrong, the damage must be found; with one that is right, a search must end with
 * an answer that can be one, or with an {@link IOException}.
 */
public final class BlockMaxFilesFuzz {

  private static final String FIELD = "sparse";
  private static final int DOCUMENTS = 2 * BlockMaxPostings.SUPERBLOCK + 500;
  private static final List<String> EXTENSIONS =
      List.of(
          BlockMaxPostingsFormat.DATA_EXTENSION,
          BlockMaxPostingsFormat.BOUNDS_EXTENSION,
          BlockMaxPostingsFormat.META_EXTENSION);

  private static final List<String> CODECS =
      List.of(
          BlockMaxPostingsFormat.DATA_CODEC,
          BlockMaxPostingsFormat.BOUNDS_CODEC,
          BlockMaxPostingsFormat.META_CODEC);

  private static final String[] TERMS = {"all", "half", "tenth", "few", "list"};

  /** How many of a hundred documents have each. */
  private static final int[] PERCENT = {100, 50, 12, 3, 1};

  static final int EDIT_BYTES = 6;
  private static final Directory SEGMENT = segment();
  private static final List<ScoreDoc> EXPECTED = expected();

  private BlockMaxFilesFuzz() {}

  private static Directory segment() {
    Directory directory = new ByteBuffersDirectory();
    IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
    config.setUseCompoundFile(false).setMergePolicy(NoMergePolicy.INSTANCE);
    Random random = new Random(7);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int d = 0; d < DOCUMENTS; d++) {
        Document document = new Document();
        document.add(new StringField("id", "" + d, Field.Store.NO));
        for (int t = 0; t < TERMS.length; t++) {
          if (random.nextInt(100) < PERCENT[t]) {
            document.add(new FeatureField(FIELD, TERMS[t], 0.01f + random.nextFloat()));
          }
        }
        if (d == 1_000) {
          document.add(new FeatureField(FIELD, "once", 1));
        }
        writer.addDocument(document);
      }
      writer.commit();
      writer.deleteDocuments(new Term("id", "5"), new Term("id", "3000"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  private static List<ScoreDoc> expected() {
    try (DirectoryReader reader = DirectoryReader.open(SEGMENT)) {
      return search(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether the damaged segment answers; fails if damage is overlooked, or told as no damage is.
   */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    ByteBuffer edits = ByteBuffer.wrap(input);
    int kind = edits.hasRemaining() ? Byte.toUnsignedInt(edits.get()) : 0;
    String name = file(EXTENSIONS.get(kind % EXTENSIONS.size()));
    boolean mended = kind >= 0x80;
    byte[] whole = read(name);
    byte[] body = Arrays.copyOf(whole, whole.length - CodecUtil.footerLength());
    byte[] damaged = body;
    while (edits.remaining() >= EDIT_BYTES) {
      damaged = edited(damaged, headerLength(kind % EXTENSIONS.size(), name), edits);
    }
    byte[] content = withFooter(damaged, whole, mended);
    boolean same = Arrays.equals(whole, content);
    try (DirectoryReader reader = DirectoryReader.open(new Damaged(name, content))) {
      if (!mended && !same) {
        requireFound(reader);
        // Nobody has looked at the checksum before an ordinary search.
        search(reader);
        return false;
      }
      List<ScoreDoc> found = search(reader);
      if (same && !isSame(found)) {
        throw new AssertionError("the segment as it was gives other hits");
      }
      return true;
    } catch (IOException e) {
      if (same) {
        throw e;
      }
      return false;
    }
  }

  private static void requireFound(DirectoryReader reader) throws IOException {
    try {
      for (LeafReaderContext leaf : reader.leaves()) {
        leaf.reader().checkIntegrity();
      }
    } catch (CorruptIndexException e) {
      return;
    }
    throw new AssertionError("a wrong checksum was not found");
  }

  private static boolean isSame(List<ScoreDoc> found) {
    boolean same = found.size() == EXPECTED.size();
    for (int i = 0; same && i < found.size(); i++) {
      same = found.get(i).doc == EXPECTED.get(i).doc && found.get(i).score == EXPECTED.get(i).score;
    }
    return same;
  }

  /** Headers are read by Lucene, as those of its own files are. */
  private static int headerLength(int file, String name) {
    String suffix = name.substring(name.indexOf('_', 1) + 1, name.lastIndexOf('.'));
    return CodecUtil.indexHeaderLength(CODECS.get(file), suffix);
  }

  private static byte[] edited(byte[] bytes, int header, ByteBuffer edits) {
    int at = (edits.get() & 0xFF) << 16 | edits.getShort() & 0xFFFF;
    int operation = edits.get() & 7;
    short value = edits.getShort();
    int places = bytes.length - header - Long.BYTES + 1;
    if (places <= 0) {
      return bytes;
    }
    int room = header + Math.floorMod(at, places);
    byte[] edited = bytes.clone();
    ByteBuffer target = ByteBuffer.wrap(edited).order(ByteOrder.LITTLE_ENDIAN);
    switch (operation) {
      case 0 -> target.put(room, (byte) value);
      case 1 -> target.put(room, (byte) (bytes[room] ^ 1 << (value & 7)));
      case 2 -> target.putShort(room, value);
      case 3 -> target.putInt(room, value);
      case 4 -> target.putLong(room, value);
      case 5 -> {
        int from = header + Math.floorMod(value * 31, places);
        target.put(room, bytes, from, Long.BYTES);
      }
      case 6 -> {
        return Arrays.copyOf(bytes, room);
      }
      default -> target.putLong(room, value >= 0 ? Long.MAX_VALUE : -1);
    }
    return edited;
  }

  private static byte[] withFooter(byte[] body, byte[] whole, boolean mended) throws IOException {
    if (!mended) {
      byte[] bytes = Arrays.copyOf(body, body.length + CodecUtil.footerLength());
      int footer = whole.length - CodecUtil.footerLength();
      System.arraycopy(whole, footer, bytes, body.length, CodecUtil.footerLength());
      return bytes;
    }
    try (Directory directory = new ByteBuffersDirectory()) {
      try (IndexOutput output = directory.createOutput("x", IOContext.DEFAULT)) {
        output.writeBytes(body, body.length);
        CodecUtil.writeFooter(output);
      }
      return read(directory, "x");
    }
  }

  /** The hits of several searches, and a walk over all postings. */
  private static List<ScoreDoc> search(DirectoryReader reader) throws IOException {
    List<ScoreDoc> hits = new ArrayList<>();
    SparseQuery one = new SparseQuery(FIELD, SparseVector.of(Map.of("half", 1f)));
    SparseQuery some =
        new SparseQuery(FIELD, SparseVector.of(Map.of("tenth", 1f, "few", 2f, "list", 0.5f)));
    SparseQuery all =
        new SparseQuery(
            FIELD,
            SparseVector.of(
                Map.of("all", 0.3f, "half", 1f, "tenth", 1f, "few", 2f, "list", 1f, "once", 1f)));
    for (IndexSearcher searcher : List.of(new SparseSearcher(reader), new IndexSearcher(reader))) {
      for (SparseQuery query : List.of(one, some, all, all.approximate(0.8f), all.pruned(0.7f))) {
        for (int k : new int[] {3, 200}) {
          hits.addAll(Arrays.asList(searcher.search(query, k).scoreDocs));
        }
      }
    }
    for (ScoreDoc hit : hits) {
      if (hit.doc < 0 || hit.doc >= DOCUMENTS) {
        throw new AssertionError("no document: " + hit);
      }
    }
    for (LeafReaderContext leaf : reader.leaves()) {
      walk(leaf.reader());
    }
    return hits;
  }

  private static void walk(LeafReader reader) throws IOException {
    TermsEnum terms = reader.terms(FIELD).iterator();
    PostingsEnum postings = null;
    while (terms.next() != null) {
      for (int step : new int[] {1, 77, BlockMaxPostings.SUPERBLOCK}) {
        postings = terms.postings(postings, PostingsEnum.FREQS);
        int document = -1;
        while (document < DOCUMENTS) {
          int next = step == 1 ? postings.nextDoc() : postings.advance(document + step);
          if (next == DocIdSetIterator.NO_MORE_DOCS) {
            break;
          }
          if (next <= document || next >= DOCUMENTS) {
            throw new AssertionError("document %d after %d".formatted(next, document));
          }
          postings.freq();
          document = next;
        }
      }
    }
  }

  private static String file(String extension) throws IOException {
    for (String name : SEGMENT.listAll()) {
      if (name.endsWith("." + extension)) {
        return name;
      }
    }
    throw new AssertionError("no ." + extension + " file");
  }

  private static byte[] read(String name) throws IOException {
    return read(SEGMENT, name);
  }

  private static byte[] read(Directory directory, String name) throws IOException {
    try (IndexInput input = directory.openInput(name, IOContext.DEFAULT)) {
      byte[] bytes = new byte[Math.toIntExact(input.length())];
      input.readBytes(bytes, 0, bytes.length);
      return bytes;
    }
  }

  /** The segment with one file that is another; not to be closed. */
  private static final class Damaged extends FilterDirectory {
    private final String name;
    private final byte[] content;

    Damaged(String name, byte[] content) {
      super(SEGMENT);
      this.name = name;
      this.content = content;
    }

    @Override
    public IndexInput openInput(String file, IOContext context) throws IOException {
      return file.equals(name)
          ? new ByteBuffersIndexInput(
              new ByteBuffersDataInput(List.of(ByteBuffer.wrap(content))), name)
          : super.openInput(file, context);
    }

    @Override
    public long fileLength(String file) throws IOException {
      return file.equals(name) ? content.length : super.fileLength(file);
    }
  }
}
