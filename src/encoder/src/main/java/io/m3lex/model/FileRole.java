/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

/** What a model needs a file for. */
public enum FileRole {
  /** The network, from token ids to one hidden state per token. */
  ENCODER,
  /** The tokenizer, from text to token ids. */
  TOKENIZER,
  /** The tensors of the lexical head, from hidden states to weights. */
  HEAD,
  /** Settings that the encoder or the tokenizer are made with. */
  CONFIG,
  /**
   * A head for another output of the model: of token vectors. No weight depends on it, but it
   * belongs to a whole download, and other implementations leave all heads at random without it.
   */
  OTHER_HEAD,
  /** A part of the model's distribution that m3lex does not use. It may be missing. */
  EXTRA;

  /** Whether a model may have any number of files of this role. */
  boolean isRepeatable() {
    return this == CONFIG || this == OTHER_HEAD || this == EXTRA;
  }
}
