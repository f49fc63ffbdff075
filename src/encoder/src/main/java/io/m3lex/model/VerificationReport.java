/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.util.ArrayList;
import java.util.List;

/**
 * What the verification of a model found: all of it, not only the first fault.
 *
 * @param model name of the model, or of the manifest if that could not be read
 * @param location where the files were looked for
 * @param files one outcome per file of the manifest, in its order; empty if it could not be read
 * @param otherFaults faults that are not those of one file: of the manifest or of the computed
 *     weights
 */
public record VerificationReport(
    String model, String location, List<FileOutcome> files, List<Fault> otherFaults) {

  /** Copies the lists. */
  public VerificationReport {
    files = List.copyOf(files);
    otherFaults = List.copyOf(otherFaults);
  }

  /** Whether nothing is wrong. */
  public boolean passed() {
    return faults().isEmpty();
  }

  /** All faults, those of the files first. */
  public List<Fault> faults() {
    List<Fault> faults = new ArrayList<>();
    files.forEach(outcome -> faults.addAll(outcome.faults()));
    faults.addAll(otherFaults);
    return List.copyOf(faults);
  }

  /** This report with more faults, for instance those of {@link GoldenCheck}. */
  public VerificationReport withFaults(List<Fault> more) {
    List<Fault> all = new ArrayList<>(otherFaults);
    all.addAll(more);
    return new VerificationReport(model, location, files, all);
  }
}
