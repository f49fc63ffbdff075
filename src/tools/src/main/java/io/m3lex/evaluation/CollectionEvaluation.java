/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.bm25.TextLanguage;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.QueryFile.Query;
import io.m3lex.corpus.VectorLines;
import io.m3lex.evaluation.Finding.Kind;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.IndexContents;
import io.m3lex.index.LanguageAnalyzers;
import io.m3lex.index.Signal;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.FSDirectory;

/**
 * Evaluates a test collection: encodes and indexes its documents, asks every system the judged
 * queries, and measures what they find. Queries are answered one at a time by one thread, so that
 * the times can be compared. Every judged query counts, also one that cannot be asked.
 */
public final class CollectionEvaluation {

  /** Queries that are asked once without being timed, so that the code is compiled by then. */
  private static final int WARM_UP = 200;

  /** Documents that are looked at to guess the language. */
  private static final int SAMPLED_DOCUMENTS = 100;

  private final EvaluationSettings settings;
  private final EvaluationListener listener;
  private final CollectionCheck check;
  private long faults;

  /** An evaluation with some settings. */
  public CollectionEvaluation(EvaluationSettings settings, EvaluationListener listener) {
    this.settings = settings;
    this.listener = listener;
    check = new CollectionCheck(listener);
  }

  /**
   * Evaluates a collection of texts.
   *
   * @param encoder stays open; a {@link CachedEncoder} encodes no text twice
   * @param scratch an empty folder for indexes, which stay there
   * @throws IOException if a file cannot be read or an index not be written
   * @throws CancellationException if the listener wanted it to end
   */
  public CollectionResult evaluate(TestCollection collection, SparseEncoder encoder, Path scratch)
      throws IOException {
    List<Run> runs = readRuns();
    check.queries(collection);
    Path folder = scratch.resolve("m3lex");
    String language = language(collection);
    IndexContents contents = contents(language);
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder, 0, contents);
        CorpusReader documents = collection.documents()) {
      Counter indexed = new Counter("Indexing " + collection.name(), "documents", -1);
      IndexRanker.index(
          documents,
          encoder,
          writer,
          settings.threads(),
          indexed::at,
          this::noDocument,
          listener::stopped);
      finish(writer, collection, indexed.done);
    }
    try (IndexRanker ranker = new IndexRanker(SparseIndex.open(folder, encoder), encoder)) {
      Map<String, HybridText> encoded = new LinkedHashMap<>();
      Map<String, Double> milliseconds = new HashMap<>();
      encodeQueries(collection, encoder, contents, encoded, milliseconds);
      return evaluate(collection, language, ranker, encoded, milliseconds, runs, scratch);
    }
  }

  /** What the fused searches need. */
  private IndexContents contents(String language) {
    Set<Signal> signals = new HashSet<>();
    settings.fused().forEach(search -> signals.addAll(search.weights().keySet()));
    return new IndexContents(
        signals.contains(Signal.DENSE),
        signals.contains(Signal.TOKENS),
        signals.contains(Signal.BM25) ? language : "");
  }

  /**
   * Evaluates a collection whose documents and queries are vectors already.
   *
   * @param collection of {@link TestCollection#ofVectors}
   * @param corpus the file of the documents' vectors
   * @param declared which model made the vectors, as the caller vouches for
   * @param scratch an empty folder for indexes, which stay there
   */
  public CollectionResult evaluateVectors(
      TestCollection collection, Path corpus, ModelFingerprint declared, Path scratch)
      throws IOException {
    List<Run> runs = readRuns();
    check.queries(collection);
    Path folder = scratch.resolve("m3lex");
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, declared);
        VectorLines.Reader reader = VectorLines.open(corpus)) {
      Counter indexed = new Counter("Indexing " + collection.name(), "documents", -1);
      while (reader.hasNext()) {
        stopIfAsked();
        put(reader.next(), writer, declared);
        indexed.at(indexed.done + 1);
      }
      finish(writer, collection, indexed.done);
    }
    try (IndexRanker ranker = new IndexRanker(SparseIndex.openForVectors(folder, declared), null)) {
      Map<String, HybridText> queries = new LinkedHashMap<>();
      collection
          .queryVectors()
          .forEach((id, vector) -> queries.put(id, HybridText.of(vector.from(declared))));
      return evaluate(collection, language(collection), ranker, queries, Map.of(), runs, scratch);
    }
  }

  private void put(VectorLines.Entry entry, SparseIndexWriter writer, ModelFingerprint declared)
      throws IOException {
    if (entry instanceof VectorLines.VectorFault fault) {
      noDocument(fault.fault());
    } else if (entry instanceof VectorLines.VectorDocument record) {
      CorpusEntry document =
          new CorpusEntry.Document(
              record.source(), record.line(), record.id(), "", record.contents());
      try {
        writer.put(
            SparseDocument.of(record.id(), record.contents()), record.vector().from(declared));
      } catch (IllegalArgumentException e) {
        noDocument(IndexRanker.fault(document, e));
      }
    }
  }

  /**
   * Measures runs by judgments alone.
   *
   * @param name what the result is called
   * @param topics text by query id; empty if they are not known
   */
  public CollectionResult evaluateRuns(String name, Qrels qrels, Map<String, Query> topics)
      throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    topics.forEach((id, query) -> texts.put(id, query.text()));
    Set<String> identical =
        settings.identicalIds() == IdenticalIds.LEAVE_OUT ? qrels.queries() : Set.of();
    return result(
        name,
        settings.language() == null ? TextLanguage.UNKNOWN : settings.language(),
        0,
        texts,
        qrels,
        measured(readRuns(), qrels, document -> true, identical, Set.of()),
        List.of());
  }

  private void noDocument(CorpusEntry.Fault fault) {
    faults++;
    check.find(Kind.NO_DOCUMENT, fault.place(), fault.reason());
  }

  private void finish(SparseIndexWriter writer, TestCollection collection, long records)
      throws IOException {
    stopIfAsked();
    writer.mergeToOneSegment();
    writer.commit();
    if (writer.documents() == 0) {
      throw new IOException("The corpus of collection " + collection.name() + " has no documents.");
    }
    if (writer.documents() + faults < records) {
      check.duplicates(collection);
    }
    faults = 0;
  }

  private void stopIfAsked() {
    if (listener.stopped()) {
      throw new CancellationException("interrupted");
    }
  }

  private void encodeQueries(
      TestCollection collection,
      SparseEncoder encoder,
      IndexContents contents,
      Map<String, HybridText> texts,
      Map<String, Double> milliseconds) {
    Map<String, String> queries = collection.judgedQueries();
    Counter encoded = new Counter("Encoding queries", "queries", queries.size());
    queries.forEach(
        (id, text) -> {
          stopIfAsked();
          CachedEncoder.TimedText timed = timed(encoder, contents, text);
          texts.put(id, timed.text());
          milliseconds.put(id, timed.nanos() / 1e6);
          encoded.at(encoded.done + 1);
        });
  }

  private static CachedEncoder.TimedText timed(
      SparseEncoder encoder, IndexContents contents, String query) {
    if (encoder instanceof CachedEncoder cached && !contents.tokenVectors()) {
      return cached.timed(query, TextRole.QUERY, contents.dense());
    }
    long start = System.nanoTime();
    HybridText text = contents.encode(List.of(query), encoder, TextRole.QUERY).getFirst();
    return new CachedEncoder.TimedText(text, System.nanoTime() - start);
  }

  private CollectionResult evaluate(
      TestCollection collection,
      String language,
      IndexRanker ranker,
      Map<String, HybridText> encoded,
      Map<String, Double> encoding,
      List<Run> runs,
      Path scratch)
      throws IOException {
    Predicate<String> inCollection = remembering(ranker);
    check.judgedDocuments(collection.qrels(), inCollection);
    Map<String, String> texts = collection.judgedQueries();
    Set<String> identical = identical(texts, ranker);
    if (!identical.isEmpty()) {
      listener.leftOut(identical.size());
    }
    Map<String, SparseVector> vectors = new LinkedHashMap<>();
    encoded.forEach((id, text) -> vectors.put(id, text.encoded().vector()));
    List<SystemResult> systems = new ArrayList<>();
    Bm25Ranker bm25 = null;
    try {
      if (settings.bm25() && texts.values().stream().anyMatch(text -> !text.isBlank())) {
        bm25 = bm25(collection, language, scratch.resolve("bm25"));
        systems.add(ask(bm25, texts, Map.of(), collection.qrels(), identical, bm25.settings()));
      }
      for (IndexRanker variant : variants(ranker)) {
        systems.add(
            ask(variant, vectors, encoding, collection.qrels(), identical, variant.settings()));
      }
      for (HybridSearch search : settings.fused()) {
        Map<String, HybridRanker.Asked> asked = new LinkedHashMap<>();
        encoded.forEach((id, text) -> asked.put(id, new HybridRanker.Asked(texts.get(id), text)));
        try (HybridRanker fused = ranker.fused(search)) {
          systems.add(ask(fused, asked, encoding, collection.qrels(), identical, fused.settings()));
        }
      }
      Set<String> names = new HashSet<>();
      systems.forEach(system -> names.add(system.run().name()));
      List<SystemResult> ofRuns =
          measured(runs, collection.qrels(), inCollection, identical, names);
      List<ExampleQuery> examples =
          new ExampleQueries(collection, systems.getFirst(), systems.get(bm25 == null ? 0 : 1))
              .of(settings, bm25, ranker, vectors);
      systems.addAll(ofRuns);
      return result(
          collection.name(),
          language,
          ranker.documents(),
          texts,
          collection.qrels(),
          systems,
          examples);
    } finally {
      if (bm25 != null) {
        bm25.close();
      }
    }
  }

  private List<IndexRanker> variants(IndexRanker exact) {
    List<IndexRanker> variants = new ArrayList<>(List.of(exact));
    settings.approximate().forEach(alpha -> variants.add(exact.approximate(alpha)));
    settings.pruned().forEach(beta -> variants.add(exact.pruned(beta)));
    return variants;
  }

  private Bm25Ranker bm25(TestCollection collection, String language, Path folder)
      throws IOException {
    Counter indexed = new Counter("Indexing for BM25", "documents", -1);
    try (CorpusReader documents = collection.documents()) {
      return new Bm25Ranker(
          new Watched(documents, indexed),
          LanguageAnalyzers.of(language),
          FSDirectory.open(folder));
    }
  }

  private String language(TestCollection collection) throws IOException {
    if (settings.language() != null) {
      return settings.language();
    }
    if (!collection.namedLanguage().equals(TextLanguage.UNKNOWN)) {
      return collection.namedLanguage();
    }
    List<String> texts = new ArrayList<>(collection.judgedQueries().values());
    try (CorpusReader documents = collection.documents()) {
      for (int i = 0; i < SAMPLED_DOCUMENTS && documents.hasNext(); i++) {
        if (documents.next() instanceof CorpusEntry.Document document) {
          texts.add(document.text());
        }
      }
    }
    return TextLanguage.of(texts);
  }

  /** The queries that are a document of the collection, which is left out of their ranking. */
  private Set<String> identical(Map<String, String> queries, IndexRanker ranker)
      throws IOException {
    Set<String> identical = new HashSet<>();
    for (Map.Entry<String, String> query : queries.entrySet()) {
      String id = query.getKey();
      if (settings.identicalIds() != IdenticalIds.KEEP
          && ranker.contains(id)
          && (settings.identicalIds() == IdenticalIds.LEAVE_OUT
              || ranker.isTextOf(id, query.getValue()))) {
        identical.add(id);
      }
    }
    return identical;
  }

  /** Asks a system all queries that can be asked, each timed for itself. */
  private <Q> SystemResult ask(
      LuceneRanker<Q> ranker,
      Map<String, Q> queries,
      Map<String, Double> encoding,
      Qrels qrels,
      Set<String> identical,
      Map<String, String> systemSettings)
      throws IOException {
    Map<String, List<ScoredDocument>> rankings = new LinkedHashMap<>();
    Map<String, Double> milliseconds = new HashMap<>();
    Counter answered = new Counter("Searching by " + ranker.name(), "queries", queries.size());
    int warm = 0;
    for (Q query : queries.values()) {
      if (warm++ < WARM_UP) {
        stopIfAsked();
        ranker.search(query, settings.depth());
      }
    }
    for (String id : qrels.queries()) {
      Q query = queries.get(id);
      if (query != null) {
        stopIfAsked();
        // One more in the place of the document that is left out.
        int depth = settings.depth() + (identical.contains(id) ? 1 : 0);
        long start = System.nanoTime();
        ScoreDoc[] found = ranker.search(query, depth);
        milliseconds.put(id, (System.nanoTime() - start) / 1e6 + encoding.getOrDefault(id, 0.0));
        List<ScoredDocument> ranking = ranker.named(found);
        if (identical.contains(id)) {
          ranking.removeIf(document -> document.id().equals(id));
          ranking = ranking.subList(0, Math.min(ranking.size(), settings.depth()));
        }
        rankings.put(id, ranking);
        answered.at(answered.done + 1);
      }
    }
    Run run = new Run(ranker.name(), rankings);
    return new SystemResult(
        run,
        values(run, qrels),
        qrels.queries().stream().map(id -> milliseconds.getOrDefault(id, 0.0)).toList(),
        systemSettings);
  }

  private Map<Measure, List<Double>> values(Run run, Qrels qrels) {
    Map<Measure, List<Double>> values = new LinkedHashMap<>();
    for (Measure measure : settings.measures()) {
      values.put(measure, List.copyOf(Evaluation.perQuery(run, qrels, measure).values()));
    }
    return values;
  }

  /** The files of runs; read before anything is encoded, so that a bad line costs no hours. */
  private List<Run> readRuns() throws IOException {
    List<Run> runs = new ArrayList<>();
    for (Path file : settings.runs()) {
      stopIfAsked();
      runs.add(Run.read(file));
    }
    return runs;
  }

  /** The runs as systems, each by a name that no other has. */
  private List<SystemResult> measured(
      List<Run> runs,
      Qrels qrels,
      Predicate<String> inCollection,
      Set<String> identical,
      Set<String> taken) {
    Set<String> names = new HashSet<>(taken);
    List<SystemResult> systems = new ArrayList<>();
    for (Run run : runs) {
      stopIfAsked();
      Path file = settings.runs().get(systems.size());
      check.run(run, qrels, inCollection);
      String name = run.name();
      if (name.isEmpty() || !names.add(name)) {
        name = file.getFileName().toString();
        for (int i = 2; !names.add(name); i++) {
          name = file.getFileName() + "-" + i;
        }
      }
      Run measured = run.with(name, identical);
      systems.add(
          new SystemResult(
              measured, values(measured, qrels), List.of(), Map.of("file", file.toString())));
    }
    return systems;
  }

  /** Whether a document is in the index; each is looked for once. */
  private static Predicate<String> remembering(IndexRanker ranker) {
    Set<String> known = new HashSet<>();
    return id -> {
      try {
        return known.contains(id) || ranker.contains(id) && known.add(id);
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    };
  }

  private CollectionResult result(
      String name,
      String language,
      int documents,
      Map<String, String> texts,
      Qrels qrels,
      List<SystemResult> systems,
      List<ExampleQuery> examples) {
    Map<String, String> notes = new LinkedHashMap<>(settings.notes());
    notes.put("depth", Integer.toString(settings.depth()));
    notes.put("identical ids", settings.identicalIds().toString());
    check.counts().forEach((what, count) -> notes.put("doubtful: " + what, count.toString()));
    return new CollectionResult(
        name,
        language,
        documents,
        List.copyOf(qrels.queries()),
        texts,
        qrels,
        settings.measures(),
        systems,
        examples,
        notes);
  }

  /** Tells the listener how far a part of the work is. */
  private final class Counter {
    private final String task;
    private final String unit;
    private final long total;
    private long done;

    Counter(String task, String unit, long total) {
      this.task = task;
      this.unit = unit;
      this.total = total;
    }

    void at(long now) {
      done = now;
      listener.progress(task, unit, now, total);
    }
  }

  /** Documents, counted as they are taken, that end when the listener wants it. */
  private final class Watched implements Iterator<CorpusEntry> {
    private final CorpusReader documents;
    private final Counter counter;

    Watched(CorpusReader documents, Counter counter) {
      this.documents = documents;
      this.counter = counter;
    }

    @Override
    public boolean hasNext() {
      stopIfAsked();
      return documents.hasNext();
    }

    @Override
    public CorpusEntry next() {
      counter.at(counter.done + 1);
      return documents.next();
    }
  }
}
