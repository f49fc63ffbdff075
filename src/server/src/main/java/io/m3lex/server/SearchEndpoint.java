/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.m3lex.Cancellation;
import io.m3lex.FeatureSpan;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import io.m3lex.VectorBuilder;
import io.m3lex.index.DocumentHit;
import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseDocument;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.TokenContribution;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.lucene.search.Query;

/** {@code POST /search} and {@code POST /explain}. */
final class SearchEndpoint {

  private static final int DEFAULT_K = 10;

  /** About a page of text, and the hits of a page. */
  private static final int SMALL_BYTES = 2_048;

  private static final int SMALL_K = 100;

  /** Characters of a text in which matches are shown. */
  private static final int MARKED_CHARACTERS = 100_000;

  private static final float DEFAULT_ALPHA = 0.9f;
  private static final float DEFAULT_BETA = 0.8f;

  /** Far beyond any model's, and products of two stay within the range of float. */
  private static final BigDecimal GREATEST_WEIGHT = BigDecimal.valueOf(1_000_000);

  private final ServedIndex served;
  private final ServerSettings settings;
  private final Bm25View bm25;

  SearchEndpoint(ServedIndex served, ServerSettings settings, Bm25View bm25) {
    this.served = served;
    this.settings = settings;
    this.bm25 = bm25;
  }

  /** How the best documents are looked for. */
  private enum Mode {
    EXACT,
    APPROXIMATE,
    PRUNED
  }

  /** The body of a search; absent fields are null. */
  record SearchRequest(
      String query,
      Map<String, BigDecimal> vector,
      String fingerprint,
      Integer k,
      Map<String, JsonNode> filter,
      String mode,
      Float alpha,
      Float beta,
      Boolean explain,
      Boolean bm25) {

    boolean explained() {
      return Boolean.TRUE.equals(explain);
    }

    boolean withBm25() {
      return Boolean.TRUE.equals(bm25);
    }
  }

  /** The body of an explanation; absent fields are null. */
  record ExplainRequest(
      String query, Map<String, BigDecimal> vector, String fingerprint, String id) {}

  /** What a feature is worth in the query, and how it reads. */
  private record QueryWeight(String feature, String token, float weight) {}

  /** What a feature adds, and how it reads. */
  private record Contribution(
      String feature, String token, Float queryWeight, Float documentWeight, float score) {}

  /** Whether a request asks for so much that small ones must not wait for it. */
  static boolean isLarge(byte[] body) {
    if (body.length > SMALL_BYTES) {
      return true;
    }
    try {
      Integer k = Json.read(body, SearchRequest.class).k;
      return k != null && k > SMALL_K;
    } catch (RequestException e) {
      return false;
    }
  }

  Answer search(byte[] body) throws IOException {
    long start = System.nanoTime();
    SearchRequest request = Json.read(body, SearchRequest.class);
    int k = request.k == null ? DEFAULT_K : request.k;
    if (k < 1 || k > settings.limits().greatestK()) {
      throw new RequestException(
          400,
          String.format(
              Locale.ROOT,
              "Field \"k\" must be from 1 to %d, not %d.",
              settings.limits().greatestK(),
              k));
    }
    if (request.withBm25() && request.query == null) {
      throw new RequestException(400, "Field \"bm25\" needs a \"query\": BM25 reads text.");
    }
    SparseVector vector = vector(request.query, request.vector, request.fingerprint);
    SparseQuery sparse = sparseQuery(request, vector);
    Query filter = served.index().using(searcher -> Filters.parse(request.filter, searcher));
    List<Map<String, Object>> hits = new ArrayList<>();
    for (DocumentHit hit : served.index().searchDocuments(sparse, k, filter)) {
      Cancellation.check();
      hits.add(hit(hit, sparse.vector(), request.explained()));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("query", request.query);
    answer.put("fingerprint", served.index().fingerprint().sha256());
    answer.put("mode", mode(request).name().toLowerCase(Locale.ROOT));
    if (request.explained()) {
      answer.put("vector", weights(sparse.vector()));
    }
    answer.put("hits", hits);
    if (request.withBm25()) {
      answer.put("bm25", bm25(request, k, filter));
    }
    answer.put("millis", (System.nanoTime() - start) / 100_000 / 10.0);
    return Answer.json(answer);
  }

  private static Mode mode(SearchRequest request) {
    String name = request.mode == null ? "exact" : request.mode;
    for (Mode mode : Mode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(name)) {
        return mode;
      }
    }
    throw new RequestException(
        400, "Field \"mode\" must be exact, approximate or pruned, not \"%s\".".formatted(name));
  }

