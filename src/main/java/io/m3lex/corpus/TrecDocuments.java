package io.m3lex.corpus;

import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.util.Locale;

/**
 * The documents of a TREC collection: {@code <DOC>} at the beginning of a line to {@code </DOC>} at
 * the end of one. The text is what stands in the elements {@code TEXT}, or, if there is none,
 * everything but number and title.
 */
final class TrecDocuments implements CorpusReader.Records {

  private static final String[] TITLES = {"TITLE", "HEADLINE", "HEAD", "TTL"};

  private final LineReader lines;

  TrecDocuments(LineReader lines) {
    this.lines = lines;
  }

  @Override
  public CorpusEntry next(String source) throws IOException {
    for (Line line = lines.next(); line != Line.END; line = lines.next()) {
      String text = line.fault() == null ? line.text().strip() : "";
      if (begins(text)) {
        return document(source, text.substring("<DOC>".length()));
      }
      if (line.fault() != null) {
        return new CorpusEntry.Fault(source, lines.line(), line.fault());
      }
      if (!text.isEmpty() && !text.startsWith("<?") && !text.startsWith("<!")) {
        return new CorpusEntry.Fault(
            source, lines.line(), "<DOC> is missing before: " + JsonLines.shortened(text));
      }
    }
    return null;
  }

  private CorpusEntry document(String source, String begin) throws IOException {
    long first = lines.line();
    StringBuilder content = new StringBuilder();
    String fault = null;
    for (Line line = new Line(begin, null); line != Line.END; line = lines.next()) {
      if (line.fault() != null) {
        fault = fault == null ? "line %d: %s".formatted(lines.line(), line.fault()) : fault;
        continue;
      }
      String text = line.text();
      if (text.stripTrailing().toUpperCase(Locale.ROOT).endsWith("</DOC>")) {
        content.append(text, 0, text.stripTrailing().length() - "</DOC>".length());
        return fault == null
            ? parsed(source, first, content.toString())
            : new CorpusEntry.Fault(source, first, fault);
      }
      if (fault == null && content.length() + text.length() > LineReader.GREATEST_LENGTH) {
        fault = "the document has more than %d MiB".formatted(LineReader.GREATEST_LENGTH >> 20);
      }
      if (fault == null) {
        content.append(text).append('\n');
      }
    }
    return new CorpusEntry.Fault(source, first, "the file ends within the document: no </DOC>");
  }

  private static CorpusEntry parsed(String source, long line, String content) {
    try {
      String id = Markup.element(content, "DOCNO");
      if (id == null) {
        throw new BadRecordException("the document has no <DOCNO>");
      }
      String title = "";
      for (String name : TITLES) {
        String found = Markup.element(content, name);
        if (found != null && title.isEmpty()) {
          title = Markup.plain(found);
        }
      }
      String text = Markup.elements(content, "TEXT");
      if (text.isEmpty() && Markup.element(content, "TEXT") == null) {
        text = content;
        for (String name : TITLES) {
          text = Markup.without(text, name);
        }
        text = Markup.without(text, "DOCNO");
      }
      return new CorpusEntry.Document(
          source, line, JsonLines.requireId(Markup.plain(id)), title, Markup.plain(text));
    } catch (BadRecordException e) {
      return new CorpusEntry.Fault(source, line, e.getMessage());
    }
  }

  /** Whether a line begins a document. */
  static boolean begins(String line) {
    return line.regionMatches(true, 0, "<DOC>", 0, "<DOC>".length());
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
