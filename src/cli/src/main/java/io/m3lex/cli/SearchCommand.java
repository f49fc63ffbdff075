/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.corpus.VectorLines;
import io.m3lex.index.DocumentHit;
import io.m3lex.index.Hit;
import io.m3lex.index.HybridHit;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.Passage;
import io.m3lex.index.Signal;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.opensearch.ClusterAddress;
import io.m3lex.opensearch.ClusterCredentials;
import io.m3lex.opensearch.ClusterHit;
import io.m3lex.opensearch.ClusterIndex;
import io.m3lex.search.TokenContribution;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex search}. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = {
      "Search an index with the model that it was built with. Any other model is refused.",
      "For indexes in clusters: " + ClusterOptions.CREDENTIALS,
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex search idx \"how do I renew a lease\"",
      "  m3lex search idx \"a lease\" --fuse rrf          sparse, dense and BM25 together",
      "  m3lex search http://localhost:9200/manuals \"a lease\"",
      "  m3lex search idx --vector '{\"2054\": 0.3}' --fingerprint \"BAAI/bge-m3@5617a9f fp32\""
    })
final class SearchCommand implements Callable<Integer> {

  private static final int SHOWN_TOKENS = 6;
  private static final int SNIPPET_COLUMNS = 90;

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Parameters(
      index = "0",
      paramLabel = "DIR|URL",
      description = "The index: a folder, or http://host:9200/index in a cluster.")
  private String location;

  @Parameters(index = "1", arity = "0..1", paramLabel = "QUERY", description = "What to find.")
  private String query;

  @Option(
      names = "-k",
      defaultValue = "10",
      description = "Greatest number of hits. Default: ${DEFAULT-VALUE}.")
  private int k;

  @Option(
      names = "--vector",
      paramLabel = "JSON",
      description = "In the place of QUERY: {\"feature\": weight, …}.")
  private String vector;

  @Option(
      names = "--fingerprint",
      paramLabel = "NAME",
      description = "With --vector: the model that the vector comes from, as the index was told.")
  private String fingerprint;

