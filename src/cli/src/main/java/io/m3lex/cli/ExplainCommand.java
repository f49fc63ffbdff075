/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.index.SparseIndex;
import io.m3lex.search.TokenContribution;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = "Show what each token adds to a document's score.")
final class ExplainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Parameters(index = "0", paramLabel = "DIR", description = "The index.")
  private Path folder;

  @Parameters(index = "1", paramLabel = "QUERY", description = "The query.")
  private String query;

  @Parameters(index = "2", paramLabel = "ID", description = "The document.")
  private String id;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (SparseEncoder encoder = encoderOptions.open(SparseIndex.fingerprintOf(folder));
        SparseIndex index = SparseIndex.open(folder, encoder)) {
      if (index.document(id).isEmpty()) {
        throw new CommandException("Index %s has no document \"%s\".".formatted(folder, id));
      }
      SparseVector vector = encoder.encodeQuery(query);
      List<TokenContribution> contributions = index.explain(vector, id);
      double sum = contributions.stream().mapToDouble(TokenContribution::score).sum();
      if (json) {
        Json.print(out, Map.of("id", id, "score", (float) sum, "contributions", contributions));
        return Main.GOOD;
      }
      Table table = new Table("token", "feature", ">in the query", ">in the document", ">product");
      for (TokenContribution c : contributions) {
        table.add(
            encoder.describe(c.feature()),
            c.feature(),
            String.format(Locale.ROOT, "%.4f", c.queryWeight()),
            String.format(Locale.ROOT, "%.4f", c.documentWeight()),
            String.format(Locale.ROOT, "%.4f", c.score()));
      }
      table.add("score", "", "", "", String.format(Locale.ROOT, "%.4f", sum));
      table.print(out);
      List<String> missing =
          vector.entriesByWeight().stream()
              .map(SparseVector.Entry::feature)
              .filter(f -> contributions.stream().noneMatch(c -> c.feature().equals(f)))
              .map(encoder::describe)
              .toList();
      if (!missing.isEmpty()) {
        out.println("Not in the document: " + String.join(", ", missing));
      }
      return Main.GOOD;
    }
  }
}
