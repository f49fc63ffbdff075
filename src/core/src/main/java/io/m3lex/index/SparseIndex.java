/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.Cancellation;
import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.index.IndexStatistics.FeatureFrequency;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.SparseSearcher;
import io.m3lex.search.TokenContribution;
import io.m3lex.util.Utf8;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader.CacheHelper;
import org.apache.lucene.index.IndexReader.CacheKey;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.SegmentReader;
import org.apache.lucene.index.StandardDirectoryReader;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;

/**
 * Searches an index. It is opened only with the model that it was built with, whose witness texts
 * must come out with the weights that the index recorded.
 *
 * <p>Shows the index as it was when it was opened; {@link #refresh()} moves on to the newest
 * commit. Safe for use by several threads.
 */
public final class SparseIndex implements Closeable {

  private static final int COMMONEST = 20;

  private final Directory directory;
  private final String location;
  private final SparseEncoder encoder;
  private final IndexContents contents;
  private final float drift;

  /** The files of every segment that a reader has open, by the key of its core. */
  private final Map<CacheKey, SegmentFiles> files = new ConcurrentHashMap<>();

  private volatile View view;

  /** What is shown: one state of the index. */
  private record View(
      StandardDirectoryReader reader, ModelIdentity identity, List<SegmentFiles> files) {

    void requireFiles(String location) throws IndexFormatException {
      for (SegmentFiles segment : files) {
        segment.require(location);
      }
    }
  }

  /** Shows a reader whose identity the caller has checked, and closes it if that fails. */
  SparseIndex(
      DirectoryReader reader,
      Directory directory,
      String location,
      SparseEncoder encoder,
      ModelIdentity identity,
      IndexContents contents)
      throws IOException {
    this.contents = contents;
    this.directory = directory;
    this.location = location;
    this.encoder = encoder;
    this.drift = 0;
    try {
      view = view(reader, identity);
    } catch (IOException | RuntimeException | Error e) {
      reader.close();
      throw e;
    }
  }

  private SparseIndex(
      Directory directory, String location, SparseEncoder encoder, ModelFingerprint declared)
      throws IOException {
    this.directory = directory;
    this.location = location;
    this.encoder = encoder;
    DirectoryReader opened = null;
    try {
      opened = Shield.callOnce(() -> DirectoryReader.open(directory));
      ModelIdentity identity = ModelIdentity.of(opened.getIndexCommit().getUserData(), location);
      contents = IndexContents.of(opened.getIndexCommit().getUserData(), location);
      if (encoder == null) {
        identity.require(declared, "the given fingerprint", location);
        drift = 0;
      } else {
        drift = identity.require(encoder, location);
      }
      view = view(opened, identity);
    } catch (IOException e) {
      close(opened, directory);
      throw IndexFolder.explained(e, location);
    } catch (InternalError e) {
      // Java's for a mapped page that is gone.
      close(opened, directory);
      throw SegmentFiles.cutOff(e, location);
    } catch (RuntimeException | Error e) {
      close(opened, directory);
      throw e;
    }
  }

  /**
   * A reader's state of the index, whose documents are held to the identity.
   *
   * @throws ModelMismatchException if there are documents of another model
   * @throws IndexFormatException if files were overwritten since they were opened
   */
  private View view(DirectoryReader reader, ModelIdentity identity) throws IOException {
    return Shield.callOnce(
        () -> {
          List<SegmentFiles> opened = new ArrayList<>();
          for (LeafReaderContext leaf : reader.leaves()) {
            opened.add(filesOf((SegmentReader) leaf.reader()));
          }
          View seen = new View((StandardDirectoryReader) reader, identity, List.copyOf(opened));
          identity.requireStatements(reader, IndexFields.OF_MODEL, location);
          seen.requireFiles(location);
          return seen;
        });
  }

  private SegmentFiles filesOf(SegmentReader segment) throws IOException {
    CacheHelper core = segment.getCoreCacheHelper();
    SegmentFiles known = files.get(core.getKey());
    if (known != null) {
      return known;
    }
    SegmentFiles opened = SegmentFiles.of(segment, location);
    files.put(core.getKey(), opened);
    core.addClosedListener(
        key -> {
          files.remove(key);
          opened.close();
        });
    return opened;
  }

  private static void close(DirectoryReader reader, Directory directory) throws IOException {
    try (directory) {
      if (reader != null) {
        reader.close();
      }
    }
  }

