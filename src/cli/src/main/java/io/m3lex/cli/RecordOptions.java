/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.corpus.CorpusFormat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What the records of the inputs are, and what happens to those that are none. */
final class RecordOptions {

  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--format",
      description =
          "jsonl, tsv, trec, or folder (of texts, one document each). Default: by the input's name,"
              + " else its content, in a folder file by file.")
  private CorpusFormat format;

  @Option(
      names = "--vectors",
      description =
          "The inputs hold vectors that were made elsewhere (Anserini JSONL or lexical_weights).")
  private boolean vectors;

  @Option(
      names = "--fingerprint",
      paramLabel = "NAME",
      description =
          "With --vectors: which model made them, in words that you will give again to search.")
  private String fingerprint;

  @Option(names = "--strict", description = "Stop at the first record that is no document.")
  private boolean strict;

  /** Refuses one of two options that go together. */
  void check() {
    if (vectors != (fingerprint != null)) {
      throw new ParameterException(
          command.commandLine(), "--vectors and --fingerprint go together.");
    }
  }

  /** The form of the inputs; null to tell it by each input. */
  CorpusFormat format() {
    return format;
  }

  /** Whether the inputs hold vectors rather than texts. */
  boolean vectors() {
    return vectors;
  }

  /** Of the model that made the vectors. */
  ModelFingerprint declared() {
    return ModelFingerprint.declared(fingerprint);
  }

  /** Counts the records, and stops at the first fault if that is wanted. */
  EncodingReport report() {
    return new EncodingReport(command.commandLine().getErr(), strict);
  }
}
