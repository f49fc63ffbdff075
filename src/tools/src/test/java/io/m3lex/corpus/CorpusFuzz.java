/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Fuzzes what reads documents, queries and vectors: {@link CorpusReader}, {@link QueryFile} and
 * {@link VectorLines}. An input is a file, which each of them reads.
 */
public final class CorpusFuzz {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SOURCE = "x";

  private CorpusFuzz() {}

  /** Whether there is a record in an input; fails if one is neither read nor told as documented. */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    boolean documents = readDocuments(input);
    boolean queries = readQueries(input);
    return readVectors(input) || documents || queries;
  }

  private static boolean readDocuments(byte[] input) throws IOException {
    List<CorpusEntry.Document> documents = new ArrayList<>();
    try (CorpusReader reader = CorpusReader.open(new ByteArrayInputStream(input), SOURCE)) {
      while (reader.hasNext()) {
        if (reader.next() instanceof CorpusEntry.Document document) {
          documents.add(document);
        }
      }
    } catch (UncheckedIOException e) {
      requireMessage(e.getCause());
      return !documents.isEmpty();
    } catch (IOException e) {
      requireMessage(e);
      return false;
    }
    for (CorpusEntry.Document document : documents) {
      requireSame(document);
    }
    return !documents.isEmpty();
  }

  /** A document can be written as BEIR has it, and is the same when it is read again. */
  private static void requireSame(CorpusEntry.Document document) throws IOException {
    byte[] line =
        JSON.writeValueAsBytes(
            Map.of("_id", document.id(), "title", document.title(), "text", document.text()));
    try (CorpusReader again = CorpusReader.open(new ByteArrayInputStream(line), SOURCE)) {
      CorpusEntry.Document expected =
          new CorpusEntry.Document(SOURCE, 1, document.id(), document.title(), document.text());
      require(again.next().equals(expected) && !again.hasNext(), document);
    }
  }

  private static boolean readQueries(byte[] input) {
    try {
      Map<String, QueryFile.Query> queries =
          QueryFile.read(new ByteArrayInputStream(input), SOURCE);
      queries.forEach((id, query) -> require(!id.isBlank() && query.line() > 0, query));
      return !queries.isEmpty();
    } catch (IOException e) {
      requireMessage(e);
      return false;
    }
  }

  private static boolean readVectors(byte[] input) throws IOException {
    boolean any = false;
    try (VectorLines.Reader reader = VectorLines.open(new ByteArrayInputStream(input), SOURCE)) {
      while (reader.hasNext()) {
        if (reader.next() instanceof VectorLines.VectorDocument document) {
          any = true;
          requireSame(document);
        }
      }
    } catch (UncheckedIOException e) {
      requireMessage(e.getCause());
    } catch (IOException e) {
      requireMessage(e);
    }
    return any;
  }

  /** A vector can be written, and every weight is the same when it is read again. */
  private static void requireSame(VectorLines.VectorDocument document) throws IOException {
    for (int i = 0; i < document.vector().size(); i++) {
      float weight = document.vector().weight(i);
      require(weight > 0 && weight < Float.POSITIVE_INFINITY, document);
    }
    for (VectorFormat format : VectorFormat.values()) {
      byte[] line =
          VectorLines.write(format, document.id(), document.contents(), document.vector())
              .getBytes(StandardCharsets.UTF_8);
      try (VectorLines.Reader again = VectorLines.open(new ByteArrayInputStream(line), SOURCE)) {
        require(
            again.next() instanceof VectorLines.VectorDocument same
                && same.id().equals(document.id())
                && same.vector().equals(document.vector()),
            document);
      }
    }
  }

  private static void requireMessage(IOException e) {
    require(e.getMessage() != null && e.getMessage().startsWith(SOURCE), e);
  }

  private static void require(boolean condition, Object what) {
    if (!condition) {
      throw new AssertionError("wrong: " + what);
    }
  }
}
