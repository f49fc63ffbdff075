/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads queries: BEIR's {@code queries.jsonl}, {@code id<TAB>text}, or TREC's topics ({@code <top>}
 * or {@code <topic>}), of which the title is the query.
 */
public final class QueryFile {

  private static final Pattern TOPIC = tag("<", "top|topic");
  private static final Pattern TOPIC_END = tag("</", "top|topic");
  private static final Pattern NUMBER = tag("<", "num");
  private static final Pattern NUMBER_ATTRIBUTE =
      Pattern.compile("(?i)\\snumber\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)')");
  private static final Pattern NUMBER_LABEL = Pattern.compile("(?i)Number\\s*:");
  private static final Pattern TITLE = tag("<", "title|query");
  private static final Pattern TITLE_LABEL = Pattern.compile("(?i)Topic\\s*:");

  /** What may follow number and title where they have no end tags, as in TREC's own topics. */
  private static final Pattern NEXT_FIELD =
      Pattern.compile(
          "(?im)</?(?:num|dom|title|query|question|desc|description|smry|narr|narrative|con|fac|def|nat|time|docs|top|topic)(?:\\s[^<>]*)?>|^\\s*</?[a-z][^<>]*>");

  private static Pattern tag(String open, String names) {
    return Pattern.compile("(?i)%s(?:%s)(?:\\s[^<>]*)?>".formatted(open, names));
  }

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
    if (lines.firstInk() == '<') {
      addTopics(queries, lines);
      return Collections.unmodifiableMap(queries);
    }
    for (Line line = lines.next(); line != Line.END; line = lines.next()) {
      try {
        String text = text(line);
        if (!text.isBlank()) {
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

  /** Topics begin and end anywhere on a line; what stands between them is passed over. */
  private static void addTopics(Map<String, Query> queries, LineReader lines) throws IOException {
    String all = whole(lines);
    Matcher begin = TOPIC.matcher(all);
    Matcher end = TOPIC_END.matcher(all);
    long line = 1;
    int counted = 0;
    int from = 0;
    while (begin.find(from)) {
      line += newlines(all, counted, begin.start());
      counted = begin.start();
      try {
        if (!end.find(begin.end())) {
          throw new BadRecordException("the file ends within this topic: it has no </top>");
        }
        String topic = all.substring(begin.end(), end.start());
        if (TOPIC.matcher(topic).find()) {
          throw new BadRecordException("this topic has no </top> before the next one begins");
        }
        addTopic(queries, begin.group(), topic, line);
      } catch (BadRecordException e) {
        throw new IOException(
            String.format(Locale.ROOT, "%s:%d: %s", lines.source(), line, e.getMessage()));
      }
      from = end.end();
    }
    if (queries.isEmpty()) {
      throw new IOException(
          "%s holds no topic: there is no <top> or <topic>.".formatted(lines.source()));
    }
  }

  private static String whole(LineReader lines) throws IOException {
    StringBuilder all = new StringBuilder();
    for (Line line = lines.next(); line != Line.END; line = lines.next()) {
      try {
        all.append(text(line)).append('\n');
      } catch (BadRecordException e) {
        throw lines.error(e.getMessage());
      }
      if (all.length() > LineReader.GREATEST_LENGTH) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s has more than %d MiB of topics; split it into several files.",
                lines.source(),
                LineReader.GREATEST_LENGTH >> 20));
      }
    }
    return all.toString();
  }

  private static long newlines(String text, int from, int to) {
    return text.substring(from, to).chars().filter(c -> c == '\n').count();
  }

  private static void addTopic(Map<String, Query> queries, String begin, String topic, long first)
      throws BadRecordException {
    Matcher attribute = NUMBER_ATTRIBUTE.matcher(begin);
    String id = field(topic, NUMBER, NUMBER_LABEL);
    if (id == null && attribute.find()) {
      id = Markup.plain(attribute.group(1) == null ? attribute.group(2) : attribute.group(1));
    }
    if (id == null) {
      throw new BadRecordException("this topic has no <num> and no number=\"…\"");
    }
    String title = field(topic, TITLE, TITLE_LABEL);
    if (title == null && !NEXT_FIELD.matcher(topic).find()) {
      // Some tracks have no fields: the topic is the query.
      title = Markup.plain(topic);
    }
    if (title == null) {
      throw new BadRecordException("this topic has no <title> and no <query>");
    }
    add(queries, id.strip(), title.replaceAll("\\s+", " "), first);
  }

  /**
   * The text of a topic's field, up to its end tag or where the next field begins; a "&lt;" that
   * begins no tag is text.
   *
   * @param label what TREC writes before the text
   * @return null if there is no such field
   */
  private static String field(String topic, Pattern tag, Pattern label) {
    Matcher begin = tag.matcher(topic);
    if (!begin.find()) {
      return null;
    }
    Matcher next = NEXT_FIELD.matcher(topic);
    int end = next.find(begin.end()) ? next.start() : topic.length();
    String text = Markup.plain(topic.substring(begin.end(), end));
    Matcher labelled = label.matcher(text);
    return labelled.lookingAt() ? text.substring(labelled.end()).strip() : text;
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
      throw new BadRecordException(
          String.format(Locale.ROOT, "%d columns instead of id<TAB>text", columns.length));
    }
    add(queries, columns[0].strip(), columns[1], number);
  }

  private static void add(Map<String, Query> queries, String id, String text, long line)
      throws BadRecordException {
    Query before = queries.putIfAbsent(JsonLines.requireId(id), new Query(text, line));
    if (before != null) {
      throw new BadRecordException(
          String.format(
              Locale.ROOT, "query \"%s\" occurs twice, first on line %d", id, before.line()));
    }
  }
}
