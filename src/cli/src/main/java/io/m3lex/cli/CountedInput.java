/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.corpus.CorpusReader;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * How many records an input has, and a hash by which it is known again wherever it lies.
 *
 * @param records those that are no documents included
 * @param sha256 of all that was read, unpacked: a file's own hash if its last line is ended
 */
record CountedInput(long records, String sha256) {

  /**
   * Reads an input to its end.
   *
   * @param progress gets the number of records read
   * @param stop whether to end before that; what comes out is of no use then
   */
  static CountedInput of(CorpusReader reader, LongConsumer progress, BooleanSupplier stop) {
    long records = 0;
    while (!stop.getAsBoolean() && reader.hasNext()) {
      reader.next();
      records++;
      progress.accept(records);
    }
    return new CountedInput(records, reader.sha256());
  }
}
