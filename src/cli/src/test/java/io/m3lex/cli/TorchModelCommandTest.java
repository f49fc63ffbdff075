/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.GeneratedModel;
import io.m3lex.checkpoint.Checkpoint;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.SafetensorsWriter;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.TransformerArchitecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with a model in the layout of the official BGE-M3 files. */
class TorchModelCommandTest extends CommandTestBase {

  @TempDir private static Path shared;
  private static Path intact;

  @TempDir private Path folder;
  private Path model;
  private Path corpus;
  private Path index;

  @BeforeAll
  static void generate() throws IOException {
    intact = shared.resolve("model");
    GeneratedModel.writeSmall(intact, 1);
  }

  @BeforeEach
  void copy() throws IOException {
    model = Files.createDirectory(folder.resolve("model"));
    for (String name :
        List.of(
            "pytorch_model.bin",
            "config.json",
            "tokenizer.json",
            "sparse_linear.pt",
            "colbert_linear.pt")) {
      Files.copy(intact.resolve(name), model.resolve(name));
    }
    corpus = folder.resolve("corpus.tsv");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 90; i++) {
      lines.add(i + "\tthe weight of token " + i + " and " + "the index ".repeat(i));
    }
    Files.write(corpus, lines);
    index = folder.resolve("idx");
  }

  @Test
  void aFineTunedModelIsLockedAndIndexesAndSearches() {
    assertEquals(0, run("model", "lock", model.toString(), "--name", "ours"), err);
    assertEquals(0, run("model", "verify", model.toString()), out + err);
    assertTrue(out.contains("colbert_linear.pt  OTHER_HEAD  yes"), out);
    assertEquals(
        0, run("index", corpus.toString(), "--to", index.toString(), "-m", model.toString()), err);
    assertTrue(out.contains("has 90 documents (0 before), from model ours"), out);
    assertEquals(0, run("search", index.toString(), "token 7", "-m", model.toString()), err);
    assertTrue(out.startsWith(" 1. "), out);
    assertEquals(0, run("stats", index.toString(), "--check", "-m", model.toString()), err);
    assertEquals(1, run("search", index.toString(), "token 7"));
    assertTrue(err.contains("was built with ours"), err);
    assertEquals(1, run("search", index.toString(), "token 7", "-m", intact.toString()));
  }

  @Test
  void aModelInSafetensorsGivesTheSameVectors() throws IOException {
    assertEquals(0, run("model", "lock", model.toString(), "--name", "ours"), err);
    assertEquals(0, run("encode", "the weight of a token", "-m", model.toString()), err);
    String expected = out;
    Path encoder = model.resolve("pytorch_model.bin");
    SafetensorsWriter.write(
        model.resolve("model.safetensors"),
        List.copyOf(
            Checkpoint.read(
                    FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(encoder))), "pytorch_model.bin")
                .values()),
        Map.of());
    Files.delete(encoder);
    assertEquals(0, run("model", "lock", model.toString(), "--name", "ours", "--force"), err);
    assertTrue(out.contains("model.safetensors"), out);
    assertEquals(0, run("encode", "the weight of a token", "-m", model.toString()), err);
    assertEquals(expected, out);
  }

  /** Of several files of a kind the user says which; nobody else knows which is the stale one. */
  @Test
  void ofTwoNetworksOrHeadsNoneIsTakenUnasked() throws IOException {
    Path other = folder.resolve("other");
    GeneratedModel.writeSmall(other, 2);
    Files.move(other.resolve("pytorch_model.bin"), model.resolve("model.safetensors"));
    Files.move(other.resolve("sparse_linear.pt"), model.resolve("sparse_linear.safetensors"));
    assertEquals(1, run("model", "lock", model.toString()));
    assertTrue(
        err.contains("2 networks: pytorch_model.bin, model.safetensors.")
            && err.contains("--encoder FILE"),
        err);
    assertEquals(1, run("model", "lock", model.toString(), "--encoder", "model.safetensors"));
    assertTrue(
        err.contains("2 lexical heads: sparse_linear.pt, sparse_linear.safetensors.")
            && err.contains("--head FILE"),
        err);
    String[] all = {
      "model", "lock", model.toString(), "--encoder", "model.safetensors", "--head", ""
    };
    all[6] = "nothing.pt";
    assertEquals(1, run(all));
    assertTrue(err.contains("There is no nothing.pt in "), err);
    all[6] = "sparse_linear.safetensors";
    assertEquals(0, run(all), err);
    assertTrue(out.contains("  model.safetensors\n"), out);
    assertFalse(out.contains("pytorch_model.bin") || out.contains("sparse_linear.pt"), out);
    assertEquals(0, run("encode", "the weight of a token", "-m", model.toString()), err);
    Files.delete(model.resolve("model.safetensors"));
    Files.writeString(model.resolve("model.safetensors.index.json"), "{\"weight_map\":{}}");
    assertEquals(1, run("model", "lock", model.toString(), "--force"));
    assertTrue(err.contains("2 networks: pytorch_model.bin, model.safetensors.index.json."), err);
    Files.delete(model.resolve("pytorch_model.bin"));
    assertEquals(1, run("model", "lock", model.toString(), "--force"));
    assertTrue(
        err.contains("in several files (model.safetensors.index.json lists them)")
            && err.contains("max_shard_size"),
        err);
  }

  @Test
  void anEncoderWithinAnotherNetworkIsSaidInOneLine() throws IOException {
    Path encoder = model.resolve("pytorch_model.bin");
    List<Tensor> prefixed = new ArrayList<>();
    for (Tensor tensor :
        Checkpoint.read(FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(encoder))), "x").values()) {
      prefixed.add(
          new Tensor("roberta." + tensor.name(), tensor.type(), tensor.shape(), tensor.data()));
    }
    prefixed.add(Tensor.of("classifier.bias", new long[] {2}, 1, 2));
    Files.delete(encoder);
    SafetensorsWriter.write(model.resolve("model.safetensors"), prefixed, Map.of());
    assertEquals(1, run("model", "lock", model.toString()));
    assertTrue(
        err.contains("the names of the encoder's tensors begin with \"roberta.\"")
            && err.contains("base_model.save_pretrained"),
        err);
    assertFalse(err.contains("missing"), err);
  }

  @Test
  void aTokenWithoutAnEmbeddingIsRefusedByNameWhenLockedVerifiedAndOpened() throws IOException {
    String json = Files.readString(model.resolve("tokenizer.json"));
    String known = "\"added_tokens\":[";
    assertTrue(json.contains(known));
    int rows = smallVocabularySize();
    assertEquals(0, run("model", "lock", model.toString()), err);
    for (int more = 1; more <= 2; more++) {
      StringBuilder tokens = new StringBuilder();
      for (int i = 0; i < more; i++) {
        tokens.append(
            "{\"id\":%d,\"content\":\"<custom%d>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":false},"
                .formatted(rows + i, i));
      }
      Files.writeString(model.resolve("tokenizer.json"), json.replace(known, known + tokens));
      assertEquals(1, run("model", "lock", model.toString(), "--force"));
      assertTrue(
          err.contains(
              "tokenizer.json: the network has no embedding for \"<custom0>\" (id %d)"
                  .formatted(rows)),
          err);
      assertEquals(more == 2, err.contains("\"<custom1>\" (id %d)".formatted(rows + 1)), err);
      assertTrue(
          err.contains("its %d rows are for the ids 0 to %d".formatted(rows, rows - 1)), err);
    }
    // An id that is not the next one is not what texts get.
    Files.writeString(
        model.resolve("tokenizer.json"),
        json.replace(
            known,
            known
                + "{\"id\":7,\"content\":\"<custom>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true},"));
    assertEquals(1, run("model", "lock", model.toString(), "--force"));
    assertTrue(err.contains("the added token \"<custom>\" the id 7"), err);
  }

  private int smallVocabularySize() throws IOException {
    return TransformerArchitecture.parse(
            ByteBuffer.wrap(Files.readAllBytes(model.resolve("config.json"))), "config.json")
        .vocabularySize();
  }

  @Test
  void searchTakesFromTheIndexWhatDecidesWeights() {
    assertEquals(0, run("model", "lock", model.toString()), err);
    assertEquals(
        0,
        run(
            "index",
            corpus.toString(),
            "--to",
            index.toString(),
            "-m",
            model.toString(),
            "--precision",
            "bf16",
            "--max-tokens",
            "100",
            "--truncate"),
        err);
    assertTrue(out.contains("cut"), out);
    assertEquals(0, run("search", index.toString(), "token 7", "-m", model.toString()), err);
    // An index of one precision does not take documents of another.
    assertEquals(
        1, run("index", corpus.toString(), "--to", index.toString(), "-m", model.toString()));
    assertTrue(err.contains("precision: expected bf16"), err);
  }

  @Test
  void aMissingOtherHeadIsAcceptedOnlyWhenSaidSoAndIsAnotherFingerprint() throws IOException {
    assertEquals(0, run("model", "lock", model.toString()), err);
    assertEquals(
        0, run("index", corpus.toString(), "--to", index.toString(), "-m", model.toString()), err);
    Files.delete(model.resolve("colbert_linear.pt"));
    assertEquals(1, run("model", "verify", model.toString()));
    assertTrue(out.contains("known random weights") && out.contains("--sparse-only"), out);
    assertEquals(0, run("model", "verify", model.toString(), "--sparse-only"), out);
    assertEquals(1, run("encode", "the token", "-m", model.toString()));
    assertEquals(0, run("encode", "the token", "-m", model.toString(), "--sparse-only"), err);
    assertEquals(
        1, run("search", index.toString(), "token", "-m", model.toString(), "--sparse-only"));
    assertTrue(err.contains("file:colbert_linear.pt: "), err);
    assertTrue(err.contains("absent"), err);
  }

  @Test
  void aMissingHeadNeverGivesWeights() throws IOException {
    assertEquals(0, run("model", "lock", model.toString()), err);
    Files.delete(model.resolve("sparse_linear.pt"));
    for (String[] command :
        new String[][] {
          {"encode", "the token", "-m", model.toString(), "--sparse-only"},
          {"index", corpus.toString(), "--to", index.toString(), "-m", model.toString()},
        }) {
      assertEquals(1, run(command));
      assertTrue(err.contains("sparse_linear.pt: missing"), err);
      assertTrue(err.contains("random numbers"), err);
    }
    assertFalse(Files.exists(index), "nothing is begun");
    assertEquals(1, run("model", "lock", model.toString(), "--force"));
    assertTrue(err.contains("m3lex never makes them up"), err);
  }

  @Test
  void fetchSaysWhatIsWrongWithItsSourceAndLeavesNoModel() throws IOException {
    Path to = folder.resolve("fetched");
    assertEquals(
        1, run("model", "fetch", "bge-m3", "--from", model.toString(), "--to", to.toString()));
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains("config.json: the source has"), err);
    assertFalse(Files.exists(to.resolve("m3lex-model.json")));
    assertEquals(1, run("model", "fetch", "nobody"));
    assertTrue(err.contains("bge-m3"), err);
    assertEquals(1, run("model", "fetch", "bge-small-en-v1.5-lexical", "--to", to.toString()));
    assertTrue(err.contains("--from"), err);
    assertEquals(2, run("model", "fetch"));
    assertEquals(1, run("encode", "x", "--model", "bge-m3"));
    assertTrue(err.contains("m3lex model fetch bge-m3"), err);
  }

  @Test
  void officialFilesAreKnownByTheirNames() {
    assertEquals(1, run("model", "verify", model.toString()));
    assertTrue(out.startsWith("Model bge-m3 in "), out);
    assertTrue(out.contains("not the one that its users quote"), out);
    assertTrue(out.contains("FAULT pytorch_model.bin: truncated"), out);
  }
}
