package io.m3lex.corpus;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** How documents lie in an input. */
public enum CorpusFormat {
  /**
   * A JSON object a line: BEIR's {@code _id}, {@code title}, {@code text}, or {@code id} and {@code
   * contents} as Anserini writes them.
   */
  JSONL,
  /** {@code id<TAB>text} or {@code id<TAB>title<TAB>text}. */
  TSV,
  /**
   * TREC's documents: {@code <DOC>} with a {@code <DOCNO>} and {@code <TEXT>}, in a file or in the
   * files of a folder.
   */
  TREC,
  /** A folder of text files, each a document whose id is its path in the folder. */
  FOLDER;

  /**
   * The format that an input's name tells: a folder, {@code .tsv} or {@code .txt}, {@code .jsonl},
   * {@code .ndjson} or {@code .json}, {@code .trec}, {@code .sgml} or {@code .sgm}; empty for any
   * other name. A final {@code .gz} does not count.
   */
  static Optional<CorpusFormat> byName(Path input) {
    if (Files.isDirectory(input)) {
      return Optional.of(FOLDER);
    }
    String name = input.toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (name.endsWith(".tsv") || name.endsWith(".txt")) {
      return Optional.of(TSV);
    }
    if (name.endsWith(".trec") || name.endsWith(".sgml") || name.endsWith(".sgm")) {
      return Optional.of(TREC);
    }
    return name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".json")
        ? Optional.of(JSONL)
        : Optional.empty();
  }
}
