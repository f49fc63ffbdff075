/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.IndexContents;
import io.m3lex.index.IndexOptimizer;
import io.m3lex.index.LanguageAnalyzers;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex index}. */
@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    description = {
      "Build an index, or add to one.",
      "A document replaces the one that has its id already. The index is always at its last commit:"
          + " when the command is interrupted, run it again and it goes on from there; a pipe must"
          + " bring the same again. Records that are not documents are reported with file and"
          + " line, counted and skipped.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex index corpus.jsonl --to idx           BEIR JSONL ({\"_id\", \"title\", \"text\"})",
      "  m3lex index notes/ pages.tsv --to idx       a folder of text files, and a TSV",
      "  zstdcat corpus.jsonl.zst | m3lex index - --to idx",
      "  m3lex index manuals/ --to idx --passages 1200",
      "  m3lex index vectors.jsonl --to idx --vectors --fingerprint \"BAAI/bge-m3@5617a9f fp32\""
    })
final class IndexCommand implements Callable<Integer> {

  /** With a large model few documents are much work, which a crash should not undo. */
  private static final long COMMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Mixin private WeightOptions weightOptions;

  @Mixin private RecordOptions recordOptions;

  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT|-",
      description =
          "BEIR JSONL (also .gz), a BEIR folder, TSV, TREC documents, or a folder of any of these"
              + " and of text files; - for standard input.")
  private List<Path> inputs;

  @Option(names = "--to", required = true, paramLabel = "DIR", description = "The index.")
  private Path folder;

  @Option(names = "--json", description = "Print what was done as JSON.")
  private boolean json;

  @Option(
      names = "--restart",
      description = "Begin with the first record, though an interrupted run got farther.")
  private boolean restart;

  @Option(
      names = "--witness-tolerance",
      paramLabel = "X",
      description =
          "If the index is new: greatest difference of a witness text's weight with which it may be"
              + " opened on another machine. Default: the model's.")
  private Float witnessTolerance;

  @Option(
      names = "--passages",
      paramLabel = "CHARS",
      description =
          "Index documents by passages of up to so many characters, which end where a paragraph or"
              + " a sentence does and overlap by up to an eighth. search shows each document's"
              + " best.")
  private Integer passages;

  @Option(
      names = "--commit-every",
      paramLabel = "N",
      defaultValue = "5000",
      description =
          "Documents between commits, which also come every five minutes. Default:"
              + " ${DEFAULT-VALUE}.")
  private int commitEvery;

  @Option(
      names = "--dense",
      description =
          "Also index the model's dense vector of each document, for \"m3lex search --fuse\".")
  private boolean dense;

  @Option(
      names = "--token-vectors",
      description =
          "Also index a vector for each token, by which candidates are ranked again; hundreds of"
              + " times as large as the rest.")
  private boolean tokenVectors;

  @Option(
      names = "--bm25",
      paramLabel = "LANGUAGE",
      description =
          "Also index the words for BM25, by the analyzer of a language such as en or zh.")
  private String bm25;

  @Option(
      names = "--optimize",
      description = "Optimize the index when it is built; see \"m3lex optimize\".")
  private boolean optimize;

  @Override
  public Integer call() throws IOException {
    int code = index();
    if (optimize && code == Main.GOOD) {
      try (Progress progress = Progress.of("Optimizing", "MB", -1)) {
        IndexOptimizer.into(1).optimize(folder, bytes -> progress.at(bytes / 1_000_000));
      }
    }
    return code;
  }

  private int index() throws IOException {
    recordOptions.check();
    if (witnessTolerance != null && !(witnessTolerance >= 0 && witnessTolerance < 1e9)) {
      throw new ParameterException(
          spec.commandLine(), "--witness-tolerance must not be negative: " + witnessTolerance);
    }
    if (recordOptions.vectors() && (dense || tokenVectors || bm25 != null)) {
      throw new ParameterException(
          spec.commandLine(), "--dense, --token-vectors and --bm25 do not go with --vectors.");
    }
    if (bm25 != null && !LanguageAnalyzers.LANGUAGES.contains(bm25)) {
      throw new ParameterException(
          spec.commandLine(),
          "--bm25 knows no language %s, only %s."
              .formatted(bm25, String.join(", ", new TreeSet<>(LanguageAnalyzers.LANGUAGES))));
    }
    if (passages != null && (passages < 16 || recordOptions.vectors())) {
      throw new ParameterException(
          spec.commandLine(),
          "--passages needs 16 characters at least, and texts rather than --vectors.");
    }
    if (passages != null && (dense || tokenVectors || bm25 != null)) {
      throw new ParameterException(
          spec.commandLine(), "--passages does not go with --dense, --token-vectors and --bm25.");
    }
    if (commitEvery < 1) {
      throw new ParameterException(spec.commandLine(), "--commit-every must be at least 1.");
    }
    InputRun run = new InputRun(inputs, recordOptions.format(), OwnOutput.folder(folder));
    if (recordOptions.vectors()) {
      ModelFingerprint declared = recordOptions.declared();
      try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, declared)) {
        return indexVectors(run, writer, declared);
      }
    }
    // First, so that no signal ends the program while an engine is at work.
    try (Interruption interruption = new Interruption();
        LexicalEncoder encoder =
            encoderOptions.open(
                weightOptions.applyTo(encoderOptions.settings()).withoutCloseOnExit());
        SparseIndexWriter writer =
            SparseIndexWriter.open(
                folder,
                encoder,
                witnessTolerance == null
                    ? encoder.model().manifest().witnessTolerance()
                    : witnessTolerance,
                contents(encoder))) {
      return indexTexts(run, writer, encoder, interruption);
    }
  }

  /** What the index shall hold; null if no option says it, so that it stays as it is. */
  private IndexContents contents(LexicalEncoder encoder) {
    if (tokenVectors && !encoder.hasTokenVectors()) {
      throw new CommandException(
          "Model %s has no head for token vectors; leave out --token-vectors, or take --model bge-m3."
              .formatted(encoder.fingerprint().model()));
    }
    boolean any = dense || tokenVectors || bm25 != null;
    return any ? new IndexContents(dense, tokenVectors, bm25 == null ? "" : bm25) : null;
  }

  private int indexTexts(
      InputRun run, SparseIndexWriter writer, SparseEncoder encoder, Interruption interruption)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    InputProgress done = InputProgress.of(restart ? Map.of() : writer.progress(), inputs);
    if (done.isResumed()) {
      err.println("m3lex: going on where an interrupted run stopped: " + done);
    }
    int before = writer.documents();
    long total = Progress.isShown() ? run.remaining(done) : -1;
    EncodingReport report = recordOptions.report();
    PassageSplitter splitter = passages == null ? null : PassageSplitter.of(passages);
    long[] committed = {System.nanoTime()};
    try (Progress progress = Progress.of("Indexing", "documents", total)) {
      run.encode(
          done,
          report,
          encoder,
          writer.contents(),
          splitter,
          encoderOptions.threads(),
          interruption,
          item -> {
            EncodedRecord record = item.record();
            if (report.take(record.entry(), record.encoded())) {
              put(writer, record, splitter);
            }
            done.advance(item.sha256());
            progress.at(report.records());
            if (report.records() % commitEvery == 0
                || System.nanoTime() - committed[0] > COMMIT_NANOS) {
              writer.commit(done.note());
              committed[0] = System.nanoTime();
            }
          });
      if (interruption.requested()) {
        writer.commit(done.note());
        err.println(
            "m3lex: interrupted; the index holds what was done. Run the same command again to go"
                + " on.");
        err.flush();
        return Main.PROBLEM;
      }
      writer.commit();
    }
    print(out, writer, before, report);
    return report.outcome();
  }

  private static void put(SparseIndexWriter writer, EncodedRecord record, PassageSplitter splitter)
      throws IOException {
    if (splitter == null) {
      writer.put(record.document(), record.passages().getFirst());
    } else {
      writer.putPassages(
          record.document(),
          splitter,
          record.passages().stream().map(text -> text.encoded().vector()).toList());
    }
  }

  private void print(PrintWriter out, SparseIndexWriter writer, int before, EncodingReport report)
      throws IOException {
    int documents = writer.documents();
    if (json) {
      Map<String, Object> map = report.asMap();
      map.put("index", folder.toString());
      map.put("documentsBefore", before);
      map.put("documentsInIndex", documents);
      map.put("fingerprint", writer.fingerprint().sha256());
      Json.print(out, map);
      return;
    }
    report.print(out);
    out.println(
        String.format(
            Locale.ROOT,
            "Index %s has %,d documents (%,d before), from model %s",
            folder,
            documents,
            before,
            writer.fingerprint()));
    if (report.records() == 0) {
      out.println("The inputs held no records.");
    }
  }

  private int indexVectors(InputRun run, SparseIndexWriter writer, ModelFingerprint declared)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    EncodingReport report = recordOptions.report();
    int before = writer.documents();
    try (Interruption interruption = new Interruption();
        Progress progress = Progress.of("Indexing", "documents", -1)) {
      run.vectors(
          report,
          interruption,
          progress,
          record ->
              writer.put(
                  SparseDocument.of(record.id(), record.contents()),
                  record.vector().from(declared)));
      if (interruption.requested()) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("m3lex: interrupted; the index is as it was before.");
        err.flush();
        return Main.PROBLEM;
      }
      writer.commit();
    }
    print(out, writer, before, report);
    return report.outcome();
  }
}
