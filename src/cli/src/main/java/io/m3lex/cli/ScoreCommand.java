/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.HybridText;
import io.m3lex.PairScores;
import io.m3lex.TextRole;
import io.m3lex.encoder.LexicalEncoder;
import java.io.IOException;
import java.io.PrintWriter;
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

/** {@code m3lex score}. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description = {
      "Score a passage for a query by each of the model's outputs, and by their weighted means: the"
          + " five scores of FlagEmbedding's compute_score.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  m3lex score \"What is BGE M3?\" \"BGE M3 is an embedding model.\" --model bge-m3"
    })
final class ScoreCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Parameters(index = "0", paramLabel = "QUERY", description = "The query.")
  private String query;

  @Parameters(index = "1", paramLabel = "PASSAGE", description = "What may answer it.")
  private String passage;

  @Option(
      names = "--weights",
      paramLabel = "X",
      split = ",",
      description =
          "Weights of dense, sparse and token score in the means. Default: 1,1,1, as FlagEmbedding has"
              + " them.")
  private List<Double> weights = List.of(1.0, 1.0, 1.0);

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (weights.size() != 3 || weights.stream().anyMatch(weight -> !(weight > 0))) {
      throw new ParameterException(
          spec.commandLine(), "--weights takes three numbers above 0: " + weights);
    }
    PrintWriter out = spec.commandLine().getOut();
    try (LexicalEncoder encoder = encoderOptions.open(encoderOptions.settings())) {
      boolean tokens = encoder.hasTokenVectors();
      HybridText asked = encoder.encodeHybrid(List.of(query), TextRole.QUERY, tokens).getFirst();
      HybridText found =
          encoder.encodeHybrid(List.of(passage), TextRole.DOCUMENT, tokens).getFirst();
      Map<String, Double> scores = scores(PairScores.of(asked, found), tokens);
      if (json) {
        Map<String, Object> map = new LinkedHashMap<>(scores);
        map.put("fingerprint", encoder.fingerprint().sha256());
        Json.print(out, map);
        return Main.GOOD;
      }
      Table table = new Table("score", ">value");
      scores.forEach((name, value) -> table.add(name, String.format(Locale.ROOT, "%.4f", value)));
      table.print(out);
      if (!tokens) {
        out.println("Model %s has no token vectors.".formatted(encoder.fingerprint().model()));
      }
    }
    return Main.GOOD;
  }

  /** By the names that FlagEmbedding gives them. */
  private Map<String, Double> scores(PairScores pair, boolean tokens) {
    double dense = weights.get(0);
    double sparse = weights.get(1);
    Map<String, Double> scores = new LinkedHashMap<>();
    if (tokens) {
      scores.put("colbert", pair.tokens());
    }
    scores.put("sparse", pair.sparse());
    scores.put("dense", pair.dense());
    scores.put("sparse+dense", pair.sparseAndDense(sparse, dense));
    if (tokens) {
      scores.put("colbert+sparse+dense", pair.all(sparse, dense, weights.get(2)));
    }
    return scores;
  }
}
