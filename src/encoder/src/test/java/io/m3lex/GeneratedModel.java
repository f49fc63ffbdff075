/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.checkpoint.Checkpoint;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.checkpoint.TorchCheckpointWriter;
import io.m3lex.checkpoint.TorchCheckpointWriter.Content;
import io.m3lex.checkpoint.TorchCheckpointWriter.Entry;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.model.EncoderOutput;
import io.m3lex.model.FileRole;
import io.m3lex.model.Golden;
import io.m3lex.model.HeadForm;
import io.m3lex.model.ModelFile;
import io.m3lex.model.ModelLock;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.TransformerArchitecture;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Whole models in the layout of the official BGE-M3 files, of any size, with numbers that are made
 * up. They compute nothing sensible, but all that the real one does.
 */
public final class GeneratedModel {

  /** The greatest length of a text in the small model, special tokens included. */
  public static final int SMALL_MAX_TOKENS = 130;

  private static final double LEAST_SCORE = -20;

  private GeneratedModel() {}

  /** The config.json of a model with BGE-M3's architecture, but for its size. */
  public static String config(
      String type,
      int layers,
      int hiddenSize,
      int heads,
      int intermediateSize,
      int vocabularySize,
      int positions) {
    return """
    {
      "architectures": ["XLMRobertaModel"],
      "hidden_act": "gelu",
      "hidden_size": %d,
      "intermediate_size": %d,
      "layer_norm_eps": 1e-05,
      "max_position_embeddings": %d,
      "model_type": "%s",
      "num_attention_heads": %d,
      "num_hidden_layers": %d,
      "pad_token_id": 1,
      "position_embedding_type": "absolute",
      "torch_dtype": "float32",
      "type_vocab_size": 1,
      "vocab_size": %d
    }
    """
        .formatted(hiddenSize, intermediateSize, positions, type, heads, layers, vocabularySize);
  }

  /** The config.json of BGE-M3, as far as it decides anything. */
  public static String bgeM3Config() {
    return config("xlm-roberta", 24, 1024, 16, 4096, 250_002, 8194);
  }

  /** Writes a model of three layers that reads letters, digits and some words. */
  public static void writeSmall(Path folder, long seed) throws IOException {
    List<String> pieces = smallVocabulary();
    String config = config("xlm-roberta", 3, 64, 4, 160, pieces.size(), SMALL_MAX_TOKENS + 2);
    write(folder, config, tokenizer(pieces).getBytes(StandardCharsets.UTF_8), seed);
  }

