package io.m3lex.corpus;

import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads queries: BEIR's {@code queries.jsonl}, or {@code id<TAB>text}. */
public final class QueryFile {

  private QueryFile() {}

  /**
   * The queries of a file, text by id, in the order of the file.
   *
   * @throws IOException if the file cannot be read, or a line is no query; the message names the
   *     line
   */
  public static Map<String, String> read(Path file) throws IOException {
    try (LineReader lines = LineReader.open(file)) {
      return read(lines);
    }
  }

  /** Like {@link #read(Path)}, from a stream. */
  public static Map<String, String> read(InputStream stream, String source) throws IOException {
    try (LineReader lines = LineReader.open(stream, source)) {
      return read(lines);
    }
  }

  private static Map<String, String> read(LineReader lines) throws IOException {
    Map<String, String> queries = new LinkedHashMap<>();
    for (Line line = lines.next(); line != Line.END; line = lines.next()) {
      try {
        if (line.fault() != null) {
          throw new BadRecordException(line.fault());
        }
        if (!line.text().isBlank()) {
          addQuery(queries, line.text());
        }
      } catch (BadRecordException e) {
        throw lines.error(e.getMessage());
      }
    }
    return Collections.unmodifiableMap(queries);
  }

  private static void addQuery(Map<String, String> queries, String line) throws BadRecordException {
    String id;
    String text;
    if (line.startsWith("{")) {
      var object = JsonLines.object(line);
      id = JsonLines.id(object);
      text =
          JsonLines.string(object, "text")
              .orElseThrow(() -> new BadRecordException("the query has no \"text\""));
    } else {
      String[] columns = line.split("\t", -1);
      if (columns.length != 2) {
        throw new BadRecordException("%d columns instead of id<TAB>text".formatted(columns.length));
      }
      id = JsonLines.requireId(columns[0].strip());
      text = columns[1];
    }
    if (queries.putIfAbsent(id, text) != null) {
      throw new BadRecordException("query \"" + id + "\" occurs twice");
    }
  }
}
