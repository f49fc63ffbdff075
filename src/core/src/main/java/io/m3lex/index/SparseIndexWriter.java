/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.EncodedText;
import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.ModelStatement;
import io.m3lex.util.Utf8;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.LateInteractionField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.misc.index.BPReorderingMergePolicy;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.IOUtils;

/**
 * Writes an index. A new index takes the identity of the model that it is begun with; an existing
 * one is opened only with the same model, whose witness texts must still come out as recorded.
 *
 * <p>Nothing can be lost halfway: an index is always at its last commit, and {@link #close()}
 * without {@link #commit()} discards what came after it. After an error such as a full disk every
 * change fails, so that none is taken for written, until {@link #recover()}.
 *
 * <p>An interrupt of the calling thread cancels encoding (see {@link io.m3lex.Cancellation}), and
 * nothing else: what is done with the index is finished, and the thread stays interrupted.
 *
 * <p>Safe for use by several threads. Documents put by one thread keep their order.
 */
public final class SparseIndexWriter implements Closeable {

  /**
   * Greatest difference of a witness's weight that a new index accepts, unless it is told
   * otherwise.
   */
  public static final float WITNESS_TOLERANCE = 1e-4f;

  private static final String PROGRESS_PREFIX = "progress.";

  /** What is gathered in memory for the next segment, as much as Lucene's default. */
  private static final long BUFFER_BYTES =
      (long) (IndexWriterConfig.DEFAULT_RAM_BUFFER_SIZE_MB * (1 << 20));

  /** More than is ever gathered. */
  private static final double UNLIMITED_MEGABYTES = 1 << 20;

  private final Directory directory;
  private final String location;
  private final SparseEncoder encoder;
  private final IndexAnalyzer analyzer = new IndexAnalyzer();
  private final Shield shield = new Shield();
  private final ModelIdentity identity;
  private final SparsePostings postings;

  /** SHA-256 of the fingerprint. */
  private final String model;

  private final IndexContents contents;
  private final boolean gathersInPlace;
  private volatile long bufferBytes = BUFFER_BYTES;
  private volatile boolean reordering;
  private volatile boolean closed;
  private volatile DocumentForm form;
  private volatile IndexWriter writer;

  /** What ended writing, null if nothing did. */
  private volatile Throwable failure;

  /** The id of the commit that was found or made last, null if that is not known. */
  private volatile byte[] lastCommit;

  /** Whether nothing may be deleted. */
  private volatile boolean keepsFiles;

