/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** How documents lie in an input. */
public enum CorpusFormat {
  /**
   * A JSON object a line: BEIR's {@code _id}, {@code title}, {@code text}, or {@code id} and {@code
   * contents} as Anserini writes them. Read also: objects over several lines, and an array of them.
   */
  JSONL,
  /** {@code id<TAB>text} or {@code id<TAB>title<TAB>text}. */
  TSV,
  /**
   * TREC's documents: {@code <DOC>} with a {@code <DOCNO>}, in a file or in the files of a folder.
   * The text is what Anserini takes: {@code TEXT}, {@code LP}, {@code LEADPARA}, {@code HEADLINE},
   * {@code TITLE}, {@code HL}, {@code HEAD}, {@code TTL}, {@code DD} and {@code DATE}, of which the
   * first that is not empty of {@code TITLE}, {@code HEADLINE}, {@code HEAD}, {@code TTL} and
   * {@code HL} is the title. Without {@code TEXT}, {@code LP} and {@code LEADPARA} all is text.
   */
  TREC,
  /** A folder of text files, each one document whose id is its path in the folder. */
  FOLDER;

  /**
   * The format that a file's name tells: {@code .tsv} or {@code .txt}, {@code .jsonl}, {@code
   * .ndjson} or {@code .json}, {@code .trec}, {@code .sgml} or {@code .sgm}; empty for any other
   * name. A final {@code .gz} does not count.
   */
  static Optional<CorpusFormat> byName(Path input) {
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
