/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.EncodedText;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.VectorFormat;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.IndexContents;
import io.m3lex.util.OrderedPipeline;
import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex encode}. */
@Command(
    name = "encode",
    mixinStandardHelpOptions = true,
    description = {
      "Turn texts into sparse vectors.",
      "With a TEXT, shows its tokens and their weights. With --input, writes a vector a line.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex encode \"what is learned sparse retrieval\"",
      "  m3lex encode --input corpus.jsonl --to vectors.jsonl",
      "  m3lex encode --input corpus.jsonl --to vectors.jsonl --shard 2/5",
      "  cat queries.tsv | m3lex encode --input - --role query > vectors.jsonl"
    })
final class EncodeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Mixin private WeightOptions weightOptions;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "A text to encode.")
  private String text;

  @Option(
      names = "--input",
      paramLabel = "FILE|-",
      description =
          "BEIR JSONL, TSV, TREC documents, or a folder of any of these and of text files; - for"
              + " standard input.")
  private Path input;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description =
          "Where the vectors go, whole or not at all; an interrupted run can be gone on with."
              + " Default: standard output.")
  private Path output;

  @Option(
      names = "--role",
      defaultValue = "document",
      description = "query or document. Default: ${DEFAULT-VALUE}.")
  private TextRole role;

  @Option(
      names = "--format",
      defaultValue = "anserini",
      description =
          "anserini ({id, contents, vector}) or flag_embedding ({id, lexical_weights}). Default:"
              + " ${DEFAULT-VALUE}.")
  private VectorFormat format;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Shard.Converter.class,
      description = {
        "Encode the I-th of N parts of the input, into FILE.I-of-N with a manifest beside it. The"
            + " parts can be encoded in any order and on any machines; \"m3lex join FILE\" makes"
            + " the file of them that one run would have written. A finished part is left as it is."
      })
  private Shard shard;

  @Option(names = "--json", description = "Print the vector of TEXT as JSON.")
  private boolean json;

  @Option(
      names = "--restart",
      description =
          "Begin with the first record, though an interrupted run got farther or the shard is"
              + " finished.")
  private boolean restart;

  @Option(names = "--strict", description = "Stop at the first record that is no document.")
  private boolean strict;

  @Override
  public Integer call() throws IOException {
    if ((text == null) == (input == null)) {
      throw new ParameterException(spec.commandLine(), "Give either a TEXT or --input.");
    }
    if (shard != null && (output == null || text != null || InputRun.isReadOnce(input))) {
      throw new ParameterException(
          spec.commandLine(),
          "--shard needs --to and an --input that can be read twice: no pipe and no standard"
              + " input.");
    }
    // Looks at the input before a model is loaded.
    InputRun run = input == null ? null : inputs();
    EncoderSettings settings = weightOptions.applyTo(encoderOptions.settings());
    if (output == null) {
      try (LexicalEncoder encoder = encoderOptions.open(settings)) {
        return text != null ? one(encoder) : toStandardOutput(encoder, run);
      }
    }
    // An interrupted run finishes what it is at.
    try (Interruption interruption = new Interruption();
        LexicalEncoder encoder = encoderOptions.open(settings.withoutCloseOnExit())) {
      return toFile(encoder, run, interruption);
    }
  }

  private int one(SparseEncoder encoder) {
    PrintWriter out = spec.commandLine().getOut();
    EncodedText encoded = encoder.encode(text, role);
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("text", text);
      map.put("role", role.name().toLowerCase(Locale.ROOT));
      map.put("fingerprint", encoder.fingerprint().sha256());
      map.put("tokens", encoded.tokens());
      map.put("windows", encoded.windows());
      map.put("droppedTokens", encoded.droppedTokens());
      map.put("vector", encoded.vector().toMap());
      Json.print(out, map);
      return Main.GOOD;
    }
    Table table = new Table("token", "feature", ">weight");
    for (SparseVector.Entry entry : encoded.vector().entriesByWeight()) {
      table.add(
          encoder.describe(entry.feature()),
          entry.feature(),
          String.format(Locale.ROOT, "%.4f", entry.weight()));
    }
    table.print(out);
    out.println(
        String.format(
            Locale.ROOT,
            "%d tokens, %d features, %d window(s)%s",
            encoded.tokens(),
            encoded.vector().size(),
            encoded.windows(),
            encoded.droppedTokens() == 0
                ? ""
                : String.format(Locale.ROOT, ", %d tokens cut off", encoded.droppedTokens())));
    return Main.GOOD;
  }

  private int toStandardOutput(SparseEncoder encoder, InputRun inputs) throws IOException {
    EncodingReport report = new EncodingReport(spec.commandLine().getErr(), strict);
    try (CorpusReader reader = inputs.open(input);
        Writer writer = standardOutput();
        Progress progress = Progress.of("Encoding", "documents", -1)) {
      OrderedPipeline.runInBatches(
          reader,
          EncodedRecord::characters,
          entries -> EncodedRecord.encode(entries, encoder, role, IndexContents.SPARSE, null),
          record -> {
            if (report.take(record.entry(), record.encoded())) {
              writer.write(VectorEncoding.line(format, record));
              writer.write('\n');
            }
            progress.at(report.records());
          },
          encoderOptions.threads(),
          () -> false);
      report.tell(reader);
    }
    return end(report, encoder);
  }

  private int end(EncodingReport report, SparseEncoder encoder) {
    PrintWriter err = spec.commandLine().getErr();
    report.print(err);
    err.println("fingerprint: " + encoder.fingerprint().sha256());
    return report.outcome();
  }

  private int toFile(SparseEncoder encoder, InputRun inputs, Interruption interruption)
      throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    EncodingReport report = new EncodingReport(err, strict);
    VectorEncoding encoding = VectorEncoding.of(encoder, role, format, encoderOptions.threads());
    if (shard != null) {
      ShardEncoding run = new ShardEncoding(encoding, shard, output, err, interruption::requested);
      if (run.run(inputs, restart, report).isEmpty()) {
        return Main.PROBLEM;
      }
      if (report.records() > 0) {
        end(report, encoder);
      }
      // A shard of nothing but faults is as good as any other; the whole is looked at by join.
      return Main.GOOD;
    }
    try (CorpusReader reader = inputs.open(input)) {
      VectorFile file = new VectorFile(encoding, output, err, interruption::requested);
      Optional<FileContent> content = file.write(reader, InputRange.all(input), restart, report);
      if (content.isEmpty()) {
        return Main.PROBLEM;
      }
      int code = end(report, encoder);
      err.println("SHA-256: " + content.get().sha256());
      return code;
    }
  }

  private InputRun inputs() {
    return new InputRun(
        List.of(input), null, output == null ? OwnOutput.NONE : OwnOutput.vectors(output));
  }

  private Writer standardOutput() {
    return new BufferedWriter(
        new OutputStreamWriter(
            new FilterOutputStream(System.out) {
              @Override
              public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
              }

              @Override
              public void close() throws IOException {
                flush();
              }
            },
            StandardCharsets.UTF_8));
  }
}
