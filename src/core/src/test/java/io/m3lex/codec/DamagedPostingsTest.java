/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Damage behind a checksum that is right, as memory that fails while an index is written leaves:
 * what leads out of a term's postings is refused, and by no other exception than for a file that is
 * damaged. The damage is the same in every run, and so is how much of it is noticed.
 */
class DamagedPostingsTest {

  private static final int INPUTS = 400;

  @ParameterizedTest
  @CsvSource({"0, 179", "1, 183", "2, 398"})
  void whatLeadsAstrayIsRefused(int file, int refused) throws IOException {
    Random random = new Random(file);
    int count = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] edits = new byte[1 + BlockMaxFilesFuzz.EDIT_BYTES * (1 + random.nextInt(3))];
      random.nextBytes(edits);
      // A right checksum, and one of the three files.
      edits[0] = (byte) (129 + file);
      count += BlockMaxFilesFuzz.fuzzerTestOneInput(edits) ? 0 : 1;
    }
    assertEquals(refused, count);
  }
}
