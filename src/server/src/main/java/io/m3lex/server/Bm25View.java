/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.Cancellation;
import io.m3lex.bm25.Bm25Index;
import io.m3lex.bm25.Bm25Index.TermScore;
import io.m3lex.bm25.TextLanguage;
import io.m3lex.index.IndexFields;
import io.m3lex.index.LanguageAnalyzers;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.util.Bits;

/**
 * BM25 over the documents that an index held when the server started, in memory; built by a thread
 * of its own. Safe for use by several threads. Searching ends when its thread is interrupted; see
 * {@link Cancellation}.
 */
final class Bm25View implements Closeable {

  private static final int GUESSED_BY = 100;

  /** What was found, or why nothing was looked for. */
  record Found(String absent, List<Ranked> ranking) {}

  /** A document with what each term adds to its score. */
  record Ranked(String id, float score, List<TermScore> contributions) {}

  private final String language;

  /** Those who search hold the one lock together, he who builds or closes it the other alone. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private Bm25Index bm25;
  private Analyzer analyzer;
  private int documents;
  private String absent;
  private boolean closed;

  private Bm25View(String language, String absent) {
    this.language = language;
    this.absent = absent;
  }

  /** Begins to build it, unless the index has more documents than it shall hold. */
  static Bm25View begin(SparseIndex index, int most, String language) throws IOException {
    int documents = index.using(searcher -> searcher.getIndexReader().numDocs());
    if (most == 0) {
      return new Bm25View(language, "BM25 is switched off.");
    }
    if (documents > most) {
      return new Bm25View(
          language,
          String.format(
              Locale.ROOT,
              "BM25 is left out: the index has %,d documents, and it is built at start for %,d at most.",
              documents,
              most));
    }
    Bm25View view = new Bm25View(language, "BM25 is still being built; search again in a moment.");
    Thread.ofPlatform().daemon().name("m3lex-bm25").start(() -> view.build(index));
    return view;
  }

  private void build(SparseIndex index) {
    try {
      // The language is guessed by the first documents, which are read for that alone.
      List<String> first = new ArrayList<>();
      if (language == null) {
        index.using(
            searcher -> {
              StoredDocuments stored = new StoredDocuments(searcher.getIndexReader().leaves());
              while (stored.hasNext() && first.size() < GUESSED_BY) {
                first.add(stored.next().text());
              }
              return null;
            });
      }
      Analyzer chosen = LanguageAnalyzers.of(language == null ? TextLanguage.of(first) : language);
      index.using(
          searcher -> {
            StoredDocuments stored = new StoredDocuments(searcher.getIndexReader().leaves());
            ready(new Bm25Index(stored, chosen), chosen, searcher.getIndexReader().numDocs());
            return null;
          });
    } catch (IOException | RuntimeException e) {
      fail("BM25 could not be built: " + e.getMessage());
    }
  }

  private void ready(Bm25Index built, Analyzer chosen, int count) throws IOException {
    lock.writeLock().lock();
    try {
      if (closed) {
        built.close();
        return;
      }
      bm25 = built;
      analyzer = chosen;
      documents = count;
      absent = null;
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void fail(String reason) {
    lock.writeLock().lock();
    try {
      absent = reason;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Work that needs what was built. */
  @FunctionalInterface
  private interface Reading<T> {
    T read() throws IOException;
  }

  private <T> T reading(Reading<T> work) throws IOException {
    lock.readLock().lock();
    try {
      return work.read();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Number of documents that it ranks. */
  int documents() throws IOException {
    return reading(() -> documents);
  }

  /**
   * The best documents, or why there are none.
   *
   * @param explained whether the terms' contributions are wanted, which takes longer than to search
   */
  Found search(String query, int k, boolean explained) throws IOException {
    return reading(() -> found(query, k, explained));
  }

  private Found found(String query, int k, boolean explained) throws IOException {
    if (bm25 == null) {
      return new Found(absent, List.of());
    }
    List<Ranked> ranking = new ArrayList<>();
    for (ScoreDoc found : bm25.search(query, k)) {
      Cancellation.check();
      String id = bm25.id(found.doc);
      ranking.add(new Ranked(id, found.score, explained ? bm25.explain(query, id) : List.of()));
    }
    return new Found(null, ranking);
  }

  /** Where the terms of contributions stand in a text. */
  List<Mark> marks(String text, List<TermScore> contributions) throws IOException {
    return reading(() -> marked(text, contributions));
  }

  private List<Mark> marked(String text, List<TermScore> contributions) throws IOException {
    List<Mark> marks = new ArrayList<>();
    if (bm25 == null) {
      return marks;
    }
    try (TokenStream tokens = analyzer.tokenStream("text", text)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      OffsetAttribute offset = tokens.addAttribute(OffsetAttribute.class);
      tokens.reset();
      int free = 0;
      while (tokens.incrementToken()) {
        Cancellation.check();
        for (TermScore contribution : contributions) {
          if (contribution.term().contentEquals(term) && offset.endOffset() > free) {
            // Pairs of characters overlap.
            int start = Math.max(free, offset.startOffset());
            marks.add(
                new Mark(
                    start, offset.endOffset(), contribution.term(), (float) contribution.score()));
            free = offset.endOffset();
          }
        }
      }
      tokens.end();
    }
    return marks;
  }

  @Override
  public void close() throws IOException {
    lock.writeLock().lock();
    try {
      closed = true;
      if (bm25 != null) {
        bm25.close();
        bm25 = null;
        absent = "The server is stopping.";
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The documents of an index, one after the other. */
  private static final class StoredDocuments implements Iterator<SparseDocument> {
    private final Iterator<LeafReaderContext> leaves;
    private StoredFields stored;
    private Bits live;
    private int next;
    private int end;

    StoredDocuments(List<LeafReaderContext> leaves) {
      this.leaves = leaves.iterator();
    }

    @Override
    public boolean hasNext() {
      while (true) {
        while (next < end && live != null && !live.get(next)) {
          next++;
        }
        if (next < end) {
          return true;
        }
        if (!leaves.hasNext()) {
          return false;
        }
        LeafReaderContext leaf = leaves.next();
        try {
          stored = leaf.reader().storedFields();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        live = leaf.reader().getLiveDocs();
        next = 0;
        end = leaf.reader().maxDoc();
      }
    }

    @Override
    public SparseDocument next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        Document document = stored.document(next++);
        return SparseDocument.of(
            document.get(IndexFields.ID),
            document.get(IndexFields.TITLE),
            document.get(IndexFields.TEXT));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