  private SparseIndexWriter(
      Directory directory,
      String location,
      SparseEncoder encoder,
      ModelFingerprint declared,
      float tolerance,
      IndexContents wanted)
      throws IOException {
    this.directory = shield.guarded(directory, () -> keepsFiles);
    gathersInPlace = Shield.outputsStayOpen(directory);
    this.location = location;
    this.encoder = encoder;
    try {
      // Taken before anything is read, so that no other writer changes what was checked.
      writer = shield.call(() -> begun(IndexFolder.hasIndex(directory, location)));
    } catch (IOException e) {
      shield.close();
      directory.close();
      throw IndexFolder.explained(e, location);
    }
    try {
      Map<String, String> userData = userData(writer);
      form = new DocumentForm(userData, writer.getDocStats().maxDoc == 0, location);
      if (userData.isEmpty() && writer.getDocStats().maxDoc == 0) {
        identity =
            encoder == null
                ? ModelIdentity.declared(declared)
                : ModelIdentity.of(encoder, tolerance);
        contents = wanted == null ? IndexContents.SPARSE : wanted;
        requireContents();
        commit();
      } else {
        identity = ModelIdentity.of(userData, location);
        contents = IndexContents.of(userData, location);
        if (wanted != null && !wanted.equals(contents)) {
          throw new IndexFormatException(
              "Index %s holds %s, not %s. What an index holds is fixed when it is begun: leave it as it is, or build it again."
                  .formatted(location, shown(contents), shown(wanted)));
        }
        if (encoder == null) {
          identity.require(declared, "the writer's fingerprint", location);
        } else {
          identity.require(encoder, location);
        }
        requireStatements();
        requireContents();
      }
      model = identity.fingerprint().sha256();
      postings = new SparsePostings(IndexFields.SPARSE, identity.fingerprint());
      analyzer.setLanguage(contents.language());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private IndexWriter begun(boolean exists) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig(analyzer).setCommitOnClose(false);
    config.setCodec(new BlockMaxCodec(IndexFields.SPARSE));
    // Merges neighbours only, so that documents keep the order in which they were put.
    config.setMergePolicy(new LogByteSizeMergePolicy());
    if (reordering) {
      config.setMergePolicy(reordering(config.getMergePolicy()));
    }
    config.setMergeScheduler(new QuietMergeScheduler());
    // Lucene never writes a segment on a thread that puts a document, which can be interrupted.
    config.setRAMBufferSizeMB(UNLIMITED_MEGABYTES);
    config.setCheckPendingFlushUpdate(false);
    config.setOpenMode(
        exists ? IndexWriterConfig.OpenMode.APPEND : IndexWriterConfig.OpenMode.CREATE);
    IndexWriter begun = new IndexWriter(directory, config);
    lastCommit = commitId();
    return begun;
  }

  /** Null if there is no commit, or none that can be read. */
  private byte[] commitId() {
    try {
      return SegmentInfos.readLatestCommit(directory).getId();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Ends a writer without a commit. Lucene deletes all files that the writer does not know: the
   * whole index that was copied into the place of its own, if one was.
   */
  private void rollback(IndexWriter ended) throws IOException {
    shield.run(
        () -> {
          byte[] ours = lastCommit;
          byte[] found = commitId();
          keepsFiles = ours != null && found != null && !Arrays.equals(ours, found);
          try {
            ended.rollback();
          } finally {
            keepsFiles = false;
          }
        });
  }

  private void requireContents() {
    if (contents.needsHybridEncoder() && encoder != null) {
      contents.requireHybrid(encoder);
    }
  }

  /** Holds what was committed, which nobody else can change now. */
  private void requireStatements() throws IOException {
    shield.run(
        () -> {
          try (DirectoryReader reader = DirectoryReader.open(directory)) {
            identity.requireStatements(reader, IndexFields.OF_MODEL, location);
          }
        });
  }

  private static String shown(IndexContents contents) {
    return contents.equals(IndexContents.SPARSE)
        ? "sparse vectors alone"
        : "sparse vectors with " + contents;
  }

  /**
   * Opens an index for writing, or begins one, with the weights of an encoder.
   *
   * @param folder the index, or a new or empty folder
   * @param encoder stays open when the writer is closed
   * @throws ModelMismatchException if the index was built with another model
   * @throws IOException if the index is locked, damaged or none of m3lex, or the folder cannot be
   *     used
   */
  public static SparseIndexWriter open(Path folder, SparseEncoder encoder) throws IOException {
    return open(IndexFolder.existingOrNew(folder), folder.toString(), encoder, WITNESS_TOLERANCE);
  }

  /**
   * Opens an index for writing, or begins one, with the weights of an encoder.
   *
   * @param folder the index, or a new or empty folder
   * @param encoder stays open when the writer is closed
   * @param witnessTolerance if the index is new, the greatest difference of a witness's weight that
   *     it will accept; 0 for none
   */
  public static SparseIndexWriter open(Path folder, SparseEncoder encoder, float witnessTolerance)
      throws IOException {
    return open(IndexFolder.existingOrNew(folder), folder.toString(), encoder, witnessTolerance);
  }

  /**
   * Like {@link #open(Path, SparseEncoder, float)}, for an index that holds more than sparse
   * vectors.
   *
   * @param contents what it holds, if it is new; an existing one must hold the same
   * @throws IndexFormatException also if the index holds something else
   * @throws IllegalArgumentException if the encoder does not give what the index holds
   */
  public static SparseIndexWriter open(
      Path folder, SparseEncoder encoder, float witnessTolerance, IndexContents contents)
      throws IOException {
    return new SparseIndexWriter(
        IndexFolder.existingOrNew(folder),
        folder.toString(),
        encoder,
        null,
        witnessTolerance,
        contents);
  }

  /**
   * Like {@link #open(Path, SparseEncoder, float)}, in any Lucene directory.
   *
   * @param directory closed with the writer
   * @param location the directory's name in messages
   */
  public static SparseIndexWriter open(
      Directory directory, String location, SparseEncoder encoder, float witnessTolerance)
      throws IOException {
    return new SparseIndexWriter(directory, location, encoder, null, witnessTolerance, null);
  }

  /**
   * Opens an index for writing, or begins one, for vectors that were made elsewhere.
   *
   * @param declared the fingerprint that the caller vouches for; every vector must have it
   */
  public static SparseIndexWriter openForVectors(Path folder, ModelFingerprint declared)
      throws IOException {
    return openForVectors(IndexFolder.existingOrNew(folder), folder.toString(), declared);
  }

  /**
   * Like {@link #openForVectors(Path, ModelFingerprint)}, in any Lucene directory.
   *
   * @param directory closed with the writer
   * @param location the directory's name in messages
   */
  public static SparseIndexWriter openForVectors(
      Directory directory, String location, ModelFingerprint declared) throws IOException {
    return new SparseIndexWriter(directory, location, null, declared, 0, null);
  }

  /** What the index holds of each document beside its sparse vector. */
  public IndexContents contents() {
    return contents;
  }

  /**
   * How documents are split into passages; empty if they are put as wholes, or none was put yet.
   */
  public Optional<PassageSplitter> splitter() {
    return form.splitter();
  }

  /** Identifies the model whose weights are in the index. */
  public ModelFingerprint fingerprint() {
    return identity.fingerprint();
  }

  /**
   * Encodes a document and adds it, in the place of any document of the same id.
   *
   * @return what became of the text; a document whose vector is empty is stored, but nothing finds
   *     it
   * @throws IllegalStateException if this writer takes vectors only
   */
  public EncodedText put(SparseDocument document) throws IOException {
    HybridText text =
        contents
            .encode(List.of(document.encodedText()), requireEncoder(), TextRole.DOCUMENT)
            .getFirst();
    put(document, text);
    return text.encoded();
  }

  /**
   * Adds a document with a vector that the caller has, in the place of any document of the same id.
   *
   * @param vector stating its model; see {@link SparseVector#from}
   * @throws ModelMismatchException if the vector states another model than this index's, or none
   * @throws IllegalArgumentException if a feature cannot be a term, or Lucene does not accept one
   *     of the caller's fields; any former document of this id stays
   */
  public void put(SparseDocument document, SparseVector vector) throws IOException {
    put(document, HybridText.of(vector));
  }

  /**
   * Adds a document with the vectors that the caller has, in the place of any document of the same
   * id.
   *
   * @param text as {@link IndexContents#encode} gives it; a document without dense vector is found
   *     by its words only
   * @throws ModelMismatchException if a vector states another model than this index's, or none
   * @throws IllegalArgumentException if the index holds dense or token vectors and a text with
   *     features has none, if a feature cannot be a term, or Lucene does not accept one of the
   *     caller's fields; any former document of this id stays
   */
  public void put(SparseDocument document, HybridText text) throws IOException {
    requireModel(document, text.encoded().vector());
    DocumentForm required = form;
    required.require(null);
    Document fields = fields(document, document.text(), text.encoded().vector());
    addFurther(document, text, fields);
    replace(document.id(), List.of(fields), required);
  }

  /**
   * Encodes a document's passages and adds them, in the place of any document of the same id. All
   * documents of an index are put as passages of the same splitter, or none. The caller's own
   * fields belong to every passage. Passages have sparse vectors only.
   *
   * @return what became of each passage, in their order
   * @throws IndexFormatException if the index was begun with whole documents or another splitter
   * @throws IllegalStateException if this writer takes vectors only
   */
  public List<EncodedText> putPassages(SparseDocument document, PassageSplitter splitter)
      throws IOException {
    requirePassages(splitter);
    List<EncodedText> encoded =
        requireEncoder().encode(splitter.encodedTexts(document), TextRole.DOCUMENT);
    putPassages(document, splitter, encoded.stream().map(EncodedText::vector).toList());
    return encoded;
  }

  /**
   * Adds a document's passages with vectors that the caller has, in the place of any document of
   * the same id.
   *
   * @param vectors one for each of {@link PassageSplitter#encodedTexts}
   * @throws IndexFormatException if the index was begun with whole documents or another splitter
   * @throws ModelMismatchException if a vector states another model than this index's, or none
   * @throws IllegalArgumentException if there are more or fewer vectors than passages, and as for
   *     {@link #put(SparseDocument, SparseVector)}
   */
  public void putPassages(
      SparseDocument document, PassageSplitter splitter, List<SparseVector> vectors)
      throws IOException {
    vectors.forEach(vector -> requireModel(document, vector));
    List<Passage> passages = splitter.split(document.text());
    if (passages.size() != vectors.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "document \"%s\" has %d passages, but %d vectors are given",
              document.id(),
              passages.size(),
              vectors.size()));
    }
    DocumentForm required = requirePassages(splitter);
    List<Document> block = new ArrayList<>(passages.size());
    for (int i = 0; i < passages.size(); i++) {
      Passage passage = passages.get(i);
      Document fields = fields(document, passage.text(), vectors.get(i));
      PassageFields.add(fields, document.id(), passage);
      block.add(fields);
    }
    PassageFields.addFirst(block.getFirst(), document.text());
    replace(document.id(), block, required);
  }

  private DocumentForm requirePassages(PassageSplitter splitter) throws IndexFormatException {
    if (!contents.equals(IndexContents.SPARSE)) {
      throw new IndexFormatException(
          "Index %s holds %s of each document, which passages do not have. Put documents as wholes, or build another index."
              .formatted(location, contents));
    }
    DocumentForm required = form;
    required.require(splitter);
    return required;
  }

  private void requireModel(SparseDocument document, SparseVector vector) {
    identity.require(vector, "the vector of document \"" + document.id() + "\"", location);
  }

  private SparseEncoder requireEncoder() {
    if (encoder == null) {
      throw new IllegalStateException(
          "Index %s takes vectors that were made elsewhere; give the document's vector."
              .formatted(location));
    }
    return encoder;
  }

  private Document fields(SparseDocument document, String text, SparseVector vector) {
    Document fields = new Document();
    fields.add(new StringField(IndexFields.ID, document.id(), Store.YES));
    fields.add(new StoredField(IndexFields.TITLE, document.title()));
    fields.add(new StoredField(IndexFields.TEXT, text));
    document.fields().forEach(fields::add);
    postings.of(vector, featureOf(document.id())).forEach(fields::add);
    return fields;
  }

  /**
   * Puts a document, or its passages, in the place of what has its id.
   *
   * @param block at least one
   * @param required the form that the block was held to
   */
  private void replace(String id, List<Document> block, DocumentForm required) throws IOException {
    if (block.stream().allMatch(fields -> fields.getField(IndexFields.SPARSE) == null)) {
      block.getFirst().add(new StringField(IndexFields.WITHOUT_FEATURES, "true", Store.NO));
    }
    try {
      // At once: nobody ever sees a part of it, or two of them.
      gathered(
          () -> {
            IndexWriter current = writer;
            // Looked at after the writer, which recover() sets last.
            if (form != required) {
              throw new IOException(
                  "document \"%s\": writing began again in the meantime; put it again"
                      .formatted(id));
            }
            current.updateDocuments(new Term(IndexFields.ID, id), block);
          });
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("document \"%s\": %s".formatted(id, e.getMessage()), e);
    }
  }

  private void addFurther(SparseDocument document, HybridText text, Document fields) {
    boolean lacks =
        contents.dense() && text.dense().length == 0
            || contents.tokenVectors() && text.tokens().length == 0;
    if (lacks && !text.encoded().vector().isEmpty()) {
      throw new IllegalArgumentException(
          "document \"%s\": the index holds %s, and its vectors are not given"
              .formatted(document.id(), contents));
    }
    if (contents.dense() && text.dense().length > 0) {
      fields.add(
          new KnnFloatVectorField(
              IndexFields.DENSE, text.dense(), VectorSimilarityFunction.DOT_PRODUCT));
      fields.add(ModelStatement.statement(IndexFields.DENSE, model, 1));
    }
    if (contents.tokenVectors() && text.tokens().length > 0) {
      fields.add(new LateInteractionField(IndexFields.TOKEN_VECTORS, text.tokens()));
      fields.add(ModelStatement.statement(IndexFields.TOKEN_VECTORS, model, 1));
    }
    if (!contents.language().isEmpty()) {
      fields.add(new TextField(IndexFields.ANALYZED, document.encodedText(), Store.NO));
    }
  }

  /**
   * Refuses what {@link #put(SparseDocument, SparseVector)} would refuse of a vector, for callers
   * who take several documents or none.
   *
   * @param id of the document, for the message
   * @throws IllegalArgumentException if a feature cannot be a term, or there are too many for one
   *     document
   */
  public static void requireTerms(String id, SparseVector vector) {
    SparsePostings.require(vector, featureOf(id));
  }

  /**
   * Like {@link #requireTerms}, for one feature.
   *
   * @throws IllegalArgumentException if it cannot be a term
   */
  public static void requireTerm(String id, String feature) {
    TermText.require(featureOf(id), feature);
  }

  private static String featureOf(String id) {
    return "a feature of document \"" + id + "\"";
  }

  /** Deletes the document of an id, if there is one. */
  public void delete(String id) throws IOException {
    if (Utf8.fault(id).isEmpty()) {
      gathered(() -> writer.deleteDocuments(new Term(IndexFields.ID, id)));
    }
  }

  /** Makes everything so far durable and visible to those who open the index. */
  public void commit() throws IOException {
    commit(Map.of());
  }

  /**
   * Makes everything so far durable, together with a note of how far the caller is: either both are
   * in the index or neither is.
   *
   * @param progress the note, which replaces that of earlier commits
   */
  public synchronized void commit(Map<String, String> progress) throws IOException {
    written(() -> commit(writer, form, progress));
  }

  private void commit(IndexWriter to, DocumentForm committed, Map<String, String> progress)
      throws IOException {
    Map<String, String> userData = new HashMap<>(identity.toUserData());
    userData.putAll(contents.toUserData());
    userData.putAll(committed.toUserData());
    progress.forEach((name, value) -> userData.put(PROGRESS_PREFIX + name, value));
    to.setLiveCommitData(userData.entrySet());
    to.commit();
    lastCommit = commitId();
  }

  /**
   * Changes what is gathered in memory, and writes a segment of it when that is enough.
   *
   * @param change may be made twice
   */
  private void gathered(Shield.Action change) throws IOException {
    explained(
        () -> {
          if (gathersInPlace) {
            Shield.delayInterrupts(change);
          } else {
            shield.run(change);
          }
          if (isBufferFull()) {
            shield.run(this::writeSegment);
          }
          return null;
        });
  }

  private boolean isBufferFull() {
    IndexWriter current = writer;
    return current.ramBytesUsed() - current.getFlushingBytes() >= bufferBytes;
  }

  private void writeSegment() throws IOException {
    // Another thread may have come first.
    if (isBufferFull() && !writer.flushNextBuffer()) {
      // There are deletions only.
      writer.flush();
    }
  }

  /** For tests: how much is gathered in memory before a segment is written. */
  void setBufferBytes(long bytes) {
    bufferBytes = bytes;
  }

  /** Works on the index's files. */
  private void written(Shield.Action work) throws IOException {
    written(
        () -> {
          work.run();
          return null;
        });
  }

  private <T> T written(Shield.Work<T> work) throws IOException {
    return explained(() -> shield.call(work));
  }

  /**
   * Tells an error in plain words, and also that an earlier one has ended writing; otherwise the
   * caller closed the writer, and that is his mistake.
   */
  private <T> T explained(Shield.Work<T> work) throws IOException {
    IndexWriter current = writer;
    requireOpen();
    Throwable before = failure;
    if (before != null) {
      throw ended(before);
    }
    try {
      return work.run();
    } catch (IllegalStateException e) {
      Optional<Throwable> error = failure();
      if (error.isEmpty() && current == writer) {
        requireOpen();
        throw e;
      }
      throw ended(error.orElse(e));
    } catch (IOException e) {
      Throwable tragic = current.getTragicException();
      throw tragic == null ? IndexFolder.explained(e, location) : ended(tragic);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("Index %s: this writer is closed.".formatted(location));
    }
  }

  private IOException ended(Throwable error) {
    // What was found in the place of this writer's index says itself what to do.
    boolean replaced =
        error instanceof ModelMismatchException || error instanceof IndexFormatException;
    return new IOException(
        "Index %s cannot be written after an error: %s%s"
            .formatted(
                location,
                IndexFolder.reason(error),
                replaced
                    ? ""
                    : ". Its last commit is whole: remove the cause and go on from there."),
        error);
  }

  /**
   * The error that has ended writing, such as a full disk, also during a merge in the background.
   * Until {@link #recover()} every change fails. Empty if there was none.
   */
  public Optional<Throwable> failure() {
    Throwable tragic = writer.getTragicException();
    return Optional.ofNullable(tragic == null ? failure : tragic);
  }

  /**
   * Goes on from the last commit, whether or not an error has ended writing: what was put since is
   * discarded, the index must still be that of this writer's model, the witnesses are compared
   * again, and an empty commit proves that the disk can be written. Indexes of {@link #openIndex()}
   * show what they show and cannot be refreshed.
   *
   * @throws IOException if the cause of an error is still there; this can be called again
   * @throws ModelMismatchException if the index was replaced by that of another model
   */
  public synchronized void recover() throws IOException {
    requireOpen();
    Throwable before = failure().orElse(null);
    failure = before == null ? new IOException("its changes were discarded") : before;
    try {
      rollback(writer);
      IndexWriter begun = shield.call(() -> begun(true));
      boolean taken = false;
      try {
        Map<String, String> userData = userData(begun);
        requireUnchanged(userData);
        DocumentForm found = new DocumentForm(userData, begun.getDocStats().maxDoc == 0, location);
        shield.run(() -> commit(begun, found, progress(begun)));
        // In this order, see replace(). Until here, nothing is put into what may be another's.
        form = found;
        writer = begun;
        failure = null;
        taken = true;
      } finally {
        if (!taken) {
          IOUtils.closeWhileHandlingException(() -> rollback(begun));
        }
      }
    } catch (IOException e) {
      failure = before == null ? e : before;
      throw IndexFolder.explained(e, location);
    } catch (RuntimeException e) {
      failure = before == null ? e : before;
      throw e;
    }
  }

  private void requireUnchanged(Map<String, String> userData) throws IOException {
    ModelIdentity now = ModelIdentity.of(userData, location);
    if (!now.equals(identity)) {
      now.require(identity.fingerprint(), "the writer's fingerprint", location);
    }
    if (encoder != null) {
      now.require(encoder, location);
    }
    if (!contents.equals(IndexContents.of(userData, location))) {
      throw new IndexFormatException(
          "Index %s was replaced by one that holds something else. Open it again."
              .formatted(location));
    }
    requireStatements();
  }

  /** The note of the last commit, empty if it had none. */
  public synchronized Map<String, String> progress() {
    return progress(writer);
  }

  private static Map<String, String> progress(IndexWriter writer) {
    Map<String, String> progress = new HashMap<>();
    userData(writer)
        .forEach(
            (name, value) -> {
              if (name.startsWith(PROGRESS_PREFIX)) {
                progress.put(name.substring(PROGRESS_PREFIX.length()), value);
              }
            });
    return progress;
  }

  /** What a writer's last commit has, or its next one will have, in a new map. */
  static Map<String, String> userData(IndexWriter writer) {
    Map<String, String> userData = new HashMap<>();
    Iterable<Map.Entry<String, String>> live = writer.getLiveCommitData();
    if (live != null) {
      live.forEach(entry -> userData.put(entry.getKey(), entry.getValue()));
    }
    return userData;
  }

  /**
   * Number of documents in the index, what is not yet committed included; a document put as several
   * passages is one.
   */
  public int documents() throws IOException {
    return written(
        () -> {
          if (form.isByPassages()) {
            try (DirectoryReader reader = DirectoryReader.open(writer)) {
              return PassageFields.documents(new IndexSearcher(reader));
            }
          }
          return writer.getDocStats().numDocs;
        });
  }

  /**
   * The index as it is at this moment, what is not yet committed included. {@link
   * SparseIndex#refresh()} moves it on.
   */
  public SparseIndex openIndex() throws IOException {
    return new SparseIndex(
        written(() -> DirectoryReader.open(writer)), null, location, encoder, identity, contents);
  }

  /**
   * From now on, merges give documents new numbers, so that those with the same features lie
   * together, as {@link IndexOptimizer} does: for an index that is written for long. Merges take
   * several times as long and search is faster. Documents of equal score come in another order than
   * that in which they were put.
   */
  public void reorderWhenMerging() {
    reordering = true;
    writer.getConfig().setMergePolicy(reordering(writer.getConfig().getMergePolicy()));
  }

  private static MergePolicy reordering(MergePolicy policy) {
    return new BPReorderingMergePolicy(policy, IndexOptimizer.reorderer());
  }

  /** Merges the index into one segment, which makes it smallest and fastest to search. */
  public void mergeToOneSegment() throws IOException {
    written(
        () -> {
          try {
            writer.forceMerge(1);
          } catch (IOException e) {
            // Lucene wraps what a merge in the background met, and lists its segments.
            throw e.getCause() instanceof IOException cause ? cause : e;
          }
        });
  }

  /** Ends writing; what was put since the last commit is discarded. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (shield;
        directory) {
      rollback(writer);
    }
  }

  /**
   * An error in a merge ends the writer, and the next call reports it; a stack trace from the
   * merge's thread would only add noise.
   */
  private static final class QuietMergeScheduler extends ConcurrentMergeScheduler {
    @Override
    protected void handleMergeException(Throwable error) {}
  }
}
