/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A refusal names the model once, lists twenty faults, and says how many there are. */
class ModelVerificationExceptionTest {

  @Test
  void aModelIsNamedWithItsPlace() {
    String message = new ModelVerificationException(report("m", "/models/m", 1)).getMessage();
    assertEquals("model m (/models/m) is refused, 1 fault:\n  " + fault(0).message(), message);
    String place = new ModelVerificationException(report("m.json", "m.json", 1)).getMessage();
    assertTrue(place.startsWith("m.json is refused, 1 fault:\n"), place);
  }

  @Test
  void twentyFaultsAreListedAndTheRestCounted() {
    VerificationReport twenty = report("m", "x", 20);
    ModelVerificationException all = new ModelVerificationException(twenty);
    assertEquals(twenty, all.report());
    assertEquals(21, all.getMessage().lines().count());
    assertTrue(all.getMessage().contains("is refused, 20 faults:"), all.getMessage());
    String more = new ModelVerificationException(report("m", "x", 22)).getMessage();
    assertTrue(more.contains("is refused, 22 faults:"), more);
    assertTrue(more.contains(fault(19).message()) && !more.contains(fault(20).message()), more);
    assertTrue(more.endsWith("\n  and 2 more"), more);
  }

  @Test
  void aModelWithoutFaultsIsNotRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new ModelVerificationException(report("m", "x", 0)));
  }

  private static VerificationReport report(String model, String location, int faults) {
    List<Fault> all = new ArrayList<>();
    for (int i = 0; i < faults; i++) {
      all.add(fault(i));
    }
    return new VerificationReport(model, location, List.of(), all);
  }

  private static Fault fault(int number) {
    return new Fault.MissingTensor("head", "tensor-" + number, "F32");
  }
}
