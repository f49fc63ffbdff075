/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.checkpoint.Checkpoint;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.util.JsonFaults;
import io.m3lex.util.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Drafts manifests of models that are not known yet, from the files in their folders. {@code
 * LexicalEncoder.lock} makes the model's manifest of a draft.
 */
public final class ModelDraft {

  /** The kind of network that an ONNX file holds where nothing else is said. */
  public static final String ARCHITECTURE = "bert";

  /** The output of the network that the head reads. */
  public static final String OUTPUT = "last_hidden_state";

  /** The usual name of an ONNX network. */
  public static final String ENCODER = "model.onnx";

  /** The name of the tokenizer. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The usual name of a head that m3lex trained. */
  public static final String HEAD = "lexical_head.safetensors";

  /** The names under which a network lies in a folder. */
  private static final List<String> ENCODERS =
      List.of(ENCODER, "pytorch_model.bin", "model.safetensors");

  private static final List<String> ENCODERS_IN_PARTS =
      List.of("pytorch_model.bin.index.json", "model.safetensors.index.json");

  private static final List<String> HEADS =
      List.of(HEAD, "sparse_linear.pt", "sparse_linear.safetensors");

  /** Most tokens that an ONNX network of the BERT kind takes, where nothing else is said. */
  private static final int MAX_TOKENS = 512;

  private static final String OTHER_HEAD = "colbert_linear.pt";

  /**
   * Greatest difference of a golden weight for int8 networks: on processors with other vector
   * instructions single weights were seen to come out up to 0.07 apart.
   */
  public static final float INT8_TOLERANCE = 0.25f;

  private ModelDraft() {}

  /**
   * The draft of a model whose files lie in a folder under their usual names.
   *
   * @param maxTokens most tokens that the network takes at once; 0 for what its architecture says
   * @param witnessTolerance see {@link ModelManifest#witnessTolerance()}
   * @throws ModelDraftException if files are missing, damaged, or not the only ones of their kind
   * @throws IllegalArgumentException if a manifest does not allow the name or a number
   */
  public static ModelManifest ofFolder(
      Path folder, String name, int maxTokens, float witnessTolerance) throws IOException {
    return ofFolder(folder, name, maxTokens, witnessTolerance, null, null);
  }

  /**
   * The draft of a model whose files lie in a folder.
   *
   * @param maxTokens most tokens that the network takes at once; 0 for what its architecture says
   * @param witnessTolerance see {@link ModelManifest#witnessTolerance()}
   * @param chosenEncoder which file holds the network; null for the only one there is
   * @param chosenHead which file holds the head; null for the only one there is
   * @throws ModelDraftException if files are missing, damaged, or one of several is not chosen
   * @throws IllegalArgumentException if a manifest does not allow the name or a number
   */
  public static ModelManifest ofFolder(
      Path folder,
      String name,
      int maxTokens,
      float witnessTolerance,
      String chosenEncoder,
      String chosenHead)
      throws IOException {
    String encoder = encoder(folder, chosenEncoder);
    String headFile = head(folder, chosenHead);
    Map<String, Tensor> head = tensors(folder.resolve(headFile));
    Tensor weight = head.get("weight");
    if (weight == null) {
      throw new ModelDraftException(
          "%s has no tensor \"weight\": it is no lexical head."
              .formatted(folder.resolve(headFile)));
    }
    List<ModelFile> files = new ArrayList<>();
    files.add(ModelFile.unmeasured(encoder, null, FileRole.ENCODER));
    files.add(ModelFile.unmeasured(TOKENIZER, null, FileRole.TOKENIZER));
    files.add(ModelFile.unmeasured(headFile, null, FileRole.HEAD));
    EncoderOutput output;
    if (files.getFirst().isOnnx()) {
      Path tokenizer = folder.resolve(TOKENIZER);
      int vocabulary = vocabularySize(required(tokenizer), tokenizer.toString());
      output =
          new EncoderOutput(
              ARCHITECTURE,
              OUTPUT,
              weight.elementCount(),
              vocabulary,
              maxTokens == 0 ? MAX_TOKENS : maxTokens);
    } else {
      Path config = folder.resolve(TransformerArchitecture.FILE_NAME);
      TransformerArchitecture architecture =
          TransformerArchitecture.parse(ByteBuffer.wrap(required(config)), config.toString());
      output =
          new EncoderOutput(
              architecture.type(),
              OUTPUT,
              architecture.hiddenSize(),
              architecture.vocabularySize(),
              maxTokens == 0 ? architecture.maxTokens() : maxTokens);
      files.add(ModelFile.unmeasured(TransformerArchitecture.FILE_NAME, null, FileRole.CONFIG));
      if (Files.exists(folder.resolve(OTHER_HEAD))) {
        files.add(ModelFile.unmeasured(OTHER_HEAD, null, FileRole.OTHER_HEAD));
      }
    }
    return new ModelManifest(
        ModelManifest.FORMAT_VERSION,
        name,
        "",
        "",
        "",
        null,
        output,
        form(head),
        files,
        Golden.NONE,
        witnessTolerance,
        Map.of(),
        List.of());
  }

