/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.TextRole;
import io.m3lex.checkpoint.BadDownload;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every fault says in which file, what is wrong, and what to do. */
class FaultTest {

  private static final List<Fault> FAULTS =
      List.of(
          new Fault.Missing("f", "/m", FileRole.HEAD),
          new Fault.Missing("f", "/m", FileRole.OTHER_HEAD),
          new Fault.Missing("f", "/m", FileRole.CONFIG),
          new Fault.Unreadable("f", "why"),
          new Fault.Changed("f", "f: changed while it was read"),
          new Fault.SecondFile("f", "g"),
          new Fault.Prefixed("f", "roberta."),
          new Fault.TokensWithoutRow("f", new TreeMap<>(Map.of(7, "pump")), 7),
          new Fault.NotAFile("f"),
          new Fault.OutsideFolder("f", "/elsewhere"),
          new Fault.NotDownloaded("f", BadDownload.WEB_PAGE),
          new Fault.WrongSize("f", 1_000, 999),
          new Fault.WrongSize("f", 1_000, 1_001),
          new Fault.WrongHash("f", "aa", "bb"),
          new Fault.ForeignFile("f", "aa", "the head of m"),
          new Fault.WrongFormat("f", "f, byte 7: no"),
          new Fault.MissingTensor("f", "t", "[1, 2]"),
          new Fault.UnexpectedTensor("f", "t", "[1, 2]"),
          new Fault.WrongShape("f", "t", "[1, 2]", "[2, 1]"),
          new Fault.WrongType("f", "t", "F32", "I64"),
          new Fault.NotFinite("f", "t", 1_234),
          new Fault.OutOfRange("f", "t", 3, -0.5, 0, 1),
          new Fault.Constant("f", "t", "[1, 2]"),
          new Fault.NoWeights("f"),
          new Fault.WrongManifest("f", "no", "do"),
          wrongWeight("text"));

  private static Fault wrongWeight(String text) {
    return new Fault.WrongWeight("f", text, TextRole.QUERY, "t", 0.5f, 0.25f, 0.001f);
  }

  @Test
  void everyKindNamesTheFileAndWhatIsThere() {
    assertEquals(
        Fault.class.getPermittedSubclasses().length,
        FAULTS.stream().map(Fault::getClass).distinct().count());
    for (Fault fault : FAULTS) {
      String message = fault.message();
      assertEquals("f", fault.file());
      assertTrue(message.startsWith("f: ") || message.startsWith("f, "), message);
      assertFalse(message.contains("%") || message.contains("null"), message);
    }
    assertContains("is not a file", new Fault.NotAFile("f"));
    assertContains("to /elsewhere", new Fault.OutsideFolder("f", "/elsewhere"));
    assertContains("cannot be read: why.", new Fault.Unreadable("f", "why"));
    assertContains("SHA-256 bb instead of aa", new Fault.WrongHash("f", "aa", "bb"));
    assertContains(
        "\"t\", element 3: -0.5 is not from 0.0 to 1.0",
        new Fault.OutOfRange("f", "t", 3, -0.5, 0, 1));
    assertContains("no matrix of weights", new Fault.NoWeights("f"));
  }

  @Test
  void sizesSayWhetherAFileIsCutOff() {
    assertContains("truncated: 999 bytes instead of 1,000", new Fault.WrongSize("f", 1_000, 999));
    assertContains("1,001 bytes instead of 1,000. It is", new Fault.WrongSize("f", 1_000, 1_001));
  }

  @Test
  void aLongGoldenTextIsCutShort() {
    assertContains("\"" + "x".repeat(60) + "\" (", wrongWeight("x".repeat(60)));
    assertContains("\"" + "x".repeat(60) + "…\" (", wrongWeight("x".repeat(61)));
    assertContains("weight 0.25 instead of 0.5, a difference of 0.250 where", wrongWeight("x"));
  }

  private static void assertContains(String expected, Fault fault) {
    assertTrue(fault.message().contains(expected), fault.message());
  }
}
