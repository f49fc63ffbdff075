package io.m3lex.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import io.m3lex.corpus.JsonLines.BadRecordException;
import io.m3lex.corpus.LineReader.Line;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The documents of an input, one at a time: memory does not grow with the input. A record that is
 * no document comes out as a {@link CorpusEntry.Fault} and is otherwise passed over; only an input
 * that cannot be read at all ends with an exception. Not safe for use by several threads.
 */
public final class CorpusReader implements Iterator<CorpusEntry>, Closeable {

  private static final Pattern PART = Pattern.compile("docs-([0-9]{1,9})\\.jsonl(\\.gz)?");

  private final String source;
  private final Records records;
  private CorpusEntry next;

  private CorpusReader(String source, Records records) {
    this.source = source;
    this.records = records;
  }

  /**
   * Opens a file or folder of the format that its name or its beginning tells. A folder that holds
   * {@code corpus.jsonl} or {@code corpus.jsonl.gz} stands for that file, and one of MIRACL's
   * corpora for its {@code docs-0.jsonl}, {@code docs-1.jsonl} and so on, packed or not. A folder
   * whose first file begins with {@code <DOC>} holds TREC's documents.
   *
   * @throws IOException if it does not exist or may not be read
   */
  public static CorpusReader open(Path input) throws IOException {
    for (String name : List.of("corpus.jsonl", "corpus.jsonl.gz")) {
      if (Files.isRegularFile(input.resolve(name))) {
        return open(input.resolve(name), CorpusFormat.JSONL);
      }
    }
    List<Path> parts = parts(input);
    if (!parts.isEmpty()) {
      return new CorpusReader(input.toString(), new PartRecords(parts, CorpusFormat.JSONL));
    }
    Optional<CorpusFormat> format =
        isFolderOfTrec(input) ? Optional.of(CorpusFormat.TREC) : CorpusFormat.byName(input);
    return format.isPresent()
        ? open(input, format.get())
        : open(LineReader.open(input), input.toString());
  }

  /**
   * Opens a file or folder of a known format.
   *
   * @throws IOException if it does not exist or may not be read
   */
  public static CorpusReader open(Path input, CorpusFormat format) throws IOException {
    if (format == CorpusFormat.FOLDER) {
      return new CorpusReader(input.toString(), new FolderRecords(input));
    }
    if (format == CorpusFormat.TREC && Files.isDirectory(input)) {
      return new CorpusReader(input.toString(), new PartRecords(files(input), format));
    }
    return new CorpusReader(input.toString(), records(LineReader.open(input), format));
  }

  private static Records records(LineReader lines, CorpusFormat format) {
    return format == CorpusFormat.TREC ? new TrecDocuments(lines) : new LineRecords(lines, format);
  }

  private static boolean isFolderOfTrec(Path folder) throws IOException {
    List<Path> files = Files.isDirectory(folder) ? files(folder) : List.of();
    if (files.isEmpty()) {
      return false;
    }
    try (LineReader lines = LineReader.open(files.getFirst())) {
      Line line = lines.next();
      while (line != Line.END && line.fault() == null && line.text().isBlank()) {
        line = lines.next();
      }
      return line.text() != null && TrecDocuments.begins(line.text().strip());
    } catch (IOException e) {
      // Unreadable, which is told when it is that file's turn.
      return false;
    }
  }