  private static String encoder(Path folder, String chosen) {
    if (chosen != null) {
      return there(folder, chosen);
    }
    List<String> found = found(folder, ENCODERS);
    List<String> parts = found(folder, ENCODERS_IN_PARTS);
    if (found.isEmpty() && !parts.isEmpty()) {
      throw new ModelDraftException(
          "The checkpoint in %s is in several files (%s lists them), which m3lex does not read. Merge them: with transformers, AutoModel.from_pretrained(FOLDER).save_pretrained(OTHER, max_shard_size=\"100GB\")."
              .formatted(folder, parts.getFirst()));
    }
    List<String> all = Stream.concat(found.stream(), parts.stream()).toList();
    return only(
        folder,
        all,
        "networks",
        FileRole.ENCODER,
        "There is no %s, pytorch_model.bin or model.safetensors in %s.".formatted(ENCODER, folder));
  }

  private static String head(Path folder, String chosen) {
    return chosen != null
        ? there(folder, chosen)
        : only(
            folder,
            found(folder, HEADS),
            "lexical heads",
            FileRole.HEAD,
            "There is no %s or sparse_linear.pt in %s. Without its lexical head a model has no weights; m3lex never makes them up. Train one with \"m3lex train-head\", or copy the model's own."
                .formatted(HEAD, folder));
  }

  private static List<String> found(Path folder, List<String> names) {
    return names.stream().filter(name -> Files.exists(folder.resolve(name))).toList();
  }

  private static String there(Path folder, String chosen) {
    if (!Files.exists(folder.resolve(chosen))) {
      throw new ModelDraftException("There is no %s in %s.".formatted(chosen, folder));
    }
    return chosen;
  }

  /** The only one; nobody but the user knows which of several is the model's. */
  private static String only(
      Path folder, List<String> found, String what, FileRole role, String none) {
    if (found.isEmpty()) {
      throw new ModelDraftException(none);
    }
    if (found.size() > 1) {
      throw new ModelDraftException(
          String.format(
              Locale.ROOT,
              "%s holds %d %s: %s. Other programs may take another one than m3lex.",
              folder,
              found.size(),
              what,
              String.join(", ", found)),
          role);
    }
    return found.getFirst();
  }

  private static Map<String, Tensor> tensors(Path file) throws IOException {
    return Checkpoint.read(FileBytes.of(ByteBuffer.wrap(required(file))), file.toString());
  }

  /** The form that a head of these tensors has. */
  private static HeadForm form(Map<String, Tensor> head) {
    Set<String> tensors = head.keySet();
    HeadForm.Feature feature = tensors.contains("features") ? HeadForm.Feature.TABLE : null;
    Tensor expansion = head.get("expansion.words");
    return new HeadForm(
        tensors.contains("query.prior.rare") ? HeadForm.Feature.STEM : feature,
        tensors.contains("saturation.k") ? HeadForm.Pooling.SATURATED_SUM : null,
        tensors.contains("query.weight") ? HeadForm.Queries.SEPARATE : null,
        tensors.contains("query.prior") ? HeadForm.Prior.QUERY : null,
        expansion == null ? 0 : expansion.elementCount());
  }

  /**
   * The number of token ids of a tokenizer.json: its vocabulary and what was added to it.
   *
   * @param name of the file, for messages
   * @throws ModelDraftException if it is damaged or has no vocabulary
   */
  public static int vocabularySize(byte[] tokenizer, String name) throws IOException {
    JsonNode json;
    try {
      json = new ObjectMapper().readTree(Utf8.text(tokenizer));
    } catch (JsonProcessingException e) {
      throw new ModelDraftException(
          "%s is not JSON: %s. Download it again.".formatted(name, JsonFaults.words(e)));
    } catch (CharacterCodingException e) {
      throw new ModelDraftException("%s is not UTF-8.".formatted(name));
    }
    JsonNode vocabulary = json.path("model").path("vocab");
    int greatest = vocabulary.isArray() ? vocabulary.size() - 1 : -1;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        greatest = Math.max(greatest, id.asInt(-1));
      }
    }
    for (JsonNode added : json.path("added_tokens")) {
      greatest = Math.max(greatest, added.path("id").asInt(-1));
    }
    if (greatest < 0) {
      throw new ModelDraftException("%s has no vocabulary.".formatted(name));
    }
    return greatest + 1;
  }

  /**
   * The content of a file that a model must have.
   *
   * @throws ModelDraftException if there is no such file
   */
  public static byte[] required(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ModelDraftException("There is no %s.".formatted(file));
    }
  }
}
