/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

/**
 * A document that was found, or in an index of passages a passage of one.
 *
 * @param rank from 1
 * @param id the document's id; passages of one document share it
 * @param score dot product of the query with the document's stored weights
 * @param title as it was indexed
 * @param text as it was indexed: the document's, or the passage's
 * @param passage where the text lies in the document's; null if the document was put as a whole
 */
public record Hit(int rank, String id, float score, String title, String text, Passage passage) {

  /**
   * Identifies what was found, whatever the query: the document's id, for a passage followed by
   * {@code #} and where it begins, such as {@code manual#112}. No two hits of an index share it.
   */
  public String key() {
    return passage == null ? id : id + "#" + passage.start();
  }
}