  /**
   * All files of a folder and the folders in it, in the order of their paths, without hidden ones.
   */
  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile)
          .filter(file -> !isHidden(folder.relativize(file)))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw new IOException(
          "The folder %s cannot be read: %s".formatted(folder, e.getCause().getMessage()), e);
    }
  }

  private static boolean isHidden(Path relative) {
    for (Path name : relative) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  /** The files of a corpus of MIRACL's, in the order of their numbers; none if it is none. */
  private static List<Path> parts(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> PART.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(CorpusReader::partNumber).thenComparing(file -> file))
          .toList();
    }
  }

  private static long partNumber(Path file) {
    Matcher name = PART.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : 0;
  }

  /**
   * Reads a stream of lines, packed by gzip or not: JSONL if it begins with a brace, TREC's
   * documents if it begins with {@code <}, else TSV.
   *
   * @param source its name in messages
   * @throws IOException if it cannot be read
   */
  public static CorpusReader open(InputStream stream, String source) throws IOException {
    return open(LineReader.open(stream, source), source);
  }

  /**
   * Reads the texts beside vectors, {@code contents} of Anserini's form; a record without them is a
   * document without text.
   *
   * @param input a file that {@link VectorLines} takes
   * @throws IOException if it does not exist or may not be read
   */
  public static CorpusReader openVectors(Path input) throws IOException {
    return new CorpusReader(input.toString(), new VectorRecords(LineReader.open(input), input));
  }

  private static CorpusReader open(LineReader lines, String source) throws IOException {
    CorpusFormat format =
        switch (lines.firstInk()) {
          case '{' -> CorpusFormat.JSONL;
          case '<' -> CorpusFormat.TREC;
          default -> CorpusFormat.TSV;
        };
    return new CorpusReader(source, records(lines, format));
  }

  /**
   * Passes over records of which a former run is known to have dealt with.
   *
   * @param count number of entries, faults included
   */
  public void skip(long count) {
    for (long i = 0; i < count && hasNext(); i++) {
      next();
    }
  }

  /**
   * A hash of everything read so far, and of nothing that {@link #hasNext()} looked ahead to: the
   * same after the same number of entries if the input is the same.
   */
  public String sha256() {
    if (next != null) {
      throw new IllegalStateException("ask for the hash before looking for the next entry");
    }
    return records.sha256();
  }

  /**
   * Whether there is another entry.
   *
   * @throws UncheckedIOException if the input cannot be read on
   */
  @Override
  public boolean hasNext() {
    if (next == null) {
      try {
        next = records.next(source);
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }
    return next != null;
  }

  @Override
  public CorpusEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException(source + " has ended");
    }
    CorpusEntry entry = next;
    next = null;
    return entry;
  }

  @Override
  public void close() throws IOException {
    records.close();
  }

  /** Where entries come from; null at the end. */
  interface Records extends Closeable {
    CorpusEntry next(String source) throws IOException;

    String sha256();
  }

  private record LineRecords(LineReader lines, CorpusFormat format) implements Records {
    @Override
    public CorpusEntry next(String source) throws IOException {
      while (true) {
        Line line = lines.next();
        if (line == Line.END) {
          return null;
        }
        if (line.fault() != null) {
          return new CorpusEntry.Fault(source, lines.line(), line.fault());
        }
        if (!line.text().isBlank()) {
          try {
            return format == CorpusFormat.TSV
                ? tsv(source, line.text())
                : json(source, line.text());
          } catch (BadRecordException e) {
            return new CorpusEntry.Fault(source, lines.line(), e.getMessage());
          }
        }
      }
    }

    private CorpusEntry json(String source, String line) throws BadRecordException {
      JsonNode object = JsonLines.object(line);
      String id = JsonLines.id(object);
      String title = JsonLines.string(object, "title").orElse("");
      String text =
          JsonLines.string(object, "text", "contents")
              .orElseThrow(
                  () -> new BadRecordException("the record has no \"text\" or \"contents\""));
      return new CorpusEntry.Document(source, lines.line(), id, title.strip(), text);
    }

    private CorpusEntry tsv(String source, String line) throws BadRecordException {
      String[] columns = line.split("\t", -1);
      if (columns.length < 2 || columns.length > 3) {
        throw new BadRecordException(
            "%d columns instead of id<TAB>text or id<TAB>title<TAB>text".formatted(columns.length));
      }
      return new CorpusEntry.Document(
          source,
          lines.line(),
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

  private static final class VectorRecords implements Records {
    private final LineReader lines;
    private final VectorLines.Reader vectors;

    VectorRecords(LineReader lines, Path input) {
      this.lines = lines;
      vectors = new VectorLines.Reader(lines, input.toString());
    }

    @Override
    public CorpusEntry next(String source) {
      if (!vectors.hasNext()) {
        return null;
      }
      VectorLines.Entry entry = vectors.next();
      if (entry instanceof VectorLines.VectorDocument document) {
        return new CorpusEntry.Document(
            source, document.line(), document.id(), "", document.contents());
      }
      return ((VectorLines.VectorFault) entry).fault();
    }

    @Override
    public String sha256() {
      return lines.sha256();
    }

    @Override
    public void close() throws IOException {
      vectors.close();
    }
  }

  /** Files of the same format, one after the other, as if they were one. */
  private static final class PartRecords implements Records {
    private final Iterator<Path> files;
    private final CorpusFormat format;
    private final RunningSha256 digest = new RunningSha256();
    private Path file;
    private Records current;

    PartRecords(List<Path> files, CorpusFormat format) {
      this.files = files.iterator();
      this.format = format;
    }

    @Override
    public CorpusEntry next(String source) throws IOException {
      while (true) {
        if (current != null) {
          CorpusEntry entry = current.next(file.toString());
          if (entry != null) {
            return entry;
          }
          byte[] whole = current.sha256().getBytes(StandardCharsets.UTF_8);
          digest.add(whole, 0, whole.length);
          current.close();
          current = null;
        }
        if (!files.hasNext()) {
          return null;
        }
        file = files.next();
        current = records(LineReader.open(file), format);
      }
    }

    @Override
    public String sha256() {
      return digest.hex() + (current == null ? "" : current.sha256());
    }

    @Override
    public void close() throws IOException {
      if (current != null) {
        current.close();
      }
    }
  }

  private static final class FolderRecords implements Records {
    private static final long GREATEST_SIZE = 64 << 20;

    private final Path folder;
    private final Iterator<Path> files;
    private final RunningSha256 digest = new RunningSha256();

    FolderRecords(Path folder) throws IOException {
      this.folder = folder;
      if (!Files.isDirectory(folder)) {
        throw new IOException("There is no folder " + folder + ".");
      }
      files = files(folder).iterator();
    }

    @Override
    public CorpusEntry next(String source) throws IOException {
      if (!files.hasNext()) {
        return null;
      }
      Path file = files.next();
      String id;
      try {
        id = FileNames.below(folder, file);
      } catch (IOException e) {
        return new CorpusEntry.Fault(file.toString(), 1, e.getMessage());
      }
      add(id.getBytes(StandardCharsets.UTF_8));
      try {
        if (Files.size(file) > GREATEST_SIZE) {
          return new CorpusEntry.Fault(file.toString(), 1, "the file has more than 64 MiB");
        }
        byte[] content = Files.readAllBytes(file);
        add(content);
        String text =
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        if (text.startsWith("\uFEFF")) {
          text = text.substring(1);
        }
        if (text.indexOf('\0') >= 0) {
          return new CorpusEntry.Fault(file.toString(), 1, "the file is no text: it has a NUL");
        }
        return new CorpusEntry.Document(file.toString(), 1, id, "", text);
      } catch (CharacterCodingException e) {
        return new CorpusEntry.Fault(file.toString(), 1, "the file is not valid UTF-8 text");
      } catch (IOException e) {
        return new CorpusEntry.Fault(file.toString(), 1, "the file cannot be read: " + e);
      }
    }

    private void add(byte[] bytes) {
      digest.add(bytes, 0, bytes.length);
      digest.endLine();
    }

    @Override
    public String sha256() {
      return digest.hex();
    }

    @Override
    public void close() {
      // Files are opened one by one.
    }
  }
}
