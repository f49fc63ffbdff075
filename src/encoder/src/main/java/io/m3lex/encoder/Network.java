/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import java.util.List;

/**
 * A transformer encoder: from token ids to the last hidden state of every token. Safe for use by
 * several threads; what it computes for a text depends on nothing but the text.
 */
public interface Network extends AutoCloseable {

  /** Number of values per token. */
  int hidden();

  /** Name and version of the engine, and how it runs the network. */
  String engine();

  /** Number of tokens at which a batch is large enough; 1 if batches save nothing. */
  int batchTokens();

  /**
   * Runs texts through the network.
   *
   * @param inputs token ids of each text, framed by the tokenizer's template; none empty
   * @return for each text its hidden states, {@code [tokens, hidden]}, row after row
   */
  List<float[]> run(List<long[]> inputs);

  @Override
  void close();
}
