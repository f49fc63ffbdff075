/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

/**
 * A stretch of a text's tokens and what the network made of them: the input of a lexical head.
 * Special tokens that the template adds are not among them; a special token that stands literally
 * in the text is, with {@code special} set.
 *
 * @param ids token ids, {@code [tokens]}
 * @param special whether the tokenizer calls the token special, {@code [tokens]}
 * @param states last hidden states, {@code [tokens, hidden]}, row after row
 * @param hidden number of values per token
 * @param text last hidden state of the first token of the network's input, which in the models that
 *     m3lex knows stands for all of it, {@code [hidden]}
 * @param end last hidden state of the last token of the network's input, {@code [hidden]}
 */
public record TokenStates(
    int[] ids, boolean[] special, float[] states, int hidden, float[] text, float[] end) {

  /** The number of tokens. */
  public int tokens() {
    return ids.length;
  }
}
