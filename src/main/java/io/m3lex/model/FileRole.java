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
  CONFIG
}
