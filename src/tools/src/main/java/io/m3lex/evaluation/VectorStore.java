/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.EncodedText;
import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.evaluation.CachedEncoder.TimedText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.zip.CRC32;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.IOUtils;

/**
 * Encoded texts by key, in Lucene indexes: whole as of their last commit, whatever ended the
 * program. Each program writes an index of its own, the first whose lock is free, and reads them
 * all. A value carries the checksum of its key and itself; one that is damaged, or was found under
 * another's key because the index is damaged, is as good as none. Safe for use by several threads.
 */
final class VectorStore implements Closeable {

  /** Longest time without a commit while texts come. */
  static final int SECONDS = 20;

  /** Most values that are held in memory until they are committed. */
  private static final int PENDING = 2_000;

  private static final int MOST_WRITERS = 64;
  private static final String KEY = "key";
  private static final String VALUE = "value";

  private final ModelFingerprint model;
  private final List<DirectoryReader> others = new ArrayList<>();
  private final List<Directory> directories = new ArrayList<>();
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<BytesRef, byte[]> pending = new ConcurrentHashMap<>();
  private IndexWriter writer;
  private DirectoryReader own;
  private volatile long committed = System.nanoTime();

  private VectorStore(ModelFingerprint model) {
    this.model = model;
  }

  /**
   * Opens the store in a folder.
   *
   * @param model of all vectors in it
   * @throws IOException if it cannot be used
   */
  static VectorStore open(Path folder, ModelFingerprint model) throws IOException {
    VectorStore store = new VectorStore(model);
    try {
      store.openIndexes(folder);
      return store;
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private void openIndexes(Path folder) throws IOException {
    Exception last = null;
    for (int i = 0; i < MOST_WRITERS && (writer == null || exists(folder, i)); i++) {
      Directory directory = FSDirectory.open(index(folder, i));
      directories.add(directory);
      if (writer == null) {
        try {
          writer = new IndexWriter(directory, new IndexWriterConfig());
          writer.commit();
          own = openVerified(directory);
          continue;
        } catch (IOException | RuntimeException e) {
          // In use by another program, or damaged: then the next is ours.
          last = e;
          if (writer != null) {
            IOUtils.closeWhileHandlingException(writer::rollback);
            writer = null;
          }
        }
      }
      try {
        others.add(openVerified(directory));
      } catch (IOException | RuntimeException e) {
        // Not yet committed, or damaged: what is in it is encoded again.
        last = e;
      }
    }
    if (writer == null) {
      throw new IOException(
          "the cache %s cannot be written: %s".formatted(folder, last == null ? "" : last), last);
    }
  }

  /** Reads all of it once, because Lucene itself verifies large files only when it merges them. */
  private static DirectoryReader openVerified(Directory directory) throws IOException {
    DirectoryReader reader = DirectoryReader.open(directory);
    try {
      for (LeafReaderContext leaf : reader.leaves()) {
        leaf.reader().checkIntegrity();
      }
      return reader;
    } catch (IOException | RuntimeException e) {
      IOUtils.closeWhileHandlingException(reader);
      throw e;
    }
  }

  private static Path index(Path folder, int number) {
    return folder.resolve("vectors-" + number);
  }

  private static boolean exists(Path folder, int number) {
    return Files.isDirectory(index(folder, number));
  }

  /** What was put under a key; null if there is nothing, or it is damaged. */
  TimedText get(byte[] key) throws IOException {
    BytesRef term = new BytesRef(key);
    lock.readLock().lock();
    try {
      byte[] value = pending.get(term);
      if (value != null) {
        return read(term, new BytesRef(value));
      }
      TimedText found = get(own, term);
      for (int i = 0; i < others.size() && found == null; i++) {
        found = get(others.get(i), term);
      }
      return found;
    } finally {
      lock.readLock().unlock();
    }
  }

  private TimedText get(DirectoryReader reader, BytesRef key) {
    try {
      return find(reader, key);
    } catch (IOException | RuntimeException e) {
      // Damaged after it was opened, which shows in many ways.
      return null;
    }
  }

  private TimedText find(DirectoryReader reader, BytesRef key) throws IOException {
    for (LeafReaderContext leaf : reader.leaves()) {
      TermsEnum terms = Terms.getTerms(leaf.reader(), KEY).iterator();
      if (terms.seekExact(key)) {
        Bits live = leaf.reader().getLiveDocs();
        PostingsEnum documents = terms.postings(null, PostingsEnum.NONE);
        for (int document = documents.nextDoc();
            document != DocIdSetIterator.NO_MORE_DOCS;
            document = documents.nextDoc()) {
          BinaryDocValues values = leaf.reader().getBinaryDocValues(VALUE);
          if ((live == null || live.get(document))
              && values != null
              && values.advanceExact(document)) {
            BytesRef value = values.binaryValue();
            return read(key, value);
          }
        }
      }
    }
    return null;
  }

  /** Keeps a text, in the place of what is under its key. */
  void put(byte[] key, TimedText text) throws IOException {
    BytesRef term = new BytesRef(key);
    byte[] value = bytes(term, text);
    lock.readLock().lock();
    try {
      if (pending.putIfAbsent(term, value) == null) {
        Document document = new Document();
        document.add(new StringField(KEY, term, Store.NO));
        document.add(new BinaryDocValuesField(VALUE, new BytesRef(value)));
        writer.updateDocument(new Term(KEY, term), document);
      }
    } finally {
      lock.readLock().unlock();
    }
    if (pending.size() >= PENDING
        || System.nanoTime() - committed > TimeUnit.SECONDS.toNanos(SECONDS)) {
      commit();
    }
  }

  private void commit() throws IOException {
    lock.writeLock().lock();
    try {
      if (pending.isEmpty()) {
        return;
      }
      writer.commit();
      DirectoryReader newer = DirectoryReader.openIfChanged(own);
      if (newer != null) {
        own.close();
        own = newer;
      }
      pending.clear();
      committed = System.nanoTime();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static byte[] bytes(BytesRef key, TimedText text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    EncodedText encoded = text.text().encoded();
    out.writeLong(text.nanos());
    out.writeInt(encoded.tokens());
    out.writeInt(encoded.windows());
    out.writeInt(encoded.droppedTokens());
    SparseVector vector = encoded.vector();
    out.writeInt(vector.size());
    for (int i = 0; i < vector.size(); i++) {
      out.writeUTF(vector.feature(i));
      out.writeFloat(vector.weight(i));
    }
    out.writeInt(text.text().dense().length);
    for (float value : text.text().dense()) {
      out.writeFloat(value);
    }
    out.writeInt(checksum(key, new BytesRef(bytes.toByteArray())));
    return bytes.toByteArray();
  }

  private static int checksum(BytesRef key, BytesRef content) {
    CRC32 checksum = new CRC32();
    checksum.update(key.bytes, key.offset, key.length);
    checksum.update(content.bytes, content.offset, content.length);
    return (int) checksum.getValue();
  }

  private TimedText read(BytesRef key, BytesRef value) throws IOException {
    BytesRef content =
        new BytesRef(value.bytes, value.offset, Math.max(0, value.length - Integer.BYTES));
    if (value.length < Integer.BYTES
        || ByteBuffer.wrap(value.bytes).getInt(content.offset + content.length)
            != checksum(key, content)) {
      return null;
    }
    DataInputStream in =
        new DataInputStream(
            new ByteArrayInputStream(content.bytes, content.offset, content.length));
    long nanos = in.readLong();
    int tokens = in.readInt();
    int windows = in.readInt();
    int dropped = in.readInt();
    int size = in.readInt();
    Map<String, Float> weights = HashMap.newHashMap(size);
    for (int i = 0; i < size; i++) {
      String feature = in.readUTF();
      weights.put(feature, in.readFloat());
    }
    float[] dense = new float[in.readInt()];
    for (int i = 0; i < dense.length; i++) {
      dense[i] = in.readFloat();
    }
    SparseVector vector = SparseVector.of(weights).from(model);
    EncodedText encoded = new EncodedText(vector, tokens, windows, dropped);
    return new TimedText(new HybridText(encoded, dense, new float[0][]), nanos);
  }

  @Override
  public void close() throws IOException {
    List<Closeable> all = new ArrayList<>();
    if (writer != null && writer.isOpen()) {
      all.add(writer);
    }
    if (own != null) {
      all.add(own);
    }
    all.addAll(others);
    all.addAll(directories);
    IOUtils.close(all);
  }
}
