/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex join}. */
@Command(
    name = "join",
    mixinStandardHelpOptions = true,
    description = {
      "Make a file of vectors of the shards that \"m3lex encode --shard\" wrote.",
      "It is byte for byte the file that one run would have written. Every shard must be there, whole, and"
          + " of the same input and model, and its machine must have given the witness texts the same"
          + " weights as the others. Needs no model. Shards are left where they are.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex encode --input corpus.jsonl --to vectors.jsonl --shard 1/2",
      "  m3lex encode --input corpus.jsonl --to vectors.jsonl --shard 2/2",
      "  m3lex join vectors.jsonl"
    })
final class JoinCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "The file of vectors; its shards lie beside it, as FILE.1-of-N and so on.")
  private Path file;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Number of shards. Default: what their names say.")
  private Integer shards;

  @Option(
      names = "--witness-tolerance",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Greatest difference of a witness text's weight between two shards. With more than 0 the file"
              + " may differ from that of one run by as much. Default: ${DEFAULT-VALUE}.")
  private float witnessTolerance;

  @Option(names = "--json", description = "Print what was done as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (shards != null && (shards < 1 || shards > Shard.MOST)) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(Locale.ROOT, "--shards must be 1 to %d: %d", Shard.MOST, shards));
    }
    if (!(witnessTolerance >= 0 && witnessTolerance < 1e9)) {
      throw new ParameterException(
          spec.commandLine(), "--witness-tolerance must not be negative: " + witnessTolerance);
    }
    if (file.getFileName() == null) {
      throw new ParameterException(spec.commandLine(), file + " is no file's name.");
    }
    PrintWriter err = spec.commandLine().getErr();
    try (Interruption interruption = new Interruption()) {
      ShardSet set = ShardSet.open(file, shards);
      float drift = set.witnesses().require(witnessTolerance);
      tellEnvironments(set.witnesses(), drift, err);
      Optional<FileContent> content = set.join(interruption::requested);
      if (content.isEmpty()) {
        err.println("m3lex: interrupted; %s is as it was before.".formatted(file));
        err.flush();
        return Main.PROBLEM;
      }
      print(set, content.get(), drift);
      return content.get().lines() == 0 && set.faults() > 0 ? Main.PROBLEM : Main.GOOD;
    }
  }

  /** The fingerprint says nothing of machines, so that the user should know of several kinds. */
  private static void tellEnvironments(ShardWitnesses witnesses, float drift, PrintWriter err) {
    if (witnesses.environments().size() > 1) {
      err.println(
          drift == 0
              ? "m3lex: the shards were computed with different environments, which gave the witness texts the same weights:"
              : "m3lex: the shards were computed with different environments:");
      witnesses
          .environments()
          .forEach(
              (environment, numbers) ->
                  err.println("  %s: %s".formatted(ShardFaults.name(numbers), environment)));
    }
    if (drift > 0) {
      err.println(
          "m3lex: weights of the witness texts differ by up to %s between shards, which was accepted: one run may have given other weights."
              .formatted(drift));
    }
  }

  private void print(ShardSet set, FileContent content, float drift) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("file", file.toString());
      map.put("sha256", content.sha256());
      map.put("bytes", content.bytes());
      map.put("vectors", content.lines());
      map.put("faults", set.faults());
      map.put("shards", set.count());
      map.put("inputSha256", set.origin().input().sha256());
      map.put("model", set.origin().model());
      map.put("fingerprint", set.origin().fingerprint());
      map.put("witnessDrift", drift);
      List<Map<String, Object>> environments = new ArrayList<>();
      set.witnesses()
          .environments()
          .forEach(
              (environment, numbers) ->
                  environments.add(Map.of("shards", numbers, "environment", environment)));
      map.put("environments", environments);
      Json.print(out, map);
      return;
    }
    out.println(
        String.format(
            Locale.ROOT,
            "%s: %,d vectors, %,d bytes, from %d shard(s) by model %s",
            file,
            content.lines(),
            content.bytes(),
            set.count(),
            set.origin().modelName()));
    if (set.faults() > 0) {
      out.println(
          Plural.of(
              set.faults(),
              "record of the input is not a document and was skipped",
              "records of the input are not documents and were skipped"));
    }
    out.println("fingerprint: " + set.origin().fingerprint());
    out.println("SHA-256: " + content.sha256());
  }
}