  private static SparseQuery sparseQuery(SearchRequest request, SparseVector vector) {
    Mode mode = mode(request);
    if (request.alpha != null && mode != Mode.APPROXIMATE) {
      throw new RequestException(400, "Field \"alpha\" goes with mode approximate only.");
    }
    if (request.beta != null && mode != Mode.PRUNED) {
      throw new RequestException(400, "Field \"beta\" goes with mode pruned only.");
    }
    try {
      SparseQuery query = new SparseQuery(IndexFields.SPARSE, vector);
      return switch (mode) {
        case EXACT -> query;
        case APPROXIMATE ->
            query.approximate(request.alpha == null ? DEFAULT_ALPHA : request.alpha);
        case PRUNED -> query.pruned(request.beta == null ? DEFAULT_BETA : request.beta);
      };
    } catch (IllegalArgumentException e) {
      throw new RequestException(400, e.getMessage() + ".");
    }
  }

  /** The query's vector, encoded or given. */
  private SparseVector vector(String query, Map<String, BigDecimal> vector, String fingerprint) {
    if ((query == null) == (vector == null)) {
      throw new RequestException(400, "Give either \"query\", or \"vector\" and \"fingerprint\".");
    }
    if (query != null) {
      if (fingerprint != null) {
        throw new RequestException(400, "Field \"fingerprint\" goes with \"vector\" only.");
      }
      if (query.length() > settings.limits().queryCharacters()) {
        throw new RequestException(
            413,
            String.format(
                Locale.ROOT,
                "Field \"query\" has %d characters, more than %d.",
                query.length(),
                settings.limits().queryCharacters()));
      }
      if (served.encoder() == null) {
        throw new RequestException(
            400,
            "This index holds vectors that were made elsewhere, and there is no model to encode a"
                + " \"query\"; give a \"vector\".");
      }
      return served.encoder().encodeQuery(query);
    }
    requireFingerprint(served, fingerprint);
    return sparse("vector", vector).from(served.index().fingerprint());
  }

  /** Refuses vectors whose sender does not vouch that they came from the index's model. */
  static void requireFingerprint(ServedIndex served, String fingerprint) {
    try {
      served
          .index()
          .fingerprint()
          .requireSha256(fingerprint, "The index was built with", "field \"fingerprint\"");
    } catch (ModelMismatchException e) {
      throw new RequestException(400, e.getMessage());
    }
  }

  /** Weights as a vector. */
  static SparseVector sparse(String field, Map<String, BigDecimal> weights) {
    VectorBuilder vector = new VectorBuilder();
    for (Map.Entry<String, BigDecimal> entry : weights.entrySet()) {
      BigDecimal weight = entry.getValue();
      if (weight == null || weight.compareTo(GREATEST_WEIGHT) > 0) {
        throw new RequestException(
            400,
            "Field \"%s.%s\" must be a number of at most %s, not %s."
                .formatted(field, entry.getKey(), GREATEST_WEIGHT, weight));
      }
      try {
        vector.add(entry.getKey(), weight);
      } catch (IllegalArgumentException e) {
        throw new RequestException(400, "Field \"%s\": %s.".formatted(field, e.getMessage()));
      }
    }
    return vector.build();
  }

