package io.m3lex.cli;

import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusFormat;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.OrderedPipeline;
import io.m3lex.corpus.OrderedPipeline.Sink;
import io.m3lex.corpus.VectorLines;
import io.m3lex.index.IndexContents;
import io.m3lex.index.PassageSplitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The records of some inputs, encoded in their order from where an interrupted run stopped.
 *
 * @param format null to tell it by each input
 */
record InputRun(List<Path> inputs, CorpusFormat format) {

  /** Refuses inputs that do not exist. */
  InputRun {
    for (Path input : inputs) {
      if (!Files.exists(input)) {
        throw new CommandException("There is no input %s.".formatted(input));
      }
    }
  }

  CorpusReader open(Path input) throws IOException {
    return format == null ? CorpusReader.open(input) : CorpusReader.open(input, format);
  }

  /** Number of records that are still to be done, which takes a look at all of them. */
  long remaining(InputProgress done) throws IOException {
    long records = -done.records();
    for (Path input : inputs.subList(done.input(), inputs.size())) {
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
   * @param contents which vectors are wanted
   * @param splitter null to encode documents as wholes
   */
  void encode(
      InputProgress done,
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
      try (VectorLines.Reader reader = VectorLines.open(input)) {
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