  /**
   * Opens an index for searching.
   *
   * @param encoder turns queries into vectors; stays open when the index is closed
   * @throws ModelMismatchException if the index was built with another model, or the model's
   *     weights come out differently here; the message names what differs
   * @throws IndexFormatException if there is no index of m3lex, or it is damaged
   */
  public static SparseIndex open(Path folder, SparseEncoder encoder) throws IOException {
    return open(IndexFolder.existing(folder), folder.toString(), encoder);
  }

  /**
   * Like {@link #open(Path, SparseEncoder)}, in any Lucene directory.
   *
   * @param directory closed with the index
   * @param location the directory's name in messages
   */
  public static SparseIndex open(Directory directory, String location, SparseEncoder encoder)
      throws IOException {
    return new SparseIndex(directory, location, encoder, null);
  }

  /**
   * Opens an index for searching with vectors that the caller has.
   *
   * @param fingerprint of the model that these vectors come from
   * @throws ModelMismatchException if the index was built with another model
   */
  public static SparseIndex openForVectors(Path folder, ModelFingerprint fingerprint)
      throws IOException {
    return openForVectors(IndexFolder.existing(folder), folder.toString(), fingerprint);
  }

  /**
   * Like {@link #openForVectors(Path, ModelFingerprint)}, in any Lucene directory.
   *
   * @param directory closed with the index
   * @param location the directory's name in messages
   */
  public static SparseIndex openForVectors(
      Directory directory, String location, ModelFingerprint fingerprint) throws IOException {
    return new SparseIndex(directory, location, null, fingerprint);
  }

  /**
   * Which model an index was built with, without opening it for searching.
   *
   * @throws IndexFormatException if there is no index of m3lex, or it is damaged
   */
  public static ModelFingerprint fingerprintOf(Path folder) throws IOException {
    try (Directory directory = IndexFolder.existing(folder);
        DirectoryReader reader = Shield.callOnce(() -> DirectoryReader.open(directory))) {
      return ModelIdentity.of(reader.getIndexCommit().getUserData(), folder.toString())
          .fingerprint();
    } catch (IOException e) {
      throw IndexFolder.explained(e, folder.toString());
    } catch (InternalError e) {
      throw SegmentFiles.cutOff(e, folder.toString());
    }
  }

  /** Identifies the model whose weights are in the index. */
  public ModelFingerprint fingerprint() {
    return view.identity.fingerprint();
  }

  /** What the index holds of each document beside its sparse vector. */
  public IndexContents contents() {
    return contents;
  }

  /**
   * How far the witness texts' weights were from those recorded when this index was opened: 0 if
   * they came out bit for bit.
   */
  public float witnessDrift() {
    return drift;
  }

