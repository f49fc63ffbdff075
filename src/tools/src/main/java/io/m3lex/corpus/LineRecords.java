/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.util.Locale;

/** Documents that stand on a line each, as JSON or in columns; or as JSON of other line ends. */
final class LineRecords implements CorpusReader.Records {

  private static final String[] TEXTS = {"text", "contents"};

  private final LineReader lines;
  private final CorpusFormat format;

  /** Null where a record is a line. */
  private final JsonValues values;

  LineRecords(LineReader lines, CorpusFormat format) {
    this.lines = lines;
    this.format = format;
    values =
        format == CorpusFormat.JSONL && JsonValues.isBeginning(lines.firstLine())
            ? new JsonValues(lines)
            : null;
  }

  /** Whether a line that begins an input is a document in JSON. */
  static boolean isJsonDocument(String line) {
    try {
      JsonNode object = JsonLines.object(line);
      JsonLines.id(object);
      return JsonLines.string(object, TEXTS).isPresent();
    } catch (BadRecordException e) {
      return false;
    }
  }

  @Override
  public CorpusEntry next(String source) throws IOException {
    if (values != null) {
      JsonValues.Value value = values.next();
      return value == null
          ? null
          : entry(source, value.line(), new Line(value.text(), value.fault()));
    }
    Line line = lines.next();
    while (line != Line.END && line.fault() == null && line.text().isBlank()) {
      line = lines.next();
    }
    return line == Line.END ? null : entry(source, lines.line(), line);
  }

  private CorpusEntry entry(String source, long number, Line record) {
    if (record.fault() != null) {
      return new CorpusEntry.Fault(source, number, record.fault());
    }
    try {
      return format == CorpusFormat.TSV
          ? tsv(source, number, record.text())
          : json(source, number, record.text());
    } catch (BadRecordException e) {
      return new CorpusEntry.Fault(source, number, e.getMessage());
    }
  }

  private static CorpusEntry json(String source, long number, String record)
      throws BadRecordException {
    JsonNode object = JsonLines.object(record);
    String id = JsonLines.id(object);
    String title = JsonLines.string(object, "title").orElse("");
    String text =
        JsonLines.string(object, TEXTS)
            .orElseThrow(
                () -> new BadRecordException("the record has no \"text\" or \"contents\""));
    return new CorpusEntry.Document(source, number, id, title.strip(), text);
  }

  private static CorpusEntry tsv(String source, long number, String line)
      throws BadRecordException {
    String[] columns = line.split("\t", -1);
    if (columns.length < 2 || columns.length > 3) {
      throw new BadRecordException(
          String.format(
              Locale.ROOT,
              "%d columns instead of id<TAB>text or id<TAB>title<TAB>text",
              columns.length));
    }
    return new CorpusEntry.Document(
        source,
        number,
        JsonLines.requireId(columns[0].strip()),
        columns.length == 3 ? columns[1].strip() : "",
        columns[columns.length - 1]);
  }

  @Override
  public String sha256() {
    return lines.sha256();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
