/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.checkpoint.SafetensorsWriter;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.encoder.LongTexts;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.model.EncoderOutput;
import io.m3lex.model.FileRole;
import io.m3lex.model.Golden;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelDraft;
import io.m3lex.model.ModelFile;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.training.HeadTraining;
import io.m3lex.training.TrainedHead;
import io.m3lex.training.TrainingCorpus;
import io.m3lex.training.TrainingListener;
import io.m3lex.training.TrainingSettings;
import io.m3lex.training.TrainingText;
import io.m3lex.util.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex train-head}. */
@Command(
    name = "train-head",
    mixinStandardHelpOptions = true,
    description = {
      "Train the lexical head of a frozen encoder from plain text, without judgments.",
      "Queries are made of the texts: their titles, sentences taken out of them, keywords of"
          + " sentences. The same texts, settings and machine give the same head, bit for bit."
          + " Needs about 1 GB of memory for 12,000 passages.",
      ""
    },
    footer = {
      "",
      "Example: m3lex train-head manuals.jsonl tickets.jsonl --name our-words --to our-model",
      "         m3lex index corpus.jsonl --to idx --model our-model"
    })
final class TrainHeadCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "CORPUS",
      description =
          "Texts in the language of what will be searched: BEIR JSONL (also .gz), a BEIR folder,"
              + " TSV, TREC documents, or a folder of any of these and of text files; - for standard"
              + " input. At least some 10,000; passages are drawn from each in equal number.")
  private List<Path> corpora;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "New or empty folder for the model: encoder, tokenizer, head and manifest.")
  private Path folder;

  @Option(names = "--name", required = true, paramLabel = "NAME", description = "The model's name.")
  private String name;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "One line about the model.")
  private String title;

  @Option(
      names = "--encoder",
      paramLabel = "DIR",
      description =
          "Folder with an encoder of your own: model.onnx and tokenizer.json (WordPiece). Default:"
              + " the encoder of the model that comes with m3lex.")
  private Path encoderFolder;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description =
          "Most tokens that the encoder takes at once, special ones included. Default:"
              + " ${DEFAULT-VALUE}.")
  private int maxTokens;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that encode. Default: one for each processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--passages",
      paramLabel = "N",
      description = "Most passages to train on. Default: ${DEFAULT-VALUE}.")
  private int passages = TrainingSettings.DEFAULT.passages();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the pairs. Default: ${DEFAULT-VALUE}.")
  private int epochs = TrainingSettings.DEFAULT.epochs();

  @Option(
      names = "--expansion-words",
      paramLabel = "N",
      description =
          "Most words that texts can be expanded by; 0: none, and vectors half as long. Default:"
              + " ${DEFAULT-VALUE}.")
  private int expansionWords = TrainingSettings.DEFAULT.expansionWords();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides what is drawn. Default: ${DEFAULT-VALUE}.")
  private long seed = TrainingSettings.DEFAULT.seed();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    requireEmpty(folder);
    InputRun inputs = new InputRun(corpora, null, notTexts());
    EncodingReport report = new EncodingReport(spec.commandLine().getErr(), false);
    requireName(name);
    TrainingSettings settings = settings();
    EncoderFiles files = encoderFolder == null ? EncoderFiles.embedded() : ownEncoder();
    int vocabulary = ModelDraft.vocabularySize(files.tokenizer(), ModelDraft.TOKENIZER);
    Map<String, Object> corpusHashes = new LinkedHashMap<>();
    TrainedHead head;
    EncoderOutput output;
    try (TokenStateEncoder encoder =
            new TokenStateEncoder(
                files.encoder(),
                files.tokenizer(),
                ModelDraft.OUTPUT,
                maxTokens,
                LongTexts.WINDOW);
        Phases phases = new Phases()) {
      output =
          new EncoderOutput(
              ModelDraft.ARCHITECTURE, ModelDraft.OUTPUT, encoder.hidden(), vocabulary, maxTokens);
      head =
          new HeadTraining(encoder, vocabulary, settings, Math.max(1, threads), phases)
              .train(
                  corpora.stream()
                      .map(corpus -> texts(inputs, corpus, report, corpusHashes))
                      .toList());
    } catch (IllegalArgumentException e) {
      throw new CommandException(e.getMessage());
    }
    // Only now, so that an interrupted training leaves nothing behind.
    Files.createDirectories(folder);
    WholeFile.write(folder.resolve(ModelDraft.ENCODER), List.of(ByteBuffer.wrap(files.encoder())));
    WholeFile.write(
        folder.resolve(ModelDraft.TOKENIZER), List.of(ByteBuffer.wrap(files.tokenizer())));
    SafetensorsWriter.write(folder.resolve(ModelDraft.HEAD), head.tensors(), Map.of("model", name));
    Map<String, Object> training = new LinkedHashMap<>();
    training.put("corpora", corpusHashes);
    training.putAll(head.record());
    ModelManifest draft =
        new ModelManifest(
            ModelManifest.FORMAT_VERSION,
            name,
            title,
            files.source(),
            files.licence(),
            null,
            output,
            head.form(),
            List.of(
                ModelFile.unmeasured(ModelDraft.ENCODER, files.encoderResource(), FileRole.ENCODER),
                ModelFile.unmeasured(
                    ModelDraft.TOKENIZER, files.tokenizerResource(), FileRole.TOKENIZER),
                ModelFile.unmeasured(
                    ModelDraft.HEAD, ModelCatalog.headResource(name), FileRole.HEAD)),
            Golden.NONE,
            SparseIndexWriter.WITNESS_TOLERANCE,
            training,
            List.of());
    LexicalEncoder.lock(
        draft,
        ModelSource.folder(folder),
        folder.resolve(ModelManifest.FILE_NAME),
        ModelDraft.INT8_TOLERANCE);
    Table table = new Table("training", "");
    training.forEach(table::add);
    table.print(out);
    out.println("Model %s is in %s; use it with --model %s.".formatted(name, folder, folder));
    return Main.GOOD;
  }

  private static String fileName(Path path) {
    return path.toAbsolutePath().normalize().getFileName().toString();
  }

  private TrainingSettings settings() {
    TrainingSettings defaults = TrainingSettings.DEFAULT;
    try {
      return new TrainingSettings(
          seed,
          passages,
          epochs,
          defaults.batch(),
          defaults.minedNegatives(),
          defaults.learningRate(),
          defaults.weightDecay(),
          expansionWords);
    } catch (IllegalArgumentException e) {
      throw new CommandException(e.getMessage());
    }
  }

  private static void requireEmpty(Path folder) throws IOException {
    if (Files.exists(folder)) {
      if (!Files.isDirectory(folder)) {
        throw new CommandException("%s is not a folder.".formatted(folder));
      }
      try (var files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new CommandException(
              "%s is not empty. Name a new folder, so that no model is overwritten."
                  .formatted(folder));
        }
      }
    }
  }

  private EncoderFiles ownEncoder() throws IOException {
    return new EncoderFiles(
        ModelDraft.required(encoderFolder.resolve(ModelDraft.ENCODER)),
        ModelDraft.required(encoderFolder.resolve(ModelDraft.TOKENIZER)),
        null,
        null,
        "",
        "");
  }

  /** What the command writes, and the encoder that it reads. */
  private Predicate<Path> notTexts() {
    Predicate<Path> model = OwnOutput.folder(folder);
    return encoderFolder == null ? model : model.or(OwnOutput.folder(encoderFolder));
  }

  private static TrainingCorpus texts(
      InputRun inputs, Path corpus, EncodingReport report, Map<String, Object> hashes) {
    return consumer -> {
      try (CorpusReader reader = inputs.open(corpus)) {
        while (reader.hasNext()) {
          switch (reader.next()) {
            case CorpusEntry.Document document ->
                consumer.accept(new TrainingText(document.title(), document.text()));
            case CorpusEntry.Fault fault -> report.take(fault);
          }
        }
        report.tell(reader);
        hashes.put(fileName(corpus), "SHA-256 of its lines: " + reader.sha256());
      }
    };
  }

  /** An encoder's files, and where on the class path they lie if they do. */
  private record EncoderFiles(
      byte[] encoder,
      byte[] tokenizer,
      String encoderResource,
      String tokenizerResource,
      String source,
      String licence) {

    /** The encoder of the model that comes with m3lex. */
    static EncoderFiles embedded() throws IOException {
      ModelManifest base = ModelCatalog.shipped().defaultModel();
      String encoder = base.file(FileRole.ENCODER).resource();
      String tokenizer = base.file(FileRole.TOKENIZER).resource();
      return new EncoderFiles(
          read(encoder), read(tokenizer), encoder, tokenizer, base.source(), base.licence());
    }

    private static byte[] read(String resource) throws IOException {
      try (InputStream stream = TrainHeadCommand.class.getResourceAsStream(resource)) {
        if (stream == null) {
          throw new IOException("the program is incomplete: no " + resource + "; build it again");
        }
        return stream.readAllBytes();
      }
    }
  }

  /** Shows each phase of the training. */
  private static final class Phases implements TrainingListener, AutoCloseable {
    private Progress progress;

    @Override
    public void begin(String phase, long total) {
      close();
      progress = Progress.of(phase, phase.equals("training") ? "steps" : "texts", total);
    }

    @Override
    public void advance(long done) {
      progress.at(done);
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
      }
    }
  }

  /** Holds the model's name to what a manifest allows, before anything else is done. */
  private static void requireName(String name) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new CommandException(
          "A model's name consists of letters, digits, '.', '_' and '-': \"%s\". Give one with --name."
              .formatted(name));
    }
  }
}
