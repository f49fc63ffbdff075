/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

/**
 * What one record of an input turned out to be: a document, or a fault that says why it is none.
 */
public sealed interface CorpusEntry {

  /** Name of the input as messages show it. */
  String source();

  /**
   * Line of the record in its input, from 1; 1 for a file that is one document, and 0 for one that
   * is not read.
   */
  long line();

  /**
   * A document.
   *
   * @param id never empty
   * @param title may be empty
   * @param text may be empty
   */
  record Document(String source, long line, String id, String title, String text)
      implements CorpusEntry {}

  /**
   * A record that is no document.
   *
   * @param reason what is wrong with it
   */
  record Fault(String source, long line, String reason) implements CorpusEntry {
    /** Where the fault is: the source, and the line if there is one. */
    public String place() {
      return line == 0 ? source : source + ":" + line;
    }

    @Override
    public String toString() {
      return place() + ": " + reason;
    }
  }
}