  private Map<String, Object> hit(DocumentHit hit, SparseVector vector, boolean explain)
      throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rank", hit.rank());
    map.put("id", hit.id());
    map.put("score", hit.score());
    map.put("title", hit.title());
    map.put("text", hit.passage().text());
    if (!hit.whole()) {
      map.put("start", hit.passage().start());
      map.put("end", hit.passage().end());
    }
    if (explain) {
      List<TokenContribution> contributions = served.index().explain(vector, hit.id());
      map.put("contributions", named(contributions));
      map.put("titleMarks", marks(hit.title(), contributions));
      map.put("textMarks", marks(hit.passage().text(), contributions));
    }
    return map;
  }

  private List<QueryWeight> weights(SparseVector vector) {
    return vector.entriesByWeight().stream()
        .map(e -> new QueryWeight(e.feature(), served.describe(e.feature()), e.weight()))
        .toList();
  }

  private List<Contribution> named(List<TokenContribution> contributions) {
    return contributions.stream()
        .map(
            c ->
                new Contribution(
                    c.feature(),
                    served.describe(c.feature()),
                    c.queryWeight(),
                    c.documentWeight(),
                    c.score()))
        .toList();
  }

  private List<Mark> marks(String text, List<TokenContribution> contributions) {
    List<Mark> marks = new ArrayList<>();
    if (served.encoder() != null) {
      Map<String, Float> scores = new HashMap<>();
      contributions.forEach(c -> scores.put(c.feature(), c.score()));
      for (FeatureSpan span : served.encoder().spans(beginning(text))) {
        Float score = scores.get(span.feature());
        if (score != null) {
          marks.add(new Mark(span.start(), span.end(), span.feature(), score));
        }
      }
    }
    return marks;
  }

  private static String beginning(String text) {
    return text.length() > MARKED_CHARACTERS ? text.substring(0, MARKED_CHARACTERS) : text;
  }

  /** BM25's ranking beside it; it does not support filters. */
  private Map<String, Object> bm25(SearchRequest request, int k, Query filter) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    Bm25View.Found found =
        filter == null
            ? bm25.search(request.query, k, request.explained())
            : new Bm25View.Found("BM25 is not shown: it does not support filters.", List.of());
    map.put("absent", found.absent());
    List<Map<String, Object>> hits = new ArrayList<>();
    for (Bm25View.Ranked ranked : found.ranking()) {
      Cancellation.check();
      Optional<SparseDocument> document = served.index().document(ranked.id());
      if (document.isEmpty()) {
        continue; // Deleted since the server started.
      }
      Map<String, Object> hit = new LinkedHashMap<>();
      hit.put("rank", hits.size() + 1);
      hit.put("id", ranked.id());
      hit.put("score", ranked.score());
      hit.put("title", document.get().title());
      hit.put("text", document.get().text());
      if (request.explained()) {
        hit.put(
            "contributions",
            ranked.contributions().stream()
                .map(c -> new Contribution(c.term(), c.term(), null, null, (float) c.score()))
                .toList());
        hit.put("titleMarks", bm25.marks(document.get().title(), ranked.contributions()));
        hit.put("textMarks", bm25.marks(beginning(document.get().text()), ranked.contributions()));
      }
      hits.add(hit);
    }
    map.put("hits", hits);
    return map;
  }

  Answer explain(byte[] body) throws IOException {
    ExplainRequest request = Json.read(body, ExplainRequest.class);
    if (request.id == null) {
      throw new RequestException(400, "Field \"id\" is missing: name the document.");
    }
    SparseVector vector = vector(request.query, request.vector, request.fingerprint);
    SparseDocument document = DocumentsEndpoint.existing(served.index(), request.id);
    List<TokenContribution> contributions = served.index().explain(vector, request.id);
    Set<String> shared =
        Set.copyOf(contributions.stream().map(TokenContribution::feature).toList());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", request.id);
    answer.put("score", (float) contributions.stream().mapToDouble(TokenContribution::score).sum());
    answer.put("contributions", named(contributions));
    answer.put(
        "missing",
        weights(vector).stream().filter(weight -> !shared.contains(weight.feature())).toList());
    answer.put("titleMarks", marks(document.title(), contributions));
    answer.put("textMarks", marks(document.text(), contributions));
    return Answer.json(answer);
  }
}