  @Option(
      names = "--fuse",
      paramLabel = "METHOD[:SIGNALS]",
      description =
          "Rank by several signals that the index holds: rrf (reciprocal rank fusion), sum (of"
              + " weight times score) or normalized (sum of scores scaled to 0 to 1), of sparse,"
              + " bm25, dense and tokens, for instance normalized:sparse,dense=0.5. Default: all of"
              + " them.")
  private String fusion;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      description = "With --fuse: how many documents each signal finds. Default: 100, at least -k.")
  private Integer candidates;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if ((query == null) == (vector == null) || (vector == null) != (fingerprint == null)) {
      throw new ParameterException(
          spec.commandLine(), "Give either a QUERY, or --vector and --fingerprint.");
    }
    if (fusion != null && query == null) {
      throw new ParameterException(spec.commandLine(), "--fuse takes a QUERY.");
    }
    if (k < 1) {
      throw new ParameterException(spec.commandLine(), "-k must be at least 1: " + k);
    }
    if (ClusterOptions.isAddress(location)) {
      if (fusion != null) {
        throw new ParameterException(spec.commandLine(), "--fuse takes an index in a folder.");
      }
      return searchCluster(ClusterOptions.address(spec, location), ClusterOptions.credentials());
    }
    Path folder = Path.of(location);
    if (vector != null) {
      try (SparseIndex index =
          SparseIndex.openForVectors(folder, ModelFingerprint.declared(fingerprint))) {
        return search(index, parse(vector), null);
      }
    }
    try (SparseEncoder encoder = encoderOptions.open(SparseIndex.fingerprintOf(folder));
        SparseIndex index = SparseIndex.open(folder, encoder)) {
      return fusion != null ? fuse(index) : search(index, encoder.encodeQuery(query), encoder);
    }
  }

  private int searchCluster(ClusterAddress address, ClusterCredentials credentials)
      throws IOException {
    if (vector != null) {
      try (ClusterIndex index =
          ClusterIndex.openForVectors(
              address, credentials, ModelFingerprint.declared(fingerprint))) {
        return search(index, parse(vector), null);
      }
    }
    try (SparseEncoder encoder =
            encoderOptions.open(ClusterIndex.fingerprintOf(address, credentials));
        ClusterIndex index = ClusterIndex.open(address, credentials, encoder)) {
      return search(index, encoder.encodeQuery(query), encoder);
    }
  }

  private int search(ClusterIndex index, SparseVector vector, SparseEncoder encoder)
      throws IOException {
    List<ExplainedHit> hits = new ArrayList<>();
    for (ClusterHit hit : index.search(vector, k)) {
      hits.add(new ExplainedHit(hit.hit(), hit.contributions(vector)));
    }
    return print(index.fingerprint(), vector, encoder, hits);
  }

  private int fuse(SparseIndex index) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    int found = candidates == null ? Math.max(k, HybridSearch.CANDIDATES) : candidates;
    if (found < k) {
      throw new ParameterException(
          spec.commandLine(), "--candidates must be at least -k: " + found);
    }
    HybridSearch search;
    try {
      List<Signal> signals = index.contents().signals();
      search = HybridSearch.parse(fusion, signals, signals, found);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          "--fuse %s: %s. What an index holds is chosen when it is built: --dense, --bm25, --token-vectors."
              .formatted(fusion, e.getMessage()));
    }
    List<HybridHit> hits = index.search(query, search, k, null);
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("query", query);
      map.put("fingerprint", index.fingerprint().sha256());
      map.put("hits", hits.stream().map(SearchCommand::asMap).toList());
      Json.print(out, map);
      return Main.GOOD;
    }
    if (hits.isEmpty()) {
      out.println("Nothing was found.");
    }
    for (HybridHit hit : hits) {
      Hit whole = hit.hit();
      printDocument(out, whole.rank(), whole.score(), whole.id(), whole.title(), whole.text());
      List<String> scores = new ArrayList<>();
      hit.scores()
          .forEach(
              (signal, score) ->
                  scores.add(String.format(Locale.ROOT, "%s %.4f", signal.label(), score)));
      out.println("    " + String.join(" · ", scores));
    }
    return Main.GOOD;
  }

  private static Map<String, Object> asMap(HybridHit hit) {
    Hit found = hit.hit();
    Map<String, Object> item =
        asMap(found.rank(), found.id(), found.score(), found.title(), found.text());
    Map<String, Object> scores = new LinkedHashMap<>();
    hit.scores().forEach((signal, score) -> scores.put(signal.label(), score));
    item.put("scores", scores);
    return item;
  }

  private static Map<String, Object> asMap(
      int rank, String id, float score, String title, String text) {
    Map<String, Object> item = new LinkedHashMap<>();
    item.put("rank", rank);
    item.put("id", id);
    item.put("score", score);
    item.put("title", title);
    item.put("text", text);
    return item;
  }

  private SparseVector parse(String text) {
    try {
      return VectorLines.parse(text).from(ModelFingerprint.declared(fingerprint));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--vector must be a JSON object of weights: " + e.getMessage());
    }
  }

  private int search(SparseIndex index, SparseVector vector, SparseEncoder encoder)
      throws IOException {
    List<ExplainedHit> hits = new ArrayList<>();
    for (DocumentHit hit : index.searchDocuments(vector, k, null)) {
      hits.add(new ExplainedHit(hit, index.explain(vector, hit.id())));
    }
    return print(index.fingerprint(), vector, encoder, hits);
  }

  /** A hit, and what each feature adds to its score, the greatest first. */
  private record ExplainedHit(DocumentHit hit, List<TokenContribution> contributions) {}

  private int print(
      ModelFingerprint model, SparseVector vector, SparseEncoder encoder, List<ExplainedHit> hits) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Json.print(out, asMap(model, vector, hits));
      return Main.GOOD;
    }
    if (hits.isEmpty()) {
      out.println(
          vector.isEmpty()
              ? "The query has no features."
              : "No document shares a token with the query.");
    }
    for (ExplainedHit hit : hits) {
      print(out, hit.hit(), hit.contributions(), encoder);
    }
    return Main.GOOD;
  }

  /**
   * One hit: rank, score, id and place of the passage; its title and text; the tokens that made it
   * match.
   */
  static void print(
      PrintWriter out,
      DocumentHit hit,
      List<TokenContribution> contributions,
      SparseEncoder encoder) {
    Passage passage = hit.passage();
    String place =
        hit.whole() ? "" : String.format(Locale.ROOT, "  [%d-%d]", passage.start(), passage.end());
    printDocument(out, hit.rank(), hit.score(), hit.id() + place, hit.title(), passage.text());
    List<String> tokens = new ArrayList<>();
    for (TokenContribution contribution : contributions) {
      String name =
          encoder == null ? contribution.feature() : encoder.describe(contribution.feature());
      tokens.add(String.format(Locale.ROOT, "%s %.2f", name, contribution.score()));
    }
    String more =
        tokens.size() > SHOWN_TOKENS ? " · " + (tokens.size() - SHOWN_TOKENS) + " more" : "";
    out.println(
        "    "
            + String.join(" · ", tokens.subList(0, Math.min(SHOWN_TOKENS, tokens.size())))
            + more);
  }

  private static void printDocument(
      PrintWriter out, int rank, float score, String id, String title, String text) {
    out.println(String.format(Locale.ROOT, "%2d. %.4f  %s", rank, score, id));
    String shown =
        title.isBlank() || SparseDocument.repeatsTitle(title, text) ? text : title + ". " + text;
    out.println("    " + Table.shorten(shown, SNIPPET_COLUMNS));
  }

  private Map<String, Object> asMap(
      ModelFingerprint model, SparseVector vector, List<ExplainedHit> hits) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("query", query);
    map.put("fingerprint", model.sha256());
    map.put("vector", vector.toMap());
    List<Map<String, Object>> list = new ArrayList<>();
    for (ExplainedHit explained : hits) {
      DocumentHit hit = explained.hit();
      Map<String, Object> item =
          asMap(hit.rank(), hit.id(), hit.score(), hit.title(), hit.passage().text());
      if (!hit.whole()) {
        item.put("start", hit.passage().start());
        item.put("end", hit.passage().end());
      }
      item.put("contributions", explained.contributions());
      list.add(item);
    }
    map.put("hits", list);
    return map;
  }
}
