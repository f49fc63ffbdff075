/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A model is not whole, or not the model that it should be. The message lists the faults; {@link
 * #report()} has all of them.
 *
 * <p>Unchecked, as {@link io.m3lex.ModelMismatchException} is: the code that opens a model cannot
 * repair it, so the exception travels to where people or their logs are, without a clause on the
 * way. That a file cannot be read is a fault like the others, not an {@link java.io.IOException}.
 */
public final class ModelVerificationException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LISTED_FAULTS = 20;

  private final transient VerificationReport report;

  /**
   * Makes an exception that refuses a model.
   *
   * @throws IllegalArgumentException if the report has no fault
   */
  public ModelVerificationException(VerificationReport report) {
    super(message(report));
    this.report = report;
  }

  static ModelVerificationException ofManifest(String file, String problem, String remedy) {
    return new ModelVerificationException(
        new VerificationReport(
            file, file, List.of(), List.of(new Fault.WrongManifest(file, problem, remedy))));
  }

  /** What was found; null only if the exception was serialised in between. */
  public VerificationReport report() {
    return report;
  }

  private static String message(VerificationReport report) {
    List<Fault> faults = report.faults();
    if (faults.isEmpty()) {
      throw new IllegalArgumentException("a model without faults cannot be refused");
    }
    String listed =
        faults.stream()
            .limit(LISTED_FAULTS)
            .map(fault -> "\n  " + fault.message())
            .collect(Collectors.joining());
    int more = faults.size() - LISTED_FAULTS;
    String model =
        report.model().equals(report.location())
            ? report.model()
            : "model " + report.model() + " (" + report.location() + ")";
    return "%s is refused, %s:%s%s"
        .formatted(
            model,
            faults.size() == 1 ? "1 fault" : faults.size() + " faults",
            listed,
            more > 0 ? "\n  and " + more + " more" : "");
  }
}
