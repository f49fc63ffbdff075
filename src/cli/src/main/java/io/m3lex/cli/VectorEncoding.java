/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.corpus.VectorFormat;
import io.m3lex.corpus.VectorLines;
import io.m3lex.index.WitnessText;
import io.m3lex.util.Sha256;
import java.util.List;
import java.util.Map;

/**
 * How texts become lines of vectors.
 *
 * @param threads that encode
 * @param witnesses the weights of the witness texts on this machine: what was begun where they came
 *     out otherwise is not gone on with here
 */
record VectorEncoding(
    SparseEncoder encoder,
    TextRole role,
    VectorFormat format,
    int threads,
    List<WitnessText> witnesses) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Encodes the witness texts. */
  static VectorEncoding of(SparseEncoder encoder, TextRole role, VectorFormat format, int threads) {
    return new VectorEncoding(encoder, role, format, threads, WitnessText.of(encoder));
  }

  /** What the vectors of these records depend on, for {@link ResumableLines}. */
  Map<String, String> purpose(InputRange range) {
    return Map.of(
        "fingerprint", encoder.fingerprint().sha256(),
        "witnesses", witnessSha256(),
        "format", format.name(),
        "role", role.name(),
        "inputs", range.input(),
        "range", range.first() + "-" + range.end());
  }

  private String witnessSha256() {
    try {
      return Sha256.of(
          JSON.writeValueAsBytes(witnesses.stream().map(WitnessText.Stored::of).toList()));
    } catch (JsonProcessingException e) {
      throw new AssertionError("strings and numbers are always JSON", e);
    }
  }

  /** The line of a record that is a document. */
  static String line(VectorFormat format, EncodedRecord record) {
    return Json.escaped(
        VectorLines.write(
            format,
            record.document().id(),
            record.document().encodedText(),
            record.encoded().vector()));
  }
}
