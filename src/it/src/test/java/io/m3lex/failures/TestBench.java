/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import io.m3lex.Folders;
import io.m3lex.GeneratedModel;
import io.m3lex.SparseEncoder;
import io.m3lex.cli.CommandTestBase;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.Hit;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelLock;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerifier;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A whole model, and indexes built with it, for one failure to be committed on. */
final class TestBench extends CommandTestBase {

  static final String ENCODER = "pytorch_model.bin";
  static final String HEAD = "sparse_linear.pt";
  static final String OTHER_HEAD = "colbert_linear.pt";
  static final String CONFIG = "config.json";
  static final String TOKENIZER = "tokenizer.json";
  static final String QUERY = "the search index";

  /** What the command says of a problem. */
  static final class CommandRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandRefusal(String message) {
      super(message);
    }
  }

  private final Path folder;
  private final Path model;
  private EncoderSettings settings = EncoderSettings.DEFAULT.withThreads(1);
  private boolean sparseOnly;
  private SparseEncoder machine = new Machine("engine 1.0", (feature, weight) -> weight);

  private final LexicalEncoder defaultModel;

  private TestBench(Path folder, LexicalEncoder defaultModel) {
    this.folder = folder;
    this.defaultModel = defaultModel;
    this.model = folder.resolve("model");
  }

  /** Makes the model that every bench has a copy of. */
  static void makeModel(Path intact) throws IOException {
    GeneratedModel.writeSmall(intact, 1);
    GeneratedModel.lock(intact);
  }

  /**
   * A bench of its own.
   *
   * @param intact what {@link #makeModel} made
   * @param folder a new one
   * @param defaultModel the model that comes with m3lex, for all benches
   */
  static TestBench of(Path intact, Path folder, LexicalEncoder defaultModel) throws IOException {
    TestBench bench = new TestBench(folder, defaultModel);
    Folders.copy(intact, bench.model);
    return bench;
  }

  Path folder() {
    return folder;
  }

  LexicalEncoder defaultModel() {
    return defaultModel;
  }

  Path model() {
    return model;
  }

  /** A file of the model. */
  Path model(String file) {
    return model.resolve(file);
  }

  /** The index of {@link #search()} and its like. */
  Path index() {
    return folder.resolve("index");
  }

  /** Verifies the model's files against its manifest. */
  void verify() {
    verifier().verify(ModelManifest.ofFolder(model), ModelSource.folder(model));
  }

  /** Verifies the files as those of a model that somebody vouches for as it is. */
  void vouch() throws IOException {
    ModelLock.examine(GeneratedModel.draft(model), ModelSource.folder(model));
  }

  /** Makes the files, as they are, a model of its own. */
  void lock() throws IOException {
    GeneratedModel.lock(model);
  }

  /** Verifies and opens the model. */
  LexicalEncoder open() throws IOException {
    return LexicalEncoder.open(
        ModelManifest.ofFolder(model), ModelSource.folder(model), verifier(), settings);
  }

  private ModelVerifier verifier() {
    ModelVerifier verifier = new ModelVerifier(ModelCatalog.shipped());
    return sparseOnly ? verifier.sparseOnly() : verifier;
  }

  void openAndClose() throws IOException {
    open().close();
  }

  void setSettings(EncoderSettings other) {
    settings = other;
  }

  EncoderSettings settings() {
    return settings;
  }

  void acceptSparseOnly() {
    sparseOnly = true;
  }

  /** Searches with the model; the first time, the index is built. */
  void searchWithModel() throws IOException {
    try (LexicalEncoder encoder = open()) {
      search(encoder);
    }
  }

  /** What computes the weights of {@link #search()}. */
  SparseEncoder machine() {
    return machine;
  }

  void setMachine(SparseEncoder other) {
    machine = other;
  }

  /** Searches with the weights that this machine computes; the first time, the index is built. */
  void search() throws IOException {
    search(machine);
  }

  private void search(SparseEncoder encoder) throws IOException {
    if (!Files.exists(index())) {
      build(index(), encoder);
    }
    try (SparseIndex opened = SparseIndex.open(index(), encoder)) {
      List<Hit> hits = opened.search(QUERY, 10);
      if (hits.isEmpty()) {
        throw new AssertionError("nothing was found");
      }
    }
  }

  void deleteIndex() throws IOException {
    try (Stream<Path> files = Files.list(index())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(index());
  }

  /** Builds an index of two documents. */
  static void build(Path index, SparseEncoder encoder) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(index, encoder)) {
      writer.put(SparseDocument.of("1", "the search index holds weights"));
      writer.put(SparseDocument.of("2", "a token of the index"));
      writer.commit();
    }
  }

  /**
   * Runs {@code m3lex}.
   *
   * @return what it printed
   * @throws CommandRefusal if it found a problem
   */
  String command(String... arguments) {
    int code = run(arguments);
    if (code == 1) {
      throw new CommandRefusal(err.strip());
    }
    if (code != 0) {
      throw new AssertionError(code + ": " + err);
    }
    return out;
  }

  /** What {@code m3lex} says of arguments that it refuses. */
  String wrongUsage(String... arguments) {
    int code = run(arguments);
    if (code != 2) {
      throw new AssertionError(code + ": " + out + err);
    }
    return err;
  }

  /** Like {@link #command}, with the model of this bench. */
  String commandWithModel(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--model", model.toString(), "--threads", "1"));
    return command(all.toArray(String[]::new));
  }

  /** Writes a file of lines. */
  Path write(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  /** Replaces a text in a file of the model, where it must be. */
  void replace(String file, String before, String after) throws IOException {
    String content = Files.readString(model(file));
    if (!content.contains(before)) {
      throw new AssertionError(before + " is not in " + file);
    }
    Files.writeString(model(file), content.replace(before, after));
  }

  static void flipBit(Path file, double place) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) (bytes.length * place)] ^= 0x10;
    Files.write(file, bytes);
  }

  /** A document as a line of JSON. */
  static String document(String id, String text) {
    return "{\"_id\": \"%s\", \"text\": \"%s\"}".formatted(id, text);
  }

  /**
   * What a message says on every machine alike: places, hashes and measured numbers replaced by
   * words for them.
   */
  String general(String message) {
    return message
        .replace("\r\n", "\n")
        .replace(folder.toString() + File.separator, "FOLDER/")
        .replace(folder.toString(), "FOLDER")
        .replaceAll("127\\.0\\.0\\.1:[0-9]+", "HOST")
        .replaceAll("\\(resource=.*\\)", "(FILE)")
        .replaceAll("(expected|actual)=[0-9a-f]+", "$1=CHECKSUM")
        .replaceAll("\\b[0-9a-f]{64}\\b", "HASH")
        .replaceAll("\\b[0-9a-f]{12}\\b", "HASH")
        .replaceAll("\\b[0-9]+\\.[0-9]{3,}(E-?[0-9]+)?\\b", "NUMBER");
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
