/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.index.SparseDocument;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be an id is the same wherever one comes in. */
class DocumentIdTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"1", "a b", " a", "Größe", "😀", "a/b%?#", "\u202Ea", "\uFFFD", "\u00A0a"})
  void textOnOneLineIsAnId(String id) {
    assertEquals(Optional.empty(), DocumentId.fault(id));
    assertEquals(id, SparseDocument.of(id, "text").id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "a\0b",
        "a\n",
        "\ta",
        "a\rb",
        "\u001B[31m",
        "a\u007F",
        "a\u0085",
        "a\u009B",
        "a\u2028b",
        "a\u2029",
        "\uD83D",
        "a\uDE00b"
      })
  void nothingElseIs(String id) throws IOException {
    String fault = DocumentId.fault(id).orElseThrow();
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> SparseDocument.of(id, "text"));
    assertEquals(fault, refused.getMessage());
    StringBuilder escaped = new StringBuilder();
    id.chars().forEach(c -> escaped.append("\\u%04x".formatted(c)));
    String line = "{\"_id\": \"" + escaped + "\", \"text\": \"a text\"}";
    try (CorpusReader reader =
        CorpusReader.open(
            new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)), "corpus")) {
      assertTrue(reader.next() instanceof CorpusEntry.Fault, line);
    }
  }

  @Test
  void theLengthIsBounded() {
    assertEquals(Optional.empty(), DocumentId.fault("ä".repeat(DocumentId.MOST_BYTES / 2)));
    assertTrue(
        DocumentId.fault("ä".repeat(DocumentId.MOST_BYTES / 2) + "a")
            .orElseThrow()
            .contains("32767 bytes"));
  }
}
