/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LongTexts;
import io.m3lex.encoder.Precision;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What decides weights beside the model. An index remembers it, and search takes it from there. */
final class WeightOptions {

  @ArgGroup private Choice choice;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description =
          "Most tokens that the network reads at once, special ones included. Default: the model's own"
              + " maximum.")
  private int maxTokens;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      description =
          "fp32 or bf16, for PyTorch checkpoints; bf16 is faster and less exact. Default:"
              + " ${DEFAULT-VALUE}.")
  private Precision precision;

  /** Settings with these choices. */
  EncoderSettings applyTo(EncoderSettings settings) {
    if (maxTokens < 0) {
      throw new CommandException("--max-tokens must not be negative: " + maxTokens);
    }
    return settings
        .with(choice != null && choice.truncate ? LongTexts.TRUNCATE : LongTexts.WINDOW)
        .with(precision)
        .withMaxTokens(maxTokens);
  }

  private static final class Choice {
    @Option(
        names = "--window",
        description = "Read texts that are too long for the model through windows (default).")
    private boolean window;

    @Option(
        names = "--truncate",
        description = "Cut texts that are too long for the model, and count them.")
    private boolean truncate;
  }
}
