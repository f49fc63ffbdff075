/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusFormat;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.LineReader;
import io.m3lex.corpus.VectorLines;
import io.m3lex.index.IndexContents;
import io.m3lex.index.PassageSplitter;
import io.m3lex.util.OrderedPipeline;
import io.m3lex.util.OrderedPipeline.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * The records of some inputs, encoded in their order from where an interrupted run stopped.
 *
 * @param inputs files, folders, pipes, or {@code -} for standard input
 * @param format null to tell it by each input
 * @param output what the command writes, which is left out of folders
 */
record InputRun(List<Path> inputs, CorpusFormat format, Predicate<Path> output) {

  private static final Path STANDARD_INPUT = Path.of("-");
  private static final String STANDARD_INPUT_NAME = "standard input";

  /** Refuses inputs that do not exist, or that are what the command writes. */
  InputRun {
    for (Path input : inputs) {
      if (isStandardInput(input)) {
        continue;
      }
      if (!Files.exists(input)) {
        throw new CommandException("There is no input %s.".formatted(input));
      }
      if (Files.isDirectory(input) && output.test(input)) {
        throw new CommandException(
            "%s is what this command writes, and cannot be its input.".formatted(input));
      }
    }
    if (inputs.stream().filter(InputRun::isStandardInput).count() > 1) {
      throw new CommandException("Standard input (-) can be read once only.");
    }
    if (format == CorpusFormat.FOLDER && inputs.contains(STANDARD_INPUT)) {
      throw new CommandException("Standard input (-) is no folder.");
    }
  }

  /** Whether an input is what is piped into the command. A file of that name is {@code ./-}. */
  static boolean isStandardInput(Path input) {
    return input.equals(STANDARD_INPUT);
  }

  /** Whether an input is gone when it has been read. */
  static boolean isReadOnce(Path input) {
    return isStandardInput(input) || LineReader.isReadOnce(input);
  }

  CorpusReader open(Path input) throws IOException {
    if (!isStandardInput(input)) {
      return CorpusReader.open(input, format, output);
    }
    return format == null
        ? CorpusReader.open(System.in, STANDARD_INPUT_NAME)
        : CorpusReader.open(System.in, STANDARD_INPUT_NAME, format);
  }

  private static VectorLines.Reader openVectors(Path input) throws IOException {
    return isStandardInput(input)
        ? VectorLines.open(System.in, STANDARD_INPUT_NAME)
        : VectorLines.open(input);
  }

  /**
   * Number of records that are still to be done, which takes a look at all of them; -1 if a look
   * would be all that can be had of one.
   */
  long remaining(InputProgress done) throws IOException {
    List<Path> left = inputs.subList(Math.min(done.input(), inputs.size()), inputs.size());
    if (left.stream().anyMatch(InputRun::isReadOnce)) {
      return -1;
    }
    long records = -done.records();
    for (Path input : left) {
      try (CorpusReader reader = open(input)) {
        records += CountedInput.of(reader, count -> {}, () -> false).records();
      }
    }
    return records;
  }

  /**
   * Encodes what is still to be done, until the end or an interruption.
   *
   * @param done moved on at the end of an input; the sink moves it on within one
   * @param report gets what should be known about the inputs
   * @param contents which vectors are wanted
   * @param splitter null to encode documents as wholes
   */
  void encode(
      InputProgress done,
      EncodingReport report,
      SparseEncoder encoder,
      IndexContents contents,
      PassageSplitter splitter,
      int threads,
      Interruption interruption,
      Sink<HashedRecords.Item> sink)
      throws IOException {
    for (int i = done.input(); i < inputs.size() && !interruption.requested(); i++) {
      try (CorpusReader reader = open(inputs.get(i))) {
        done.resume(reader, i);
        OrderedPipeline.runInBatches(
            new HashedRecords(reader),
            read -> EncodedRecord.characters(read.entry()),
            reads -> HashedRecords.encode(reads, encoder, TextRole.DOCUMENT, contents, splitter),
            sink,
            threads,
            interruption::requested);
        if (!interruption.requested()) {
          report.tell(reader);
        }
      }
      if (!interruption.requested()) {
        done.nextInput();
      }
    }
  }

  /**
   * Reads inputs of vectors that were made elsewhere, until the end or an interruption.
   *
   * @param sink gets the records that are documents
   */
  void vectors(
      EncodingReport report,
      Interruption interruption,
      Progress progress,
      Sink<VectorLines.VectorDocument> sink)
      throws IOException {
    for (Path input : inputs) {
      try (VectorLines.Reader reader = openVectors(input)) {
        while (reader.hasNext() && !interruption.requested()) {
          VectorLines.VectorDocument record = report.take(reader.next());
          if (record != null) {
            sink.accept(record);
          }
          progress.at(report.records());
        }
      }
    }
  }
}
