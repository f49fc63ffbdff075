/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.StoredDocuments;
import io.m3lex.opensearch.ClusterAddress;
import io.m3lex.opensearch.ClusterCredentials;
import io.m3lex.opensearch.ClusterIndexWriter;
import io.m3lex.opensearch.ClusterSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex push}. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    description = {
      "Push documents with their weights into an index in a cluster of OpenSearch, or of"
          + " Elasticsearch from 7.12 on. The index is created with the model's fingerprint in its"
          + " mapping; \"m3lex search\" holds the model to it.",
      "What the cluster cannot take now is sent again. When the command is interrupted, run it"
          + " again and it goes on from where it was, by a note in the index's mapping. A document"
          + " replaces the one that has its id; what was deleted from an index since stays in the"
          + " cluster.",
      ClusterOptions.CREDENTIALS,
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex push idx --to http://localhost:9200/manuals            an index, with its weights",
      "  m3lex push corpus.jsonl --to http://localhost:9200/manuals   encoded on the way",
      "  m3lex push idx --to https://search.example:9200/manuals --shards 3 --replicas 2",
      "  m3lex search http://localhost:9200/manuals \"renew a lease\""
    })
final class PushCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Mixin private WeightOptions weightOptions;

  @Mixin private RecordOptions recordOptions;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR|INPUT",
      description =
          "An index of m3lex; or what \"m3lex index\" takes: BEIR JSONL (also .gz), a BEIR folder,"
              + " TSV, TREC documents, or a folder of any of these and of text files; - for standard"
              + " input.")
  private List<Path> inputs;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL",
      description = "The index in the cluster: http://host:9200/index, or https.")
  private String target;

  @Option(
      names = "--shards",
      paramLabel = "N",
      defaultValue = "1",
      description = "If the index is new: its primary shards. Default: ${DEFAULT-VALUE}.")
  private int shards;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      defaultValue = "1",
      description = "If the index is new: copies of each shard. Default: ${DEFAULT-VALUE}.")
  private int replicas;

  @Option(
      names = "--stock",
      description =
          "If the index is new: keep the weights in a field that every cluster has (rank_features),"
              + " though all of its data nodes have the plugin m3lex-opensearch.")
  private boolean stock;

  @Option(
      names = "--retry-for",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "How long to try again while the cluster takes nothing. Default: ${DEFAULT-VALUE}.")
  private int retrySeconds;

  @Option(names = "--json", description = "Print what was done as JSON.")
  private boolean json;

  @Option(
      names = "--restart",
      description = "Begin with the first document, though an earlier run got farther.")
  private boolean restart;

  @Override
  public Integer call() throws IOException {
    recordOptions.check();
    if (shards < 1 || replicas < 0 || retrySeconds < 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--shards must be at least 1, --replicas and --retry-for not negative.");
    }
    ClusterAddress address = ClusterOptions.address(spec, target);
    ClusterCredentials credentials = ClusterOptions.credentials();
    ClusterSettings settings =
        new ClusterSettings(shards, replicas, stock, Duration.ofSeconds(retrySeconds));
    // First, so that no signal ends the program while an engine is at work.
    try (Interruption interruption = new Interruption()) {
      ClusterPush push = new ClusterPush(spec, address, interruption, json, restart);
      if (StoredDocuments.isIndex(inputs.getFirst())) {
        if (inputs.size() > 1 || recordOptions.vectors()) {
          throw new ParameterException(
              spec.commandLine(), "An index is pushed alone, and with the weights that it has.");
        }
        try (StoredDocuments source = StoredDocuments.open(inputs.getFirst());
            ClusterIndexWriter writer =
                ClusterIndexWriter.open(address, credentials, settings, source)) {
          return push.index(writer, source);
        }
      }
      InputRun run = new InputRun(inputs, recordOptions.format(), OwnOutput.NONE);
      EncodingReport report = recordOptions.report();
      if (recordOptions.vectors()) {
        ModelFingerprint declared = recordOptions.declared();
        try (ClusterIndexWriter writer =
            ClusterIndexWriter.openForVectors(address, credentials, settings, declared)) {
          return push.vectors(writer, run, declared, report);
        }
      }
      try (LexicalEncoder encoder =
              encoderOptions.open(
                  weightOptions.applyTo(encoderOptions.settings()).withoutCloseOnExit());
          ClusterIndexWriter writer =
              ClusterIndexWriter.open(
                  address,
                  credentials,
                  settings,
                  encoder,
                  encoder.model().manifest().witnessTolerance())) {
        return push.texts(writer, run, encoder, encoderOptions.threads(), report);
      }
    }
  }
}
