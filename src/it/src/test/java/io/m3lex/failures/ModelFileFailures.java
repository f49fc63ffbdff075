/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static io.m3lex.failures.TestBench.CONFIG;
import static io.m3lex.failures.TestBench.ENCODER;
import static io.m3lex.failures.TestBench.HEAD;
import static io.m3lex.failures.TestBench.OTHER_HEAD;
import static io.m3lex.failures.TestBench.TOKENIZER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.GeneratedModel;
import io.m3lex.SparseVector;
import io.m3lex.checkpoint.Checkpoint;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.checkpoint.TorchCheckpointWriter;
import io.m3lex.checkpoint.TorchCheckpointWriter.Entry;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Step;
import io.m3lex.failures.FailureMode.Theme;
import io.m3lex.model.ModelManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What is wrong with the files of a model. */
final class ModelFileFailures {

  private static final int HIDDEN = 64;
  private static final String KEY_WEIGHTS = "encoder.layer.2.attention.self.key.weight";

  private ModelFileFailures() {}

  static Theme theme() {
    return new Theme(
        "Files of a model",
        List.of(
            refused(
                "The lexical head is missing",
                "The reference implementation goes on with a head of random numbers: every process"
                    + " gives a text other weights, and the dense vectors stay right.",
                bench -> Files.delete(bench.model(HEAD)),
                "sparse_linear.pt: missing"),
            refused(
                "The head for token vectors is missing",
                "The reference implementation loads its two heads only if both are there, so the"
                    + " lexical one is left at random as well.",
                bench -> Files.delete(bench.model(OTHER_HEAD)),
                "colbert_linear.pt: missing"),
            refused(
                "Half a download",
                "A reader that takes what it finds computes with a part of the layers.",
                bench -> {
                  byte[] whole = Files.readAllBytes(bench.model(ENCODER));
                  Files.write(bench.model(ENCODER), Arrays.copyOf(whole, whole.length / 2));
                },
                "truncated"),
            refused(
                "Half a download into a file of the whole size",
                "A program that reserves the room first leaves zeros at the end: size and"
                    + " directory listing are right, the rest of the numbers is 0.",
                bench -> {
                  byte[] bytes = Files.readAllBytes(bench.model(ENCODER));
                  Arrays.fill(bytes, bytes.length / 3, bytes.length * 2 / 3, (byte) 0);
                  Files.write(bench.model(ENCODER), bytes);
                },
                "damaged"),
            refused(
                "A pointer of Git LFS in place of the head",
                "A clone without LFS has all files by name. Who treats a head that cannot be read"
                    + " like one that is missing gets random weights.",
                bench ->
                    Files.writeString(
                        bench.model(HEAD),
                        """
                        version https://git-lfs.github.com/spec/v1
                        oid sha256:45c93804d2142b8f6d7ec6914ae23a1eee9c6a1d27d83d908a20d2afb3595ad9
                        size 3516
                        """),
                "Git-LFS pointer"),
            refused(
                "A web page in place of the tokenizer",
                "A proxy that wants a sign-in answers every download with its page; a program that"
                    + " falls back to another tokenizer cuts texts into other tokens.",
                bench ->
                    Files.writeString(
                        bench.model(TOKENIZER), "<!DOCTYPE html><html>Sign in</html>"),
                "web page"),
            refused(
                "One flipped bit",
                "One number of a layer is another, and so are the weights.",
                bench -> TestBench.flipBit(bench.model(ENCODER), 0.6),
                "damaged"),
            refused(
                "The head of another model of the same size",
                "Shapes fit, so it loads. Weights are those of no model.",
                bench -> GeneratedModel.writeHead(bench.model(), HIDDEN, 99),
                "of another revision or model"),
            refused(
                "The two heads under each other's name",
                "Where shapes are not compared, the first row of one is taken for the other.",
                bench -> {
                  Path aside = bench.folder().resolve("aside");
                  Files.move(bench.model(HEAD), aside);
                  Files.move(bench.model(OTHER_HEAD), bench.model(HEAD));
                  Files.move(aside, bench.model(OTHER_HEAD));
                },
                "belongs elsewhere"),
            refused(
                "The encoder of another revision",
                "Same names, same sizes, same shapes: the head is applied to hidden states that it"
                    + " was not trained on.",
                bench -> {
                  Path other = bench.folder().resolve("other");
                  GeneratedModel.writeSmall(other, 2);
                  Files.move(
                      other.resolve(ENCODER),
                      bench.model(ENCODER),
                      StandardCopyOption.REPLACE_EXISTING);
                },
                "of another revision or model"),
            refused(
                "A tokenizer whose vocabulary is in another order",
                "Every text has as many tokens as before, of other ids: the network reads another"
                    + " text, and features mean other words.",
                ModelFileFailures::reorderVocabulary,
                "of another revision or model"),
            refused(
                "A config of as many heads of another size",
                "The number of attention heads is in no shape: all tensors load, and attention is"
                    + " computed otherwise.",
                bench ->
                    bench.replace(
                        CONFIG, "\"num_attention_heads\": 4", "\"num_attention_heads\": 8"),
                "config.json: damaged, or of another revision"),
            refused(
                "A config with another epsilon",
                "No shape depends on it: everything loads, and all weights are others.",
                bench ->
                    bench.replace(CONFIG, "\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": 1e-12"),
                "config.json"),
            refused(
                "A manifest with a property that is not known",
                "A program that overlooks what a newer one wrote computes without it.",
                bench ->
                    bench.replace(
                        ModelManifest.FILE_NAME, "\"name\"", "\"dropout\" : 0.1,\n  \"name\""),
                "unknown property"),
            vouched(
                "A tensor is missing from the checkpoint",
                "A framework that assigns what fits by name leaves the rest as it was initialised:"
                    + " at random.",
                bench ->
                    rewriteEncoder(
                        bench,
                        tensors -> {
                          Tensor tensor = tensors.remove(KEY_WEIGHTS);
                          tensors.put(
                              "renamed",
                              new Tensor("renamed", tensor.type(), tensor.shape(), tensor.data()));
                        }),
                "is missing, and nothing is made up in its place"),
            vouched(
                "The config names fewer layers than there are",
                "The last layer is not run: the head reads the states of the one before.",
                bench ->
                    bench.replace(CONFIG, "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2"),
                "is left over"),
            vouched(
                "A tensor is all zeros",
                "It was allocated and never assigned, and attention looks nowhere.",
                bench ->
                    rewriteEncoder(
                        bench, tensors -> changed(tensors, values -> Arrays.fill(values, 0))),
                "zeroed or never assigned"),
            vouched(
                "A number that is none",
                "A training in half precision ended in NaN; what becomes of NaN at relu and maximum"
                    + " depends on the engine, so texts can lose all features.",
                bench ->
                    rewriteEncoder(
                        bench, tensors -> changed(tensors, values -> values[77] = Float.NaN)),
                "is NaN or infinite at element 77"),
            vouched(
                "A head of another width",
                "Where it is cut or filled up to fit, weights come from the wrong numbers.",
                bench -> GeneratedModel.writeHead(bench.model(), 128, 1),
                "It belongs to another model"),
            new Refused(
                "The manifest was brought into line with the wrong files",
                "All hashes agree, because somebody wrote new ones, and weights are those of"
                    + " another model under the old one's name.",
                ModelFileFailures::forgeManifest,
                TestBench::openAndClose,
                "does not compute what the model was made with"),
            new Refused(
                "Two checkpoints lie in the folder",
                "One program takes the new one, the next the stale one, each by a rule of its own.",
                bench -> Files.copy(bench.model(ENCODER), bench.model("model.safetensors")),
                bench -> bench.command("model", "lock", bench.model().toString(), "--force"),
                "holds 2 networks"),
            new Refused(
                "The tokenizer has a token that the network has no embedding for",
                "The row of another token is taken, or whatever lies behind the table.",
                bench ->
                    bench.replace(
                        TOKENIZER,
                        "\"added_tokens\":[",
                        "\"added_tokens\":[{\"id\":181,\"content\":\"<new>\",\"single_word\":false,"
                            + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,"
                            + "\"special\":false},"),
                TestBench::lock,
                "the network has no embedding for \"<new>\" (id 181)"),
            refused(
                "A link into a shared cache",
                "Whoever brings the cache up to date changes the model of everybody who links to"
                    + " it.",
                bench -> {
                  Path cache = bench.folder().resolve("cache.bin");
                  Files.move(bench.model(ENCODER), cache);
                  Files.createSymbolicLink(bench.model(ENCODER), cache);
                },
                "is a link out of the model's folder"),
            new Handled(
                "Files change while the model is in use",
                "What is read late comes from other files than what was checked.",
                "The bytes that were verified are the bytes that are used: the encoder that is open"
                    + " gives the same weights bit for bit, and the next one is refused.",
                ModelFileFailures::changeWhileOpen),
            new Handled(
                "A large checkpoint is written over, or cut off, while the model is in use",
                "It is mapped: the open model goes on with other weights under the right name, or"
                    + " the program is ended by the machine.",
                "What is read of a file on disk is compared with what was verified. The encoder"
                    + " gives no more weights, and says which file was changed and what to do; a"
                    + " file that is moved into its place changes nothing.",
                ModelFileFailures::overwriteLargeFile)));
  }

  /** A failure that the manifest's hashes catch. */
  private static Refused refused(String name, String elsewhere, Step failure, String message) {
    return new Refused(name, elsewhere, failure, TestBench::verify, message);
  }

  /** A failure that is caught though no hash is known, when somebody makes it a model. */
  private static Refused vouched(String name, String elsewhere, Step failure, String message) {
    return new Refused(name, elsewhere, failure, TestBench::vouch, message);
  }

  static void reorderVocabulary(TestBench bench) throws IOException {
    bench.replace(TOKENIZER, "\"▁the\"", "\"▁swap\"");
    bench.replace(TOKENIZER, "\"▁and\"", "\"▁the\"");
    bench.replace(TOKENIZER, "\"▁swap\"", "\"▁and\"");
  }

  private static void forgeManifest(TestBench bench) throws IOException {
    ModelManifest before = ModelManifest.ofFolder(bench.model());
    GeneratedModel.writeHead(bench.model(), HIDDEN, 99);
    ModelManifest forged = GeneratedModel.lock(bench.model()).withGolden(before.golden());
    Files.write(bench.model(ModelManifest.FILE_NAME), forged.toJson());
  }

  private static void changeWhileOpen(TestBench bench) throws IOException {
    try (LexicalEncoder encoder = bench.open()) {
      SparseVector before = encoder.encodeQuery(TestBench.QUERY);
      GeneratedModel.writeHead(bench.model(), HIDDEN, 99);
      reorderVocabulary(bench);
      assertEquals(before, encoder.encodeQuery(TestBench.QUERY));
      bench.lock();
      try (LexicalEncoder next = bench.open()) {
        assertNotEquals(before, next.encodeQuery(TestBench.QUERY));
        assertNotEquals(encoder.fingerprint(), next.fingerprint());
      }
    }
  }

  private static void overwriteLargeFile(TestBench bench) throws IOException {
    GeneratedModel.enlarge(bench.model());
    bench.lock();
    byte[] start = new byte[1 << 20];
    for (boolean truncated : new boolean[] {false, true}) {
      try (LexicalEncoder encoder = bench.open()) {
        SparseVector before = encoder.encodeQuery(TestBench.QUERY);
        Path moved = Files.move(bench.model(ENCODER), bench.folder().resolve("moved"));
        Files.write(bench.model(ENCODER), start);
        assertEquals(before, encoder.encodeQuery(TestBench.QUERY));
        Files.move(moved, bench.model(ENCODER), StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel =
            FileChannel.open(
                bench.model(ENCODER), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          ByteBuffer end = ByteBuffer.allocate(start.length);
          long place = channel.size() - start.length;
          channel.read(end, place);
          if (truncated) {
            channel.truncate(place);
          } else {
            channel.write(ByteBuffer.wrap(start), place);
          }
          assertRefusedAsChanged(encoder);
          channel.write(end.flip(), place);
          assertRefusedAsChanged(encoder);
        }
      }
      bench.openAndClose();
    }
  }

  private static void assertRefusedAsChanged(LexicalEncoder encoder) {
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> encoder.encodeQuery(TestBench.QUERY));
    assertTrue(
        e.getMessage().contains(ENCODER + " was changed while it was in use"), e.getMessage());
  }

  private static void rewriteEncoder(TestBench bench, Consumer<Map<String, Tensor>> change)
      throws IOException {
    byte[] content = Files.readAllBytes(bench.model(ENCODER));
    Map<String, Tensor> tensors =
        new TreeMap<>(Checkpoint.read(FileBytes.of(ByteBuffer.wrap(content)), ENCODER));
    change.accept(tensors);
    TorchCheckpointWriter.write(
        bench.model(ENCODER), "archive", tensors.values().stream().map(Entry::of).toList());
  }

  private static void changed(Map<String, Tensor> tensors, Consumer<float[]> change) {
    Tensor tensor = tensors.get(KEY_WEIGHTS);
    assertEquals(ElementType.F32, tensor.type());
    float[] values = tensor.toFloats();
    change.accept(values);
    tensors.put(KEY_WEIGHTS, Tensor.of(KEY_WEIGHTS, tensor.shape(), values));
  }
}
