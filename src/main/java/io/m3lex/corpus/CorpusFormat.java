package io.m3lex.corpus;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** How documents lie in an input. */
public enum CorpusFormat {
  /**
   * A JSON object a line: BEIR's {@code _id}, {@code title}, {@code text}, or {@code id} and {@code
   * contents} as Anserini writes them.
   */
  JSONL,
  /** {@code id<TAB>text} or {@code id<TAB>title<TAB>text}. */
  TSV,
  /** A folder of text files, each a document whose id is its path in the folder. */
  FOLDER;

  /**
   * The format of an input by its name: a folder (unless it holds a {@code corpus.jsonl}), {@code
   * .tsv} or {@code .txt}, else JSONL. A final {@code .gz} does not count.
   */
  public static CorpusFormat of(Path input) {
    if (Files.isDirectory(input)) {
      return FOLDER;
    }
    String name = input.toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    return name.endsWith(".tsv") || name.endsWith(".txt") ? TSV : JSONL;
  }
}
