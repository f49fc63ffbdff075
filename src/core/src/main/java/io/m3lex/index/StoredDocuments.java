/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SegmentReader;
import org.apache.lucene.index.StandardDirectoryReader;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.IOUtils;

/**
 * All documents of an index as its last commit has them, with the weights of their postings, for
 * copying them elsewhere. Needs no model. Memory is bounded, whatever the size of the index:
 * postings are read for a range of documents at a time. Not safe for use by several threads.
 */
public final class StoredDocuments implements Closeable {

  private final Directory directory;
  private final String location;
  private final DirectoryReader reader;
  private final List<SegmentFiles> files = new ArrayList<>();
  private final ModelIdentity identity;
  private final String commit;
  private final int postingsAtOnce;

  private StoredDocuments(Path folder, int postingsAtOnce) throws IOException {
    this.postingsAtOnce = postingsAtOnce;
    location = folder.toString();
    directory = IndexFolder.existing(folder);
    DirectoryReader opened = null;
    try {
      opened = DirectoryReader.open(directory);
      identity = ModelIdentity.of(opened.getIndexCommit().getUserData(), location);
      identity.requireStatements(opened, IndexFields.OF_MODEL, location);
      // As it was read: the file of that name may be another by now.
      commit =
          HexFormat.of().formatHex(((StandardDirectoryReader) opened).getSegmentInfos().getId());
      for (LeafReaderContext leaf : opened.leaves()) {
        files.add(SegmentFiles.of((SegmentReader) leaf.reader(), location));
      }
      reader = opened;
    } catch (IOException | RuntimeException e) {
      IOUtils.closeWhileHandlingException(files);
      IOUtils.closeWhileHandlingException(opened, directory);
      if (e instanceof IOException io) {
        throw IndexFolder.explained(io, location);
      }
      throw (RuntimeException) e;
    }
  }

  /**
   * Opens the last commit of an index.
   *
   * @throws IndexFormatException if there is no index of m3lex, or it is damaged
   * @throws ModelMismatchException if documents of it came from another model than it states
   */
  public static StoredDocuments open(Path folder) throws IOException {
    return open(folder, PostingsRange.POSTINGS);
  }

  /**
   * Like {@link #open(Path)}.
   *
   * @param postingsAtOnce about how many postings are held at a time, at least 1
   */
  static StoredDocuments open(Path folder, int postingsAtOnce) throws IOException {
    return Shield.callOnce(() -> new StoredDocuments(folder, postingsAtOnce));
  }

  /** Whether a folder holds a Lucene index, of m3lex or not. */
  public static boolean isIndex(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Directory directory = FSDirectory.open(folder)) {
      return DirectoryReader.indexExists(directory);
    }
  }

  /** Which model the weights came from. */
  public ModelIdentity identity() {
    return identity;
  }

  /** Identifies the commit, in lower-case hexadecimal: no two commits of any index share it. */
  public String commit() {
    return commit;
  }

  /** Number of documents, or of passages where there are any. */
  public int count() {
    return reader.numDocs();
  }

  /** Whether documents were put by passages. */
  public boolean byPassages() {
    return reader.leaves().stream()
        .anyMatch(leaf -> leaf.reader().getFieldInfos().fieldInfo(PassageFields.OF) != null);
  }

  /**
   * Hands on the documents in the order of their numbers; deleted ones are left out.
   *
   * @param first the number to begin with, from 0
   * @throws IOException if the index is damaged or was overwritten since it was opened, or the
   *     visitor threw it
   */
  public void visit(int first, Visitor visitor) throws IOException {
    for (LeafReaderContext leaf : reader.leaves()) {
      int maxDoc = leaf.reader().maxDoc();
      int from = Math.max(0, first - leaf.docBase);
      int step = PostingsRange.documents(leaf.reader(), postingsAtOnce);
      while (from < maxDoc) {
        int to = (int) Math.min(maxDoc, (long) from + step);
        if (!visit(leaf, from, to, visitor)) {
          return;
        }
        from = to;
      }
    }
  }

  private boolean visit(LeafReaderContext leaf, int from, int to, Visitor visitor)
      throws IOException {
    LeafReader segment = leaf.reader();
    PostingsRange range = PostingsRange.read(segment, from, to);
    StoredFields stored = segment.storedFields();
    Bits live = segment.getLiveDocs();
    for (int document = from; document < to; document++) {
      if (live != null && !live.get(document)) {
        continue;
      }
      StoredDocument read =
          document(leaf.docBase + document, stored.document(document), range.vector(document));
      // Whatever was read before is foreign if it is.
      files.get(leaf.ord).require(location);
      if (!visitor.visit(read)) {
        return false;
      }
    }
    return true;
  }

  private StoredDocument document(int number, Document stored, SparseVector vector) {
    Map<String, List<Object>> fields = new LinkedHashMap<>();
    for (IndexableField field : stored.getFields()) {
      if (!IndexFields.isReserved(field.name())) {
        fields.computeIfAbsent(field.name(), name -> new ArrayList<>()).add(value(field));
      }
    }
    return new StoredDocument(
        number,
        stored.get(IndexFields.ID),
        stored.get(IndexFields.TITLE),
        PassageFields.passage(stored),
        !PassageFields.isPassage(stored),
        fields,
        vector.from(identity.fingerprint()));
  }

  private static Object value(IndexableField field) {
    if (field.numericValue() != null) {
      return field.numericValue();
    }
    if (field.binaryValue() != null) {
      return BytesRef.deepCopyOf(field.binaryValue()).bytes;
    }
    return field.stringValue();
  }

  @Override
  public void close() throws IOException {
    IOUtils.close(files);
    IOUtils.close(reader, directory);
  }

  /** Takes documents. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Takes one.
     *
     * @return whether more are wanted
     */
    boolean visit(StoredDocument document) throws IOException;
  }
}
