package io.m3lex.encoder;

/**
 * What happens to a text that has more tokens than the model takes at once. The choice decides
 * weights, so it is part of the fingerprint.
 */
public enum LongTexts {
  /**
   * The text is read through overlapping windows of the model's maximum length; every token counts
   * once, as the window sees it in which it lies farthest from an edge. Nothing is lost.
   */
  WINDOW,
  /**
   * Only the beginning that fits is read; {@code EncodedText.droppedTokens} says how much was not.
   */
  TRUNCATE
}
