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
 */
public record TokenStates(int[] ids, boolean[] special, float[] states, int hidden) {

  /** The number of tokens. */
  public int tokens() {
    return ids.length;
  }
}
