/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.ModelMismatchException;
import io.m3lex.model.ModelVerificationException;
import java.io.IOException;
import java.util.List;

/** One way in which learned sparse search goes wrong without an error. */
sealed interface FailureMode {

  /** A title. */
  String name();

  /** What becomes of the weights or the ranking where nothing notices it, in a sentence or two. */
  String elsewhere();

  /**
   * Commits the failure and asserts what becomes of it.
   *
   * @return what the catalogue says of it
   */
  String prove(TestBench bench) throws Exception;

  /** One step of somebody who works with a model and an index. */
  @FunctionalInterface
  interface Step {
    void on(TestBench bench) throws Exception;
  }

  /**
   * A failure that a message catches.
   *
   * @param failure commits it
   * @param use what is done then: it works before the failure, and is refused after it
   * @param message a part of the message that names what is wrong
   */
  record Refused(String name, String elsewhere, Step failure, Step use, String message)
      implements FailureMode {

    @Override
    public String prove(TestBench bench) throws Exception {
      assertDoesNotThrow(() -> use.on(bench), () -> "refused before: " + name);
      failure.on(bench);
      Exception refusal = assertThrows(Exception.class, () -> use.on(bench), name);
      assertTrue(isMeantForPeople(refusal), () -> "no refusal, but a fault: " + refusal);
      assertTrue(
          refusal.getMessage().contains(message),
          () -> "\"" + message + "\" is not in the message: " + refusal.getMessage());
      return refusal.getMessage();
    }

    private static boolean isMeantForPeople(Exception e) {
      return e instanceof ModelVerificationException
          || e instanceof ModelMismatchException
          || e instanceof IOException
          || e instanceof TestBench.CommandRefusal
          || e.getClass() == IllegalArgumentException.class;
    }
  }

  /**
   * A failure that changes nothing here, or is counted where it must be.
   *
   * @param outcome what becomes of it instead
   * @param proof commits it, and asserts the outcome
   */
  record Handled(String name, String elsewhere, String outcome, Step proof) implements FailureMode {

    @Override
    public String prove(TestBench bench) throws Exception {
      proof.on(bench);
      return outcome;
    }
  }

  /**
   * A failure that nothing catches.
   *
   * @param reason why not, and what helps
   * @param proof commits it, and asserts that it goes through
   */
  record NotCaught(String name, String elsewhere, String reason, Step proof)
      implements FailureMode {

    @Override
    public String prove(TestBench bench) throws Exception {
      proof.on(bench);
      return reason;
    }
  }

  /**
   * Failures that belong together.
   *
   * @param title of their chapter
   */
  record Theme(String title, List<FailureMode> modes) {}
}
