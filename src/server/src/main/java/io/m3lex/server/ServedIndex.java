/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.SparseEncoder;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.model.VerificationReport;
import java.util.Objects;

/**
 * What a server serves. All of it stays open when the server is closed.
 *
 * @param name what the page calls the index, for instance its folder
 * @param index is refreshed by the server
 * @param encoder the one that the index was opened with; null if it was opened for vectors
 * @param writer of the same index; null if the server does not write
 * @param report what the verification of the encoder's model found; null if there is none to show
 */
public record ServedIndex(
    String name,
    SparseIndex index,
    SparseEncoder encoder,
    SparseIndexWriter writer,
    VerificationReport report) {

  /** Checks the components. */
  public ServedIndex {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(index, "index");
  }

  /** How a feature reads, for people. */
  String describe(String feature) {
    return encoder == null ? feature : encoder.describe(feature);
  }
}
