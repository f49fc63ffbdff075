/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import io.m3lex.util.Excerpt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The documents of a TREC collection: {@code <DOC>} to {@code </DOC>}, wherever on a line they
 * stand. The text is what stands in the elements that Anserini takes, in their order, but for the
 * first of the titles, which is the title. A document that has none of {@code BODIES} is all text,
 * but for number and title.
 */
final class TrecDocuments implements CorpusReader.Records {

  private static final List<String> TITLES = List.of("TITLE", "HEADLINE", "HEAD", "TTL", "HL");
  private static final List<String> BODIES = List.of("TEXT", "LP", "LEADPARA");
  private static final List<String> DATES = List.of("DD", "DATE");

  private static final Pattern TAG = Pattern.compile("(?i)<(/?)DOC(?:\\s[^<>]*)?>");

  /** What may stand before the first document. */
  private static final Pattern PROLOGUE = Pattern.compile("\\A(?:\\s|<[?!][^>]*>)+");

  private final LineReader lines;
  private String text = "";
  private int at;

  TrecDocuments(LineReader lines) {
    this.lines = lines;
  }

  /** Whether a file that begins like this holds documents. */
  static boolean isBeginning(String beginning) {
    Matcher tag = TAG.matcher(PROLOGUE.matcher(beginning).replaceFirst(""));
    return tag.lookingAt() && tag.group(1).isEmpty();
  }

  @Override
  public CorpusEntry next(String source) throws IOException {
    while (true) {
      if (at == text.length()) {
        Line line = lines.next();
        if (line == Line.END) {
          return null;
        }
        if (line.fault() != null) {
          return new CorpusEntry.Fault(source, lines.line(), line.fault());
        }
        begin(line);
      }
      Matcher tag = TAG.matcher(text);
      boolean found = tag.find(at);
      String between = text.substring(at, found ? tag.start() : text.length()).strip();
      boolean begins = found && tag.group(1).isEmpty();
      at = begins ? tag.start() : found ? tag.end() : text.length();
      if (!between.isEmpty() && !between.startsWith("<?") && !between.startsWith("<!")) {
        return new CorpusEntry.Fault(
            source, lines.line(), "<DOC> is missing before: " + Excerpt.of(between));
      }
      if (found && !begins) {
        return new CorpusEntry.Fault(source, lines.line(), "<DOC> is missing before: </DOC>");
      }
      if (begins) {
        at = tag.end();
        return document(source);
      }
    }
  }

  private void begin(Line line) {
    text = line.text();
    at = 0;
  }

  private CorpusEntry document(String source) throws IOException {
    long first = lines.line();
    StringBuilder content = new StringBuilder();
    String fault = null;
    while (true) {
      Matcher tag = TAG.matcher(text);
      boolean found = tag.find(at);
      int to = found ? tag.start() : text.length();
      if (fault == null && content.length() + (to - at) > LineReader.GREATEST_LENGTH) {
        fault =
            String.format(
                Locale.ROOT, "the document has more than %d MiB", LineReader.GREATEST_LENGTH >> 20);
      }
      if (fault == null) {
        content.append(text, at, to);
      }
      at = to;
      if (found && tag.group(1).isEmpty()) {
        return new CorpusEntry.Fault(
            source,
            first,
            String.format(
                Locale.ROOT, "</DOC> is missing before the next <DOC>, on line %d", lines.line()));
      }
      if (found) {
        at = tag.end();
        return fault == null
            ? parsed(source, first, content.toString())
            : new CorpusEntry.Fault(source, first, fault);
      }
      content.append('\n');
      Line line = lines.next();
      if (line == Line.END) {
        return new CorpusEntry.Fault(source, first, "the file ends within the document: no </DOC>");
      }
      if (line.fault() != null) {
        fault =
            fault == null
                ? String.format(Locale.ROOT, "line %d: %s", lines.line(), line.fault())
                : fault;
        begin(new Line("", null));
      } else {
        begin(line);
      }
    }
  }

  private static CorpusEntry parsed(String source, long line, String content) {
    try {
      String id = Markup.element(content, "DOCNO");
      if (id == null) {
        throw new BadRecordException("the document has no <DOCNO>");
      }
      Markup.Element title = title(content);
      return new CorpusEntry.Document(
          source,
          line,
          JsonLines.requireId(Markup.plain(id)),
          title == null ? "" : Markup.plain(title.inner()),
          Markup.plain(text(content, title)));
    } catch (BadRecordException e) {
      return new CorpusEntry.Fault(source, line, e.getMessage());
    }
  }

  /** The first title that is not empty, in the order of their names; null if there is none. */
  private static Markup.Element title(String content) {
    for (String name : TITLES) {
      for (Markup.Element element : Markup.elements(content, name)) {
        if (!Markup.plain(element.inner()).isEmpty()) {
          return element;
        }
      }
    }
    return null;
  }

  private static String text(String content, Markup.Element title) {
    List<Markup.Element> elements = new ArrayList<>();
    BODIES.forEach(name -> elements.addAll(Markup.elements(content, name)));
    if (elements.isEmpty()) {
      String rest =
          title == null
              ? content
              : content.substring(0, title.start()) + content.substring(title.end());
      return Markup.without(rest, "DOCNO");
    }
    TITLES.forEach(name -> elements.addAll(Markup.elements(content, name)));
    DATES.forEach(name -> elements.addAll(Markup.elements(content, name)));
    elements.sort(
        Comparator.comparingInt(Markup.Element::start)
            .thenComparing(Markup.Element::end, Comparator.reverseOrder()));
    StringBuilder text = new StringBuilder();
    int end = 0;
    for (Markup.Element element : elements) {
      // What stands within another has been taken with it.
      if (element.start() >= end && !element.equals(title) && !element.inner().isBlank()) {
        text.append(text.isEmpty() ? "" : "\n").append(element.inner());
        end = element.end();
      }
    }
    return text.toString();
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
