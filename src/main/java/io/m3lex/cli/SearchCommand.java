package io.m3lex.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.index.DocumentHit;
import io.m3lex.index.Passage;
import io.m3lex.index.SparseIndex;
import io.m3lex.search.TokenContribution;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex search idx \"how do I renew a lease\"",
      "  m3lex search idx --vector '{\"2054\": 0.3}' --fingerprint \"BAAI/bge-m3@5617a9f fp32\""
    })
final class SearchCommand implements Callable<Integer> {

  private static final int SHOWN_TOKENS = 6;
  private static final int SNIPPET_COLUMNS = 90;

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Parameters(index = "0", paramLabel = "DIR", description = "The index.")
  private Path folder;

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

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if ((query == null) == (vector == null) || (vector == null) != (fingerprint == null)) {
      throw new ParameterException(
          spec.commandLine(), "Give either a QUERY, or --vector and --fingerprint.");
    }
    if (k < 1) {
      throw new ParameterException(spec.commandLine(), "-k must be at least 1: " + k);
    }
    if (vector != null) {
      try (SparseIndex index =
          SparseIndex.openForVectors(folder, ModelFingerprint.declared(fingerprint))) {
        return search(index, parse(vector), null);
      }
    }
    try (SparseEncoder encoder = encoderOptions.open(SparseIndex.fingerprintOf(folder));
        SparseIndex index = SparseIndex.open(folder, encoder)) {
      return search(index, encoder.encodeQuery(query), encoder);
    }
  }

  private SparseVector parse(String text) {
    try {
      Map<String, Float> weights =
          new ObjectMapper().readValue(text, new TypeReference<Map<String, Float>>() {});
      return SparseVector.of(weights);
    } catch (JsonProcessingException | RuntimeException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--vector must be a JSON object of weights: "
              + e.getMessage().lines().findFirst().orElse(""));
    }
  }

  private int search(SparseIndex index, SparseVector vector, SparseEncoder encoder)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<DocumentHit> hits = index.searchDocuments(vector, k, null);
    if (json) {
      Json.print(out, asMap(index, vector, hits));
      return Main.GOOD;
    }
    if (hits.isEmpty()) {
      out.println(
          vector.isEmpty()
              ? "The query has no features."
              : "No document shares a token with the query.");
    }
    for (DocumentHit hit : hits) {
      print(out, index, vector, encoder, hit);
    }
    return Main.GOOD;
  }

  /**
   * One hit: rank, score, id and place of the passage; its title and text; the tokens that made it
   * match.
   */
  static void print(
      PrintWriter out,
      SparseIndex index,
      SparseVector vector,
      SparseEncoder encoder,
      DocumentHit hit)
      throws IOException {
    Passage passage = hit.passage();
    out.println(
        "%2d. %.4f  %s%s"
            .formatted(
                hit.rank(),
                hit.score(),
                hit.id(),
                hit.whole() ? "" : "  [%d-%d]".formatted(passage.start(), passage.end())));
    String shown =
        hit.title().isEmpty() || passage.text().startsWith(hit.title())
            ? passage.text()
            : hit.title() + ". " + passage.text();
    out.println("    " + Table.shorten(shown, SNIPPET_COLUMNS));
    List<String> tokens = new ArrayList<>();
    for (TokenContribution contribution : index.explain(vector, hit.id())) {
      String name =
          encoder == null ? contribution.feature() : encoder.describe(contribution.feature());
      tokens.add("%s %.2f".formatted(name, contribution.score()));
    }
    String more =
        tokens.size() > SHOWN_TOKENS ? " · " + (tokens.size() - SHOWN_TOKENS) + " more" : "";
    out.println(
        "    "
            + String.join(" · ", tokens.subList(0, Math.min(SHOWN_TOKENS, tokens.size())))
            + more);
  }

  private Map<String, Object> asMap(SparseIndex index, SparseVector vector, List<DocumentHit> hits)
      throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("query", query);
    map.put("fingerprint", index.fingerprint().sha256());
    map.put("vector", vector.toMap());
    List<Map<String, Object>> list = new ArrayList<>();
    for (DocumentHit hit : hits) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("rank", hit.rank());
      item.put("id", hit.id());
      item.put("score", hit.score());
      item.put("title", hit.title());
      item.put("text", hit.passage().text());
      if (!hit.whole()) {
        item.put("start", hit.passage().start());
        item.put("end", hit.passage().end());
      }
      item.put("contributions", index.explain(vector, hit.id()));
      list.add(item);
    }
    map.put("hits", list);
    return map;
  }
}