  /**
   * Reads all files of the index and holds them to their checksums. Opening does so with the
   * bounds, by whose damage documents would be lost; a damaged weight only shows here, when
   * segments are merged, or by Lucene's {@code CheckIndex}.
   *
   * @throws IndexFormatException if a file is damaged
   */
  public void verifyFiles() throws IOException {
    try {
      using(
          searcher -> {
            for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
              leaf.reader().checkIntegrity();
            }
            return null;
          });
    } catch (IOException e) {
      throw IndexFolder.explained(e, location);
    }
  }

  /**
   * The best documents for a query. In an index of passages, here and in the other searches, the
   * hits are passages, each with its document's id and title; see {@link #searchDocuments}.
   *
   * @param k greatest number of documents, at least 1
   * @return by falling score; equal scores in the order in which the documents were put
   * @throws IllegalStateException if this index was opened for vectors
   */
  public List<Hit> search(String query, int k) throws IOException {
    return search(encoded(query), k);
  }

  /**
   * The best documents for a vector of this index's model.
   *
   * @param query states the model, as an encoder's vectors do; see {@link SparseVector#from}
   * @param k greatest number of documents, at least 1
   * @return by falling score; equal scores in the order in which the documents were put
   * @throws ModelMismatchException if the vector states another model than this index's, or none
   */
  public List<Hit> search(SparseVector query, int k) throws IOException {
    return search(query, k, null);
  }

  /**
   * The best documents for a vector, among those that a filter matches.
   *
   * @param query states the model, as an encoder's vectors do; see {@link SparseVector#from}
   * @param k greatest number of documents, at least 1
   * @param filter any Lucene query; null for none
   * @return by falling score; equal scores in the order in which the documents were put
   * @throws ModelMismatchException if the vector states another model than this index's, or none
   * @throws IllegalArgumentException if k is less than 1
   */
  public List<Hit> search(SparseVector query, int k, Query filter) throws IOException {
    return search(new SparseQuery(IndexFields.SPARSE, query), k, filter);
  }

  /**
   * The best documents for a query of the caller's making, for instance an approximate one.
   *
   * @param sparse on the field {@link IndexFields#SPARSE}, with a vector that states this index's
   *     model
   * @param k greatest number of documents, at least 1
   * @param filter any Lucene query; null for none
   * @return by falling score; equal scores in the order in which the documents were put
   * @throws ModelMismatchException if the vector states another model than this index's, or none
   * @throws IllegalArgumentException if k is less than 1
   */
  public List<Hit> search(SparseQuery sparse, int k, Query filter) throws IOException {
    requireK(k);
    Query whole = filtered(required(sparse), filter);
    return using(
        searcher -> {
          int top = Math.min(k, Math.max(1, searcher.getIndexReader().maxDoc()));
          ScoreDoc[] found = searcher.search(whole, top).scoreDocs;
          StoredFields stored = searcher.storedFields();
          List<Hit> hits = new ArrayList<>(found.length);
          for (ScoreDoc doc : found) {
            Cancellation.check();
            hits.add(hit(hits.size() + 1, stored.document(doc.doc), doc.score));
          }
          return hits;
        });
  }

  /**
   * The best documents for a query by several signals together.
   *
   * @param k greatest number of documents, at least 1 and at most the search's candidates
   * @param filter any Lucene query; null for none
   * @return by falling score; equal scores in the order in which the documents were put
   * @throws IllegalArgumentException if k is out of range, or the index does not hold what a signal
   *     needs
   * @throws IllegalStateException if this index was opened for vectors
   */
  public List<HybridHit> search(String query, HybridSearch search, int k, Query filter)
      throws IOException {
    return search(query, encodeQuery(query, search), search, k, filter);
  }

  /**
   * A query's vectors, as far as a search needs them.
   *
   * @throws IllegalStateException if this index was opened for vectors
   */
  public HybridText encodeQuery(String query, HybridSearch search) {
    requireEncoder();
    boolean tokens = search.weights().containsKey(Signal.TOKENS);
    boolean dense = search.weights().containsKey(Signal.DENSE);
    require(search);
    return new IndexContents(dense, tokens, "")
        .encode(List.of(query), encoder, TextRole.QUERY)
        .getFirst();
  }

  private void requireEncoder() {
    if (encoder == null) {
      throw new IllegalStateException(
          "Index %s was opened without an encoder; search it with a vector.".formatted(location));
    }
  }

  private void require(HybridSearch search) {
    for (Signal signal : search.weights().keySet()) {
      if (!contents.signals().contains(signal)) {
        throw new IllegalArgumentException(
            "index %s holds nothing for the signal %s, only for %s; build it again with more"
                .formatted(location, signal, contents.signals()));
      }
    }
  }

  /**
   * Like {@link #search(String, HybridSearch, int, Query)}, with vectors that the caller has.
   *
   * @param query the text, for BM25
   * @param vectors of the query, see {@link #encodeQuery(String, HybridSearch)}; the sparse one
   *     states the model of all
   * @throws ModelMismatchException if they state another model than this index's, or none
   */
  public List<HybridHit> search(
      String query, HybridText vectors, HybridSearch search, int k, Query filter)
      throws IOException {
    view.identity.require(vectors.encoded().vector(), "the query's vector", location);
    require(search);
    if (k < 1 || k > search.candidates()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "k must be at least 1 and at most the %d candidates: %d",
              search.candidates(),
              k));
    }
    try (Analyzer analyzer =
        contents.language().isEmpty() ? null : LanguageAnalyzers.of(contents.language())) {
      return using(
          searcher -> {
            List<HybridHit> hits = new ArrayList<>();
            StoredFields stored = searcher.storedFields();
            for (HybridSearcher.Found found :
                new HybridSearcher(searcher, search, query, vectors, analyzer, filter).best(k)) {
              hits.add(
                  new HybridHit(
                      hit(
                          hits.size() + 1,
                          stored.document(found.document()),
                          (float) found.score()),
                      found.scores()));
            }
            return List.copyOf(hits);
          });
    }
  }

  private SparseQuery required(SparseQuery query) {
    view.identity.require(query.vector(), "the query's vector", location);
    return query;
  }

  private static Query filtered(SparseQuery sparse, Query filter) {
    return filter == null
        ? sparse
        : new BooleanQuery.Builder().add(sparse, Occur.MUST).add(filter, Occur.FILTER).build();
  }

  /**
   * The documents with the best passages for a query. Of documents that were put as wholes, the
   * whole text is the passage.
   *
   * @param k greatest number of documents, at least 1
   * @return each document once, by falling score
   * @throws IllegalStateException if this index was opened for vectors
   */
  public List<DocumentHit> searchDocuments(String query, int k) throws IOException {
    return searchDocuments(encoded(query), k, null);
  }

  /**
   * The documents with the best passages for a vector, among the passages that a filter matches.
   *
   * @param query states the model, as an encoder's vectors do; see {@link SparseVector#from}
   * @param k greatest number of documents, at least 1
   * @param filter any Lucene query; null for none
   * @return each document once, by falling score; equal scores in the order in which the passages
   *     were put
   * @throws ModelMismatchException if the vector states another model than this index's, or none
   * @throws IllegalArgumentException if k is less than 1
   */
  public List<DocumentHit> searchDocuments(SparseVector query, int k, Query filter)
      throws IOException {
    return searchDocuments(new SparseQuery(IndexFields.SPARSE, query), k, filter);
  }

  /**
   * Like {@link #searchDocuments(SparseVector, int, Query)}, for a query of the caller's making.
   *
   * @param sparse on the field {@link IndexFields#SPARSE}, with a vector that states this index's
   *     model
   */
  public List<DocumentHit> searchDocuments(SparseQuery sparse, int k, Query filter)
      throws IOException {
    requireK(k);
    Query whole = filtered(required(sparse), filter);
    return using(
        searcher -> {
          StoredFields stored = searcher.storedFields();
          List<DocumentHit> hits = new ArrayList<>();
          for (ScoreDoc found : DocumentCollapse.search(searcher, whole, k)) {
            Cancellation.check();
            Document document = stored.document(found.doc);
            hits.add(
                new DocumentHit(
                    hits.size() + 1,
                    document.get(IndexFields.ID),
                    found.score,
                    document.get(IndexFields.TITLE),
                    PassageFields.passage(document),
                    !PassageFields.isPassage(document)));
          }
          return hits;
        });
  }

  private static void requireK(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
  }

  private SparseVector encoded(String query) {
    requireEncoder();
    return encoder.encodeQuery(query);
  }

  private static Hit hit(int rank, Document document, float score) {
    return new Hit(
        rank,
        document.get(IndexFields.ID),
        score,
        document.get(IndexFields.TITLE),
        document.get(IndexFields.TEXT),
        PassageFields.isPassage(document) ? PassageFields.passage(document) : null);
  }

  /**
   * What each feature adds to a document's score, the greatest first, for its best passage if it
   * was put as passages; empty if the document shares no feature with the query or there is no
   * document of that id.
   *
   * @param query states the model, as an encoder's vectors do; see {@link SparseVector#from}
   * @throws ModelMismatchException if the vector states another model than this index's, or none
   */
  public List<TokenContribution> explain(SparseVector query, String id) throws IOException {
    SparseQuery sparse = required(new SparseQuery(IndexFields.SPARSE, query));
    return using(
        searcher -> {
          ScoreDoc[] best = searcher.search(filtered(sparse, ofId(id)), 1).scoreDocs;
          if (best.length == 0) {
            return List.of();
          }
          int document = best[0].doc;
          List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
          LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(document, leaves));
          return sparse.contributions(leaf, document - leaf.docBase);
        });
  }

  /** The document of an id as it was put, without the caller's own fields. */
  public Optional<SparseDocument> document(String id) throws IOException {
    return using(
        searcher -> {
          ScoreDoc[] found = searcher.search(ofId(id), 1).scoreDocs;
          if (found.length == 0) {
            return Optional.empty();
          }
          StoredFields fields = searcher.storedFields();
          Document stored = fields.document(found[0].doc);
          String text = stored.get(IndexFields.TEXT);
          if (PassageFields.isPassage(stored)) {
            Query first =
                new BooleanQuery.Builder()
                    .add(ofId(id), Occur.FILTER)
                    .add(PassageFields.FIRST_PASSAGES, Occur.FILTER)
                    .build();
            int number = searcher.search(first, 1).scoreDocs[0].doc;
            text = fields.document(number).get(PassageFields.WHOLE_TEXT);
          }
          return Optional.of(SparseDocument.of(id, stored.get(IndexFields.TITLE), text));
        });
  }

  private static Query ofId(String id) {
    return Utf8.fault(id).isEmpty()
        ? new TermQuery(new Term(IndexFields.ID, id))
        : new MatchNoDocsQuery("no document has such an id");
  }

  /**
   * Moves on to the newest commit, or, if a writer opened this index, to what it has put so far. An
   * index that was put in the place of this one is taken if it is of the same model and holds the
   * same.
   *
   * @return whether there was anything new
   * @throws ModelMismatchException if another model's index was put in the place of this one; the
   *     old view stays
   * @throws IndexFormatException if one was that holds something else, or that is not whole; the
   *     old view stays
   */
  public synchronized boolean refresh() throws IOException {
    View older = acquire();
    try {
      DirectoryReader newer = newer(older);
      if (newer == null) {
        return false;
      }
      View seen = null;
      try {
        seen = view(newer, directory == null ? older.identity : identityOf(newer, older));
        view = seen;
      } finally {
        if (seen == null) {
          newer.close();
        }
      }
      older.reader.close();
      return true;
    } catch (AlreadyClosedException e) {
      throw new IllegalStateException(
          "Index %s shows what a writer puts that has ended. Open it again.".formatted(location),
          e);
    } catch (IOException e) {
      throw IndexFolder.explained(e, location);
    } catch (InternalError e) {
      throw SegmentFiles.cutOff(e, location);
    } finally {
      older.reader.decRef();
    }
  }

  /** The identity of a newer commit, which must be of the same model and hold the same. */
  private ModelIdentity identityOf(DirectoryReader newer, View older) throws IOException {
    Map<String, String> userData = newer.getIndexCommit().getUserData();
    ModelIdentity now = ModelIdentity.of(userData, location);
    if (!now.equals(older.identity)) {
      now.require(older.identity.fingerprint(), "the index that was opened", location);
      if (encoder != null) {
        now.require(encoder, location);
      }
    }
    IndexContents holds = IndexContents.of(userData, location);
    if (!holds.equals(contents)) {
      throw new IndexFormatException(
          "Index %s was replaced by one that holds %s; it was opened with %s. Open it again."
              .formatted(location, holds.signals(), contents.signals()));
    }
    return now;
  }

  /** The newest state, null if that is shown. */
  private DirectoryReader newer(View older) throws IOException {
    if (directory == null) {
      older.requireFiles(location);
      return Shield.callOnce(() -> DirectoryReader.openIfChanged(older.reader));
    }
    return Shield.callOnce(
        () -> {
          try {
            older.requireFiles(location);
          } catch (IndexFormatException e) {
            // Nothing of it can be used again.
            return DirectoryReader.open(directory);
          }
          // Lucene compares numbers, which another index may have as well; no other has these ids.
          SegmentInfos latest = SegmentInfos.readLatestCommit(directory);
          if (Arrays.equals(latest.getId(), older.reader.getSegmentInfos().getId())) {
            return null;
          }
          DirectoryReader newer = continued(older.reader);
          return newer == null ? DirectoryReader.open(directory) : newer;
        });
  }

  /**
   * The newest commit with the segments that are open already, null if they are another index's by
   * the same names.
   */
  private static DirectoryReader continued(StandardDirectoryReader older) throws IOException {
    StandardDirectoryReader newer;
    try {
      newer = (StandardDirectoryReader) DirectoryReader.openIfChanged(older);
    } catch (AlreadyClosedException e) {
      throw e;
    } catch (IllegalStateException e) {
      // Lucene's word for segments of the same names that hold something else.
      return null;
    }
    if (newer == null) {
      return null;
    }
    for (int i = 0; i < newer.leaves().size(); i++) {
      SegmentReader segment = (SegmentReader) newer.leaves().get(i).reader();
      // It changes with the deletions, of which Lucene compares the number alone.
      if (!Arrays.equals(
          segment.getSegmentInfo().getId(), newer.getSegmentInfos().info(i).getId())) {
        newer.close();
        return null;
      }
    }
    return newer;
  }

  /**
   * Holds the files that this index has open to what they were when it was opened, as every search
   * does before and after: whoever copies another index over this one changes them under its hands.
   * Cheap; {@link #refresh()} takes what is there now, if it is whole and of the same model.
   *
   * @throws IndexFormatException if one of them was overwritten
   */
  public void requireUnchangedFiles() throws IndexFormatException {
    View current = acquire();
    try {
      current.requireFiles(location);
    } finally {
      release(current);
    }
  }

  /**
   * Runs searches of the caller's own, with {@link SparseQuery} on the field {@link
   * IndexFields#SPARSE} or any other query. A {@code SparseQuery} whose vector states another model
   * than this index's, or none, ends with a {@link ModelMismatchException}.
   *
   * @param work gets a {@link SparseSearcher} that is valid until it returns
   * @throws IndexFormatException if the index is damaged, or its files were overwritten while it
   *     was open; see {@link #requireUnchangedFiles()}
   */
  public <T> T using(Work<T> work) throws IOException {
    View current = acquire();
    try {
      current.requireFiles(location);
      T result;
      try {
        result = work.with(new SparseSearcher(current.reader));
      } catch (IOException | RuntimeException | InternalError e) {
        // What came of foreign bytes, if there are any. InternalError is Java's for a mapped page
        // that is gone.
        current.requireFiles(location);
        throw e;
      }
      current.requireFiles(location);
      return result;
    } catch (CorruptIndexException | EOFException e) {
      throw IndexFolder.explained(e, location);
    } catch (InternalError e) {
      throw SegmentFiles.cutOff(e, location);
    } finally {
      release(current);
    }
  }

  private View acquire() {
    while (true) {
      View current = view;
      if (current.reader.tryIncRef()) {
        return current;
      }
      if (current == view) {
        throw new IllegalStateException("Index %s is closed.".formatted(location));
      }
    }
  }

  private static void release(View view) {
    try {
      view.reader.decRef();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is in the index. Reads the list of all features. */
  public IndexStatistics statistics() throws IOException {
    ModelIdentity shown = view.identity;
    return using(
        searcher -> {
          DirectoryReader current = (DirectoryReader) searcher.getIndexReader();
          Map<String, Long> frequencies = new HashMap<>();
          long postings = 0;
          long bytes = 0;
          long postingsBytes = 0;
          for (LeafReaderContext leaf : current.leaves()) {
            Terms terms = Terms.getTerms(leaf.reader(), IndexFields.SPARSE);
            postings += Math.max(0, terms.getSumDocFreq());
            TermsEnum each = terms.iterator();
            while (each.next() != null) {
              Cancellation.check();
              frequencies.merge(each.term().utf8ToString(), (long) each.docFreq(), Long::sum);
            }
            SegmentSize size = SegmentSize.of((SegmentReader) leaf.reader());
            bytes += size.bytes();
            postingsBytes += size.postingsBytes();
          }
          int byPassages = PassageFields.documents(searcher);
          return new IndexStatistics(
              byPassages > 0 ? byPassages : current.numDocs(),
              byPassages > 0 ? current.numDocs() : 0,
              current.numDeletedDocs(),
              searcher.count(new TermQuery(new Term(IndexFields.WITHOUT_FEATURES, "true"))),
              current.leaves().size(),
              frequencies.size(),
              postings,
              bytes,
              postingsBytes,
              frequencies.entrySet().stream()
                  .map(entry -> new FeatureFrequency(entry.getKey(), entry.getValue()))
                  .sorted(
                      Comparator.comparingLong((FeatureFrequency f) -> -f.documents())
                          .thenComparing(FeatureFrequency::feature))
                  .limit(COMMONEST)
                  .toList(),
              shown.fingerprint(),
              shown.environment(),
              contents,
              shown.witnesses().size(),
              shown.tolerance());
        });
  }

  @Override
  public synchronized void close() throws IOException {
    close(view.reader, directory);
  }

  /**
   * Searches of the caller's own.
   *
   * @param <T> what they give
   */
  @FunctionalInterface
  public interface Work<T> {
    /** Searches; the searcher must not be kept. */
    T with(IndexSearcher searcher) throws IOException;
  }
}
