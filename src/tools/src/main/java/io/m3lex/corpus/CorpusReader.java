/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The documents of an input, one at a time: memory does not grow with the input. A record that is
 * no document comes out as a {@link CorpusEntry.Fault} and is otherwise passed over; only an input
 * that cannot be read at all ends with an exception. Not safe for use by several threads.
 */
public final class CorpusReader implements Iterator<CorpusEntry>, Closeable {

  private final String source;
  private final Records records;
  private CorpusEntry next;

  private CorpusReader(String source, Records records) {
    this.source = source;
    this.records = records;
  }

  /**
   * Opens a file or folder of the format that its name or its content tells.
   *
   * <p>A folder that holds {@code corpus.jsonl} or {@code corpus.jsonl.gz} stands for that file,
   * and one of MIRACL's corpora for its {@code docs-0.jsonl}, {@code docs-1.jsonl} and so on. Of
   * any other folder all files are read, also those in folders below it and behind links, each for
   * itself: as records if it is named like JSON or TSV or holds TREC's documents or objects with an
   * id, else as one document whose id is its path in the folder. What is hidden is left out. {@link
   * #notes()} tells what was taken for what, and what was left out.
   *
   * @throws IOException if it does not exist or may not be read
   */
  public static CorpusReader open(Path input) throws IOException {
    return open(input, null, file -> false);
  }

  /**
   * Opens a file or folder of a known format.
   *
   * @param format of the file, or of every file of the folder
   * @throws IOException if it does not exist or may not be read
   */
  public static CorpusReader open(Path input, CorpusFormat format) throws IOException {
    return open(input, Objects.requireNonNull(format), file -> false);
  }

  /**
   * Opens a file or folder.
   *
   * @param format of the file, or of every file of the folder; null to tell it by each of them
   * @param output whether a file or folder in the folder is to be left out, because the caller
   *     writes it or uses it for something else
   * @throws IOException if it does not exist or may not be read
   */
  public static CorpusReader open(Path input, CorpusFormat format, Predicate<Path> output)
      throws IOException {
    if (Files.isDirectory(input)) {
      FolderFiles files =
          format == null || format == CorpusFormat.JSONL
              ? FolderFiles.ofCorpus(input, output)
              : FolderFiles.all(input, output);
      CorpusFormat each = files.isCorpus() ? CorpusFormat.JSONL : format;
      return new CorpusReader(input.toString(), new FolderRecords(input, files, each));
    }
    if (format == CorpusFormat.FOLDER) {
      throw new IOException("There is no folder " + input + ".");
    }
    CorpusFormat known = format == null ? CorpusFormat.byName(input).orElse(null) : format;
    return open(LineReader.open(input), input.toString(), known);
  }

  /**
   * Reads a stream, packed by gzip or not: JSON if it begins with a brace or a bracket, TREC's
   * documents if it begins with {@code <}, else TSV.
   *
   * @param source its name in messages
   * @throws IOException if it cannot be read
   */
  public static CorpusReader open(InputStream stream, String source) throws IOException {
    return open(LineReader.open(stream, source), source, null);
  }

  /**
   * Reads a stream of a known format, packed by gzip or not.
   *
   * @param source its name in messages
   * @param format any but {@link CorpusFormat#FOLDER}
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if the format is that of folders
   */
  public static CorpusReader open(InputStream stream, String source, CorpusFormat format)
      throws IOException {
    if (format == CorpusFormat.FOLDER) {
      throw new IllegalArgumentException("a stream is no folder: " + source);
    }
    return open(LineReader.open(stream, source), source, Objects.requireNonNull(format));
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

  private static CorpusReader open(LineReader lines, String source, CorpusFormat format) {
    CorpusFormat known = format;
    if (known == null) {
      known =
          switch (lines.firstInk()) {
            case '{', '[' -> CorpusFormat.JSONL;
            case '<' -> CorpusFormat.TREC;
            default -> CorpusFormat.TSV;
          };
    }
    return new CorpusReader(source, records(lines, known));
  }

  /** The records of a file. */
  static Records records(LineReader lines, CorpusFormat format) {
    return format == CorpusFormat.TREC ? new TrecDocuments(lines) : new LineRecords(lines, format);
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
   * What should be known about a folder that was read, a line each: which files were taken for
   * records, and what was left out and why. Whole when all has been read; empty for a file.
   */
  public List<String> notes() {
    return records.notes();
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

    default List<String> notes() {
      return List.of();
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
}
