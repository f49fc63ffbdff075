/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.HybridText;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.evaluation.ExplainedHit.Contribution;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.IndexContents;
import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.search.SparseQuery;
import io.m3lex.util.OrderedPipeline;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.apache.lucene.search.ScoreDoc;

/** Search in an index of m3lex, exact unless it is told otherwise. */
public final class IndexRanker extends SparseIndexRanker<SparseVector> {

  private final SparseEncoder encoder;
  private final String name;
  private final UnaryOperator<SparseQuery> form;

  /**
   * Ranks the documents of an index.
   *
   * @param index closed with the ranker
   * @param encoder the one that the index was opened with, which stays open; null if it was opened
   *     for vectors
   */
  public IndexRanker(SparseIndex index, SparseEncoder encoder) {
    this(index, encoder, "m3lex", UnaryOperator.identity());
  }

  private IndexRanker(
      SparseIndex index, SparseEncoder encoder, String name, UnaryOperator<SparseQuery> form) {
    super(index);
    this.encoder = encoder;
    this.name = name;
    this.form = form;
  }

  /** The same index, searched by {@link SparseQuery#approximate}. Closes the same index. */
  public IndexRanker approximate(float alpha) {
    return new IndexRanker(
        index, encoder, "m3lex-approximate-" + alpha, query -> query.approximate(alpha));
  }

  /** The same index, searched by {@link SparseQuery#pruned}. Closes the same index. */
  public IndexRanker pruned(float beta) {
    return new IndexRanker(index, encoder, "m3lex-pruned-" + beta, query -> query.pruned(beta));
  }

  /**
   * Encodes the documents of a collection and puts them into an index, in their order.
   *
   * @param documents faults, and documents that an index does not take, are passed over
   * @param encoder the one that the writer was opened with
   * @param threads number of threads that encode
   * @param progress told the number of records that are done
   */
  public static void index(
      Iterator<CorpusEntry> documents,
      SparseEncoder encoder,
      SparseIndexWriter writer,
      int threads,
      LongConsumer progress)
      throws IOException {
    index(documents, encoder, writer, threads, progress, fault -> {}, () -> false);
  }

  /**
   * Like {@link #index(Iterator, SparseEncoder, SparseIndexWriter, int, LongConsumer)}, telling of
   * faults.
   *
   * @param faults told of each record that is no document, or none that an index takes; called by
   *     the calling thread
   * @param stop asked before each record is taken; what was taken before is finished
   */
  public static void index(
      Iterator<CorpusEntry> documents,
      SparseEncoder encoder,
      SparseIndexWriter writer,
      int threads,
      LongConsumer progress,
      Consumer<CorpusEntry.Fault> faults,
      BooleanSupplier stop)
      throws IOException {
    long[] done = {0};
    OrderedPipeline.runInBatches(
        documents,
        entry -> entry instanceof CorpusEntry.Document document ? document.text().length() : 0,
        entries -> encode(entries, encoder, writer.contents()),
        encoded -> {
          encoded.faults.forEach(faults);
          if (encoded.document != null) {
            put(encoded, encoder, writer, faults);
          }
          progress.accept(++done[0]);
        },
        threads,
        stop);
  }

  private static void put(
      Encoded encoded,
      SparseEncoder encoder,
      SparseIndexWriter writer,
      Consumer<CorpusEntry.Fault> faults)
      throws IOException {
    try {
      writer.put(encoded.document, encoded.text);
    } catch (IllegalArgumentException e) {
      faults.accept(fault(encoded.entry, e));
    }
  }

  private static List<Encoded> encode(
      List<CorpusEntry> entries, SparseEncoder encoder, IndexContents contents) {
    List<List<CorpusEntry.Fault>> faults = new ArrayList<>();
    List<SparseDocument> documents = new ArrayList<>();
    for (CorpusEntry entry : entries) {
      List<CorpusEntry.Fault> found = new ArrayList<>(1);
      documents.add(document(entry, found::add));
      faults.add(found);
    }
    List<String> texts =
        documents.stream().filter(Objects::nonNull).map(SparseDocument::encodedText).toList();
    Iterator<HybridText> vectors = contents.encode(texts, encoder, TextRole.DOCUMENT).iterator();
    List<Encoded> encoded = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      SparseDocument document = documents.get(i);
      HybridText text = document == null ? null : vectors.next();
      encoded.add(new Encoded(entries.get(i), document, text, faults.get(i)));
    }
    return encoded;
  }

  /** The document of an entry; null if it is none, which is told. */
  static SparseDocument document(CorpusEntry entry, Consumer<CorpusEntry.Fault> faults) {
    if (entry instanceof CorpusEntry.Document document) {
      try {
        return SparseDocument.of(document.id(), document.title(), document.text());
      } catch (IllegalArgumentException e) {
        faults.accept(fault(entry, e));
      }
    } else if (entry instanceof CorpusEntry.Fault fault) {
      faults.accept(fault);
    }
    return null;
  }

  static CorpusEntry.Fault fault(CorpusEntry entry, IllegalArgumentException e) {
    return new CorpusEntry.Fault(entry.source(), entry.line(), e.getMessage());
  }

  /** A document with its vector, both null if there is a fault. */
  private record Encoded(
      CorpusEntry entry,
      SparseDocument document,
      HybridText text,
      List<CorpusEntry.Fault> faults) {}

  /** Whether a text is that of the document of an id, with or without its title. */
  boolean isTextOf(String id, String text) throws IOException {
    return index
        .document(id)
        .filter(
            document ->
                spaced(text).equals(spaced(document.text()))
                    || spaced(text).equals(spaced(document.title() + " " + document.text())))
        .isPresent();
  }

  private static String spaced(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ScoredDocument> rank(String query, int k) throws IOException {
    if (encoder == null) {
      throw new IllegalStateException("the index was opened for vectors; rank by a vector");
    }
    return rank(encoder.encodeQuery(query), k);
  }

  /**
   * The best documents for a vector of the index's model, by falling score.
   *
   * @param k greatest number of documents, at least 1
   */
  public List<ScoredDocument> rank(SparseVector query, int k) throws IOException {
    return named(search(query, k));
  }

  @Override
  ScoreDoc[] search(SparseVector query, int k) throws IOException {
    SparseQuery sparse = form.apply(new SparseQuery(IndexFields.SPARSE, query));
    return index.using(
        searcher ->
            searcher.search(sparse, Math.min(k, Math.max(1, searcher.getIndexReader().maxDoc())))
                .scoreDocs);
  }

  @Override
  List<Contribution> contributions(SparseVector query, String document) throws IOException {
    SparseVector asked = form.apply(new SparseQuery(IndexFields.SPARSE, query)).vector();
    return index.explain(asked, document).stream()
        .map(part -> new Contribution(describe(part.feature()), part.score()))
        .toList();
  }

  private String describe(String feature) {
    return encoder == null ? feature : encoder.describe(feature);
  }

  /** Title and text of a document, empty if there is none of that id. */
  String text(String id) throws IOException {
    return index.document(id).map(SparseDocument::encodedText).orElse("");
  }

  /** Number of documents in the index. */
  int documents() throws IOException {
    return index.using(searcher -> searcher.getIndexReader().numDocs());
  }

  /** The same index, searched by several signals together. Its closing leaves the index open. */
  HybridRanker fused(HybridSearch search) {
    return new HybridRanker(index, search);
  }

  /** What it takes to repeat the ranking. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("model", index.fingerprint().toString());
    settings.put("fingerprint", index.fingerprint().sha256());
    if (encoder != null) {
      encoder.environment().forEach((name, value) -> settings.put("encoder " + name, value));
    }
    return settings;
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
