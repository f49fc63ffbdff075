package io.m3lex.corpus;

import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads queries: BEIR's {@code queries.jsonl}, {@code id<TAB>text}, or TREC's topics, of which the
 * title is the query.
 */
public final class QueryFile {

  private static final Pattern TOPIC = Pattern.compile("(?i)<top(ic)?(\\s[^<>]*)?>");
  private static final Pattern TOPIC_END = Pattern.compile("(?i)</top(ic)?\\s*>");
  private static final Pattern NUMBER =
      Pattern.compile("(?is)<num>\\s*(?:Number:)?([^<]*)|<topic[^<>]*\\snumber=\"([^\"]*)\"");
  private static final Pattern TITLE =
      Pattern.compile("(?is)<(?:title|query)>\\s*(?:Topic:)?([^<]*)");

  private QueryFile() {}

  /**
   * A query.
   *
   * @param text what is asked; blank if the file has it so
   * @param line where it stands in its file, from 1
   */
  public record Query(String text, long line) {}

  /**
   * The queries of a file by id, in the order of the file.
   *
   * @throws IOException if the file cannot be read, or a line is no query; the message names the
   *     line
   */
  public static Map<String, Query> read(Path file) throws IOException {
    try (LineReader lines = LineReader.open(file)) {
      return read(lines);
    }
  }

  /** Like {@link #read(Path)}, from a stream. */
  public static Map<String, Query> read(InputStream stream, String source) throws IOException {
    try (LineReader lines = LineReader.open(stream, source)) {
      return read(lines);
    }
  }

  private static Map<String, Query> read(LineReader lines) throws IOException {
    Map<String, Query> queries = new LinkedHashMap<>();
    boolean topics = lines.firstInk() == '<';
    for (Line line = lines.next(); line != Line.END; line = lines.next()) {
      try {
        String text = text(line);
        if (topics && TOPIC.matcher(text).find()) {
          addTopic(queries, text, lines);
        } else if (!topics && !text.isBlank()) {
          addQuery(queries, text, lines.line());
        }
      } catch (BadRecordException e) {
        throw lines.error(e.getMessage());
      }
    }
    return Collections.unmodifiableMap(queries);
  }

  private static String text(Line line) throws BadRecordException {
    if (line.fault() != null) {
      throw new BadRecordException(line.fault());
    }
    return line.text();
  }

  private static void addTopic(Map<String, Query> queries, String begin, LineReader lines)
      throws IOException, BadRecordException {
    long first = lines.line();
    StringBuilder topic = new StringBuilder(begin);
    String last = begin;
    while (!TOPIC_END.matcher(last).find()) {
      Line line = lines.next();
      if (line == Line.END) {
        throw new BadRecordException("the file ends within the topic of line " + first);
      }
      last = text(line);
      topic.append('\n').append(last);
    }
    Matcher number = NUMBER.matcher(topic);
    Matcher title = TITLE.matcher(topic);
    if (!number.find()) {
      throw new BadRecordException("the topic of line %d has no <num>".formatted(first));
    }
    if (!title.find()) {
      throw new BadRecordException("the topic of line %d has no <title>".formatted(first));
    }
    String id = number.group(1) == null ? number.group(2) : number.group(1);
    add(queries, id.strip(), Markup.plain(title.group(1)).replaceAll("\\s+", " "), first);
  }

  private static void addQuery(Map<String, Query> queries, String line, long number)
      throws BadRecordException {
    if (line.startsWith("{")) {
      var object = JsonLines.object(line);
      String text =
          JsonLines.string(object, "text")
              .orElseThrow(() -> new BadRecordException("the query has no \"text\""));
      add(queries, JsonLines.id(object), text, number);
      return;
    }
    String[] columns = line.split("\t", -1);
    if (columns.length != 2) {
      throw new BadRecordException("%d columns instead of id<TAB>text".formatted(columns.length));
    }
    add(queries, columns[0].strip(), columns[1], number);
  }

  private static void add(Map<String, Query> queries, String id, String text, long line)
      throws BadRecordException {
    Query before = queries.putIfAbsent(JsonLines.requireId(id), new Query(text, line));
    if (before != null) {
      throw new BadRecordException(
          "query \"%s\" occurs twice, first on line %d".formatted(id, before.line()));
    }
  }
}
