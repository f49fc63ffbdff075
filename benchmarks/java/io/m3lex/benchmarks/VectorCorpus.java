package io.m3lex.benchmarks;

import io.m3lex.SparseVector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Documents and queries as vectors, the same at every run. */
interface VectorCorpus {

  /**
   * The vectors of a family.
   *
   * @param family lexical or expansion
   * @param documents how many are going to be asked for
   * @param tokens files of passages for the first; if empty, they are generated
   * @param expansions file of queries for the second; if null, they are made up
   */
  static VectorCorpus of(String family, int documents, List<Path> tokens, Path expansions)
      throws IOException {
    return switch (family) {
      case "lexical" ->
          new LexicalVectors(
              tokens.isEmpty()
                  ? TokenPassages.generate(Math.min(documents, 1_000_000), 1)
                  : TokenPassages.read(tokens));
      case "expansion" ->
          expansions == null ? ExpansionVectors.generate(1) : ExpansionVectors.read(expansions);
      default -> throw new IllegalArgumentException("unknown family: " + family);
    };
  }

  /** Which kind of model the vectors are like. */
  String family();

  /** Where they come from. */
  String description();

  /** The vector of a document, of any number; features are numbers in decimal. */
  SparseVector document(int number);

  /** Some queries. */
  List<SparseVector> queries(int count);
}
