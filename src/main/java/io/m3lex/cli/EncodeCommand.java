package io.m3lex.cli;

import io.m3lex.EncodedText;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.OrderedPipeline;
import io.m3lex.corpus.VectorFormat;
import io.m3lex.corpus.VectorLines;
import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
      description = "BEIR JSONL, TSV or a folder of text files; - for standard input.")
  private Path input;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "Where the vectors go, whole or not at all. Default: standard output.")
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

  @Option(names = "--json", description = "Print the vector of TEXT as JSON.")
  private boolean json;

  @Option(names = "--strict", description = "Stop at the first record that is no document.")
  private boolean strict;

  @Override
  public Integer call() throws IOException {
    if ((text == null) == (input == null)) {
      throw new ParameterException(spec.commandLine(), "Give either a TEXT or --input.");
    }
    try (SparseEncoder encoder =
        encoderOptions.open(weightOptions.applyTo(encoderOptions.settings()))) {
      return text != null ? one(encoder) : many(encoder);
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
          encoder.describe(entry.feature()), entry.feature(), "%.4f".formatted(entry.weight()));
    }
    table.print(out);
    out.println(
        "%d tokens, %d features, %d window(s)%s"
            .formatted(
                encoded.tokens(),
                encoded.vector().size(),
                encoded.windows(),
                encoded.droppedTokens() == 0
                    ? ""
                    : ", %d tokens cut off".formatted(encoded.droppedTokens())));
    return Main.GOOD;
  }

  private int many(SparseEncoder encoder) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Path partial = output == null ? null : Path.of(output + ".part");
    EncodingReport report = new EncodingReport(err, strict);
    try (CorpusReader reader =
            input.toString().equals("-")
                ? CorpusReader.open(System.in, "standard input")
                : CorpusReader.open(input);
        Writer writer = partial == null ? standardOutput() : Files.newBufferedWriter(partial);
        Progress progress = Progress.of("Encoding", "documents", -1)) {
      OrderedPipeline.runInBatches(
          reader,
          EncodedRecord::characters,
          entries -> EncodedRecord.encode(entries, encoder, role),
          record -> {
            if (report.take(record.entry(), record.encoded())) {
              writer.write(line(record));
              writer.write('\n');
            }
            progress.at(report.records());
          },
          encoderOptions.threads(),
          () -> false);
    } catch (IOException | RuntimeException e) {
      if (partial != null) {
        Files.deleteIfExists(partial);
      }
      throw e;
    }
    if (partial != null) {
      Files.move(partial, output, StandardCopyOption.REPLACE_EXISTING);
    }
    report.print(err);
    err.println("fingerprint: " + encoder.fingerprint().sha256());
    return report.hasNothingButFaults() ? Main.PROBLEM : Main.GOOD;
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

  private String line(EncodedRecord record) {
    return VectorLines.write(
        format, record.document().id(), record.document().encodedText(), record.encoded().vector());
  }
}
