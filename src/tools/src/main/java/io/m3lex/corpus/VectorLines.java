/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.SparseVector;
import io.m3lex.VectorBuilder;
import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import io.m3lex.util.Excerpt;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;

/** Reads and writes vectors, a JSON object a line, in the forms of {@link VectorFormat}. */
public final class VectorLines {

  private static final String DICTIONARY = "lexical_weights";

  private VectorLines() {}

  /**
   * The line of one vector, without a line end. Read again, every weight is the same bit for bit.
   *
   * @param contents the text, left out of {@link VectorFormat#FLAG_EMBEDDING}
   */
  public static String write(VectorFormat format, String id, String contents, SparseVector vector) {
    ObjectNode object = JsonLines.JSON.createObjectNode();
    object.put("id", id);
    if (format == VectorFormat.ANSERINI) {
      object.put("contents", contents);
    }
    ObjectNode weights = object.putObject(format == VectorFormat.ANSERINI ? "vector" : DICTIONARY);
    for (int i = 0; i < vector.size(); i++) {
      weights.put(vector.feature(i), vector.weight(i));
    }
    try {
      return JsonLines.JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new AssertionError("strings and numbers are always JSON", e);
    }
  }

  /**
   * Reads a vector that stands alone: a JSON object of features and their weights.
   *
   * @throws IllegalArgumentException if the text is anything else, or a feature or a weight is one
   *     that {@link VectorBuilder} refuses; the message says what is wrong, and where the JSON is
   *     broken
   */
  public static SparseVector parse(String json) {
    try {
      return vector(JsonLines.object(json));
    } catch (BadRecordException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static SparseVector vector(JsonNode weights) throws BadRecordException {
    VectorBuilder vector = new VectorBuilder();
    for (Map.Entry<String, JsonNode> entry : weights.properties()) {
      if (!entry.getValue().isNumber()) {
        throw new BadRecordException(
            "weight of feature \"%s\" is no number: %s"
                .formatted(entry.getKey(), Excerpt.of(entry.getValue().toString())));
      }
      try {
        vector.add(entry.getKey(), entry.getValue().decimalValue());
      } catch (IllegalArgumentException e) {
        throw new BadRecordException(e.getMessage());
      }
    }
    return vector.build();
  }

  /**
   * Opens a file of vectors in either format.
   *
   * @throws IOException if it does not exist or may not be read
   */
  public static Reader open(Path file) throws IOException {
    return new Reader(LineReader.open(file), file.toString());
  }

  /**
   * Reads vectors from a stream.
   *
   * @param source its name in messages
   */
  public static Reader open(InputStream stream, String source) throws IOException {
    return new Reader(LineReader.open(stream, source), source);
  }

  /** One record of a file of vectors. */
  public sealed interface Entry {}

  /**
   * A document with its vector.
   *
   * @param contents the text, empty if the record has none
   */
  public record VectorDocument(
      String source, long line, String id, String contents, SparseVector vector) implements Entry {}

  /** A record that is no vector. */
  public record VectorFault(CorpusEntry.Fault fault) implements Entry {}

  /** The records of a file, one at a time. Not safe for use by several threads. */
  public static final class Reader implements Iterator<Entry>, Closeable {

    private final LineReader lines;
    private final String source;
    private Entry next;

    Reader(LineReader lines, String source) {
      this.lines = lines;
      this.source = source;
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null) {
          Line line = lines.next();
          if (line == Line.END) {
            return false;
          }
          if (line.fault() != null) {
            next = fault(line.fault());
          } else if (!line.text().isBlank()) {
            next = entry(line.text());
          }
        }
        return true;
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }

    @Override
    public Entry next() {
      if (!hasNext()) {
        throw new NoSuchElementException(source + " has ended");
      }
      Entry entry = next;
      next = null;
      return entry;
    }

    private Entry entry(String line) {
      try {
        JsonNode object = JsonLines.object(line);
        if (isBare(object)) {
          String id = Long.toString(lines.line());
          return new VectorDocument(source, lines.line(), id, "", vector(object));
        }
        JsonNode weights = object.has("vector") ? object.get("vector") : object.get(DICTIONARY);
        if (weights == null || !weights.isObject()) {
          throw new BadRecordException("the record has no \"vector\" or \"lexical_weights\"");
        }
        if (object.has("vector") && object.has(DICTIONARY)) {
          throw new BadRecordException(
              "the record has both \"vector\" and \"lexical_weights\": leave one");
        }
        return new VectorDocument(
            source,
            lines.line(),
            JsonLines.id(object),
            JsonLines.string(object, "contents", "text").orElse(""),
            vector(weights));
      } catch (BadRecordException e) {
        return fault(e.getMessage());
      }
    }

    /** Whether an object is nothing but features and weights. */
    private static boolean isBare(JsonNode object) {
      if (JsonLines.hasId(object)) {
        return false;
      }
      for (JsonNode value : object) {
        if (value.isContainerNode()) {
          return false;
        }
      }
      return true;
    }

    private VectorFault fault(String reason) {
      return new VectorFault(new CorpusEntry.Fault(source, lines.line(), reason));
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
