/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.util.List;

/**
 * What the verification of one file found.
 *
 * @param file the file as the manifest states it
 * @param bytesFound its size, -1 if there is none
 * @param sha256Found its hash; null if it was not read whole
 * @param tensors number of tensors that were checked
 * @param parameters number of elements of these tensors
 * @param faults all that is wrong, empty if the file passed
 */
public record FileOutcome(
    ModelFile file,
    long bytesFound,
    String sha256Found,
    int tensors,
    long parameters,
    List<Fault> faults) {

  /** Copies the faults. */
  public FileOutcome {
    faults = List.copyOf(faults);
  }

  /** Whether nothing is wrong with the file. */
  public boolean passed() {
    return faults.isEmpty();
  }
}
