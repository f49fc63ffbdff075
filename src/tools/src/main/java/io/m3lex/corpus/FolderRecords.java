/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import io.m3lex.corpus.FolderFiles.Found;
import io.m3lex.util.FileNames;
import io.m3lex.util.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The documents in the files of a folder, one file after the other. */
final class FolderRecords implements CorpusReader.Records {

  /** How many files a note names. */
  private static final int NAMED = 3;

  private final Path folder;
  private final FolderFiles files;
  private final CorpusFormat format;
  private final Iterator<Found> left;
  private final MessageDigest digest = Sha256.digest();
  private final Map<CorpusFormat, Names> taken = new EnumMap<>(CorpusFormat.class);
  private Path file;
  private CorpusReader.Records current;

  /** Of what has been read if the folder stands for one file: the file's own hash. */
  private String ofOnlyFile = Sha256.of("");

  /**
   * Reads nothing yet.
   *
   * @param format of all files, {@link CorpusFormat#FOLDER} for one document a file; null to tell
   *     it by each
   */
  FolderRecords(Path folder, FolderFiles files, CorpusFormat format) {
    this.folder = folder;
    this.files = files;
    this.format = format;
    left = files.found().iterator();
  }

  @Override
  public CorpusEntry next(String source) throws IOException {
    while (true) {
      if (current != null) {
        CorpusEntry entry = current.next(file.toString());
        if (entry != null) {
          return entry;
        }
        ofOnlyFile = current.sha256();
        add(ofOnlyFile.getBytes(StandardCharsets.UTF_8));
        current.close();
        current = null;
      }
      if (!left.hasNext()) {
        return null;
      }
      Found found = left.next();
      file = found.path();
      String id;
      try {
        id = FileNames.below(folder, file);
      } catch (IOException e) {
        return fault(e.getMessage());
      }
      add(id.getBytes(StandardCharsets.UTF_8));
      CorpusEntry whole = found.fault() == null ? begin(id) : fault(found.fault());
      if (whole != null) {
        return whole;
      }
    }
  }

  /** Begins the records of a file; or the document that the file is, or why it is none. */
  private CorpusEntry begin(String id) throws IOException {
    LineReader lines;
    try {
      lines = LineReader.open(file);
    } catch (IOException e) {
      if (format != null && format != CorpusFormat.FOLDER || namedFormat() != null) {
        throw e;
      }
      return fault(e.getMessage());
    }
    CorpusFormat found = format == null ? format(lines) : format;
    taken.computeIfAbsent(found, key -> new Names()).add(id);
    if (found == CorpusFormat.FOLDER) {
      try (lines) {
        return document(id, lines);
      }
    }
    current = CorpusReader.records(lines, found);
    return null;
  }

  private CorpusFormat format(LineReader lines) {
    CorpusFormat named = namedFormat();
    if (named != null) {
      return named;
    }
    String beginning = lines.beginning();
    if (TrecDocuments.isBeginning(beginning)) {
      return CorpusFormat.TREC;
    }
    return beginning.startsWith("{") && LineRecords.isJsonDocument(lines.firstLine())
        ? CorpusFormat.JSONL
        : CorpusFormat.FOLDER;
  }

  /** JSON and TSV are told by name. Other texts may be called .txt or .sgml, too; null for them. */
  private CorpusFormat namedFormat() {
    return CorpusFormat.byName(file)
        .filter(named -> named == CorpusFormat.JSONL || isTsv())
        .orElse(null);
  }

  private boolean isTsv() {
    return file.getFileName().toString().matches("(?i).*\\.tsv(\\.gz)?");
  }

  private CorpusEntry document(String id, LineReader lines) {
    try {
      byte[] content = lines.rest();
      if (content == null) {
        return fault("the file has more than 64 MiB");
      }
      add(content);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      if (text.startsWith("\uFEFF")) {
        text = text.substring(1);
      }
      if (text.indexOf('\0') >= 0) {
        return fault("the file is no text: it has a NUL");
      }
      return new CorpusEntry.Document(file.toString(), 1, id, "", text);
    } catch (CharacterCodingException e) {
      return fault("the file is not valid UTF-8 text");
    } catch (IOException e) {
      return fault("the file cannot be read: " + e.getMessage());
    }
  }

  private CorpusEntry fault(String reason) {
    return new CorpusEntry.Fault(file.toString(), 0, reason);
  }

  private void add(byte[] bytes) {
    digest.update(bytes, 0, bytes.length);
    digest.update((byte) '\n');
  }

  @Override
  public String sha256() {
    if (files.isCorpus() && files.found().size() == 1) {
      return current == null ? ofOnlyFile : current.sha256();
    }
    return Sha256.hex(digest) + (current == null ? "" : current.sha256());
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    boolean wholeTexts = taken.keySet().equals(Set.of(CorpusFormat.FOLDER));
    if (format == null && !wholeTexts || files.isCorpus() && !files.leftOut().isEmpty()) {
      taken.forEach(
          (kind, names) -> notes.add("%s: read as %s: %s".formatted(folder, words(kind), names)));
    }
    addLeftOut(notes, "left out", files.leftOut());
    addLeftOut(notes, "left out, because hidden", files.hidden());
    return notes;
  }

  private void addLeftOut(List<String> notes, String words, List<String> paths) {
    if (!paths.isEmpty()) {
      Names names = new Names();
      paths.forEach(names::add);
      notes.add("%s: %s: %s".formatted(folder, words, names));
    }
  }

  private static String words(CorpusFormat format) {
    return switch (format) {
      case JSONL -> "JSON records";
      case TSV -> "records in columns";
      case TREC -> "TREC documents";
      case FOLDER -> "one document each";
    };
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
    }
  }

  /** The first names of many. */
  private static final class Names {
    private final List<String> first = new ArrayList<>();
    private int count;

    void add(String name) {
      if (first.size() < NAMED) {
        first.add(name);
      }
      count++;
    }

    @Override
    public String toString() {
      String more = count > NAMED ? String.format(Locale.ROOT, " and %,d more", count - NAMED) : "";
      return String.join(", ", first) + more;
    }
  }
}