  /**
   * Writes a model.
   *
   * @param folder where its files shall be; made if it is not there
   * @param config the config.json, which says how large the tensors are
   * @param tokenizer the tokenizer.json
   * @param seed of the numbers
   */
  public static void write(Path folder, String config, byte[] tokenizer, long seed)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config);
    Files.write(folder.resolve("tokenizer.json"), tokenizer);
    TransformerArchitecture architecture =
        TransformerArchitecture.parse(
            ByteBuffer.wrap(config.getBytes(StandardCharsets.UTF_8)), "config.json");
    List<Entry> encoder = new ArrayList<>();
    for (Map.Entry<String, long[]> tensor : architecture.tensors().entrySet()) {
      boolean norm = tensor.getKey().endsWith("LayerNorm.weight");
      encoder.add(
          Entry.of(
              tensor.getKey(),
              ElementType.F32,
              tensor.getValue(),
              numbers(seed ^ tensor.getKey().hashCode(), norm ? 1 : 0, norm ? 0.1 : 0.05, false)));
    }
    int hidden = architecture.hiddenSize();
    addLinear(encoder, "pooler.dense", ElementType.F32, hidden, hidden, seed + 1);
    TorchCheckpointWriter.write(folder.resolve("pytorch_model.bin"), "archive", encoder);
    writeHead(folder, hidden, seed);
    writeOtherHead(folder, hidden, seed);
  }

  /**
   * Makes the checkpoint of a model larger than what is read into memory, by 257 MiB of a tensor
   * that no weight depends on: a hole where the disk has such.
   */
  public static void enlarge(Path folder) throws IOException {
    Path file = folder.resolve("pytorch_model.bin");
    Map<String, Tensor> tensors =
        Checkpoint.read(FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(file))), file.toString());
    long end = 257 << 20;
    Map<String, Object> header = new LinkedHashMap<>();
    header.put(
        "pooler.hole",
        Map.of("dtype", "U8", "shape", List.of(end), "data_offsets", List.of(0, end)));
    for (Tensor tensor : tensors.values()) {
      long start = end;
      end += tensor.elementCount() * (long) tensor.type().bytes();
      header.put(
          tensor.name(),
          Map.of(
              "dtype",
              tensor.type().name(),
              "shape",
              tensor.shape(),
              "data_offsets",
              List.of(start, end)));
    }
    byte[] json = new ObjectMapper().writeValueAsBytes(header);
    Files.delete(file);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, json.length));
      channel.write(ByteBuffer.wrap(json));
      channel.position(channel.position() + (257 << 20));
      for (Tensor tensor : tensors.values()) {
        channel.write(tensor.data());
      }
    }
  }

  /** What a model is, but for sizes, hashes and golden texts. */
  public static ModelManifest draft(Path folder) throws IOException {
    TransformerArchitecture architecture =
        TransformerArchitecture.parse(
            ByteBuffer.wrap(Files.readAllBytes(folder.resolve("config.json"))), "config.json");
    return new ModelManifest(
        ModelManifest.FORMAT_VERSION,
        "generated",
        "",
        "",
        "",
        null,
        new EncoderOutput(
            architecture.type(),
            "last_hidden_state",
            architecture.hiddenSize(),
            architecture.vocabularySize(),
            architecture.maxTokens()),
        HeadForm.M3,
        List.of(
            ModelFile.unmeasured("pytorch_model.bin", null, FileRole.ENCODER),
            ModelFile.unmeasured("config.json", null, FileRole.CONFIG),
            ModelFile.unmeasured("tokenizer.json", null, FileRole.TOKENIZER),
            ModelFile.unmeasured("sparse_linear.pt", null, FileRole.HEAD),
            ModelFile.unmeasured("colbert_linear.pt", null, FileRole.OTHER_HEAD)),
        Golden.NONE,
        1e-4f,
        Map.of(),
        List.of());
  }

  /** Writes the manifest of a model into its folder. */
  public static ModelManifest lock(Path folder) throws IOException {
    VerifiedModel examined = ModelLock.examine(draft(folder), ModelSource.folder(folder));
    List<String> texts = List.of("the search index", "Weights of tokens, 42 of them.", "日本 ü");
    return ModelLock.write(
        examined,
        new Golden(1e-4f, LexicalEncoder.goldenTexts(examined, texts)),
        folder.resolve(ModelManifest.FILE_NAME));
  }

  /** Writes sparse_linear.pt. */
  public static void writeHead(Path folder, int hidden, long seed) throws IOException {
    List<Entry> head = new ArrayList<>();
    addLinear(head, "", ElementType.F16, 1, hidden, seed + 2);
    TorchCheckpointWriter.write(folder.resolve("sparse_linear.pt"), "sparse_linear", head);
  }

  /** Writes colbert_linear.pt. */
  public static void writeOtherHead(Path folder, int hidden, long seed) throws IOException {
    List<Entry> head = new ArrayList<>();
    addLinear(head, "", ElementType.F16, hidden, hidden, seed + 3);
    TorchCheckpointWriter.write(folder.resolve("colbert_linear.pt"), "colbert_linear", head);
  }

  private static void addLinear(
      List<Entry> entries, String name, ElementType type, int outputs, int inputs, long seed) {
    String prefix = name.isEmpty() ? "" : name + ".";
    boolean half = type == ElementType.F16;
    entries.add(
        Entry.of(
            prefix + "weight", type, new long[] {outputs, inputs}, numbers(seed, 0, 0.05, half)));
    entries.add(
        Entry.of(prefix + "bias", type, new long[] {outputs}, numbers(~seed, 0.1, 0.05, half)));
  }

  /** Numbers that are spread evenly around a mean. */
  private static Content numbers(long seed, double mean, double spread, boolean half) {
    return (offset, target) -> {
      SplittableRandom random = new SplittableRandom(seed + offset);
      while (target.hasRemaining()) {
        float value = (float) (mean + spread * (2 * random.nextDouble() - 1));
        if (half) {
          target.putShort(Float.floatToFloat16(value));
        } else {
          target.putFloat(value);
        }
      }
    };
  }

  private static List<String> smallVocabulary() {
    List<String> pieces = new ArrayList<>(List.of("<s>", "<pad>", "</s>", "<unk>", "▁"));
    for (char c = '!'; c <= '~'; c++) {
      if (c != '<') {
        pieces.add(String.valueOf(c));
      }
    }
    for (char c : "äöüßéèñçабвгдежзийклмнопрстуфхцчшыьэюя日本語中文的一是".toCharArray()) {
      pieces.add(String.valueOf(c));
    }
    for (char c = 'a'; c <= 'z'; c++) {
      pieces.add("▁" + c);
    }
    pieces.addAll(
        List.of("▁the", "▁and", "▁search", "▁index", "▁token", "▁weight", "ing", "er", "ed", "s▁"));
    pieces.add("<mask>");
    return pieces;
  }

  /** A tokenizer.json like BGE-M3's, but without its character map. */
  private static String tokenizer(List<String> pieces) throws IOException {
    List<Object> vocabulary = new ArrayList<>();
    List<Object> added = new ArrayList<>();
    for (int id = 0; id < pieces.size(); id++) {
      String piece = pieces.get(id);
      boolean special = piece.startsWith("<");
      vocabulary.add(List.of(piece, special ? 0 : LEAST_SCORE + 3 * piece.length()));
      if (special) {
        added.add(
            Map.of(
                "id", id,
                "content", piece,
                "single_word", false,
                "lstrip", piece.equals("<mask>"),
                "rstrip", false,
                "normalized", false,
                "special", true));
      }
    }
    Map<String, Object> metaspace =
        Map.of("type", "Metaspace", "replacement", "▁", "prepend_scheme", "always", "split", true);
    Map<String, Object> start = Map.of("SpecialToken", Map.of("id", "<s>", "type_id", 0));
    Map<String, Object> end = Map.of("SpecialToken", Map.of("id", "</s>", "type_id", 0));
    Map<String, Object> text = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
    Map<String, Object> second = Map.of("Sequence", Map.of("id", "B", "type_id", 0));
    return new ObjectMapper()
        .writeValueAsString(
            Map.of(
                "version",
                "1.0",
                "added_tokens",
                added,
                "normalizer",
                Map.of("type", "Replace", "pattern", Map.of("Regex", " {2,}"), "content", " "),
                "pre_tokenizer",
                metaspace,
                "post_processor",
                Map.of(
                    "type",
                    "TemplateProcessing",
                    "single",
                    List.of(start, text, end),
                    "pair",
                    List.of(start, text, end, end, second, end),
                    "special_tokens",
                    Map.of(
                        "<s>",
                        Map.of("id", "<s>", "ids", List.of(0), "tokens", List.of("<s>")),
                        "</s>",
                        Map.of("id", "</s>", "ids", List.of(2), "tokens", List.of("</s>")))),
                "decoder",
                metaspace,
                "model",
                Map.of("type", "Unigram", "unk_id", 3, "vocab", vocabulary)));
  }
}
