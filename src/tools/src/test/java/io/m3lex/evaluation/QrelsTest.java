/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QrelsTest {

  @Test
  void readsBeirAndTrec() throws IOException {
    Qrels beir = read("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n");
    assertEquals(Map.of("d1", 2, "d2", 0), beir.grades("q1"));
    assertEquals(Map.of("d1", 2, "d2", 0), read("q1 0 d1 2\nq1 0 d2 0\n").grades("q1"));
    assertEquals(Map.of(), beir.grades("unknown"));
  }

  @Test
  void beirIdsMayHoldSpacesAndAByteOrderMarkIsNoPartOfTheHeader() throws IOException {
    Qrels qrels = read("\uFEFFquery-id\tcorpus-id\tscore\r\nq 1\tnotes/my file.txt\t1\r\n");
    assertEquals(Map.of("notes/my file.txt", 1), qrels.grades("q 1"));
  }

  @Test
  void whatHoldsNoJudgmentIsRefused() {
    for (String text : new String[] {"", "\n \n", "query-id\tcorpus-id\tscore\n"}) {
      IOException e = assertThrows(IOException.class, () -> read(text));
      assertTrue(e.getMessage().startsWith("test holds no judgment"), e.getMessage());
    }
  }

  @Test
  void emptyIdsOfBeirAreRefused() {
    String header = "query-id\tcorpus-id\tscore\n";
    IOException e = assertThrows(IOException.class, () -> read(header + "q1\t \t1\n"));
    assertEquals("test:2: the id of the document is empty", e.getMessage());
    e = assertThrows(IOException.class, () -> read(header + "\td1\t1\n"));
    assertEquals("test:2: the id of the query is empty", e.getMessage());
  }

  @Test
  void invalidUtf8IsNamed() {
    byte[] bytes = "q1 0 d1 1\nq1 0 d? 1\n".getBytes(StandardCharsets.US_ASCII);
    bytes[16] = (byte) 0xFF;
    IOException e =
        assertThrows(IOException.class, () -> Qrels.read(new ByteArrayInputStream(bytes), "test"));
    assertEquals("test:2: the line is not valid UTF-8: see its byte 7", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "q1 d1,2 columns",
    "q1 0 d1 1 x,5 columns",
    "q1 0 d1 two,no whole number: two",
    "q1 0 d1 1.5,no whole number: 1.5",
    "q1 0 d1 99999999999,no whole number: 99999999999",
    "q1 0 d1 1,judged for query q1 before"
  })
  void badLinesAreNamed(String line, String reason) {
    IOException e = assertThrows(IOException.class, () -> read("q1 0 d1 1\n" + line + "\n"));
    assertTrue(e.getMessage().startsWith("test:2: "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private static Qrels read(String text) throws IOException {
    return Qrels.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "test");
  }
}
