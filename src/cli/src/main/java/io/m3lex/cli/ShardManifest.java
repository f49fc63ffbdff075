/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.m3lex.index.WitnessText;
import io.m3lex.util.JsonFaults;
import io.m3lex.util.Utf8;
import io.m3lex.util.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/**
 * What a finished shard is, in a JSON file beside it. It is written last: a shard without one is
 * not finished.
 *
 * @param format version of this form
 * @param first the first record of the input that belongs to it, from 0
 * @param end the first record behind it
 * @param faults records that are no documents, and have no vector
 * @param content what is in the shard's file, a line for each vector
 * @param environment what the weights were computed with
 * @param witnesses the weights that came out there for the witness texts
 */
record ShardManifest(
    int format,
    Shard shard,
    long first,
    long end,
    long faults,
    FileContent content,
    ShardOrigin origin,
    SortedMap<String, String> environment,
    List<WitnessText.Stored> witnesses) {

  private static final int FORMAT = 1;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final ObjectReader READER =
      JSON.readerFor(ShardManifest.class)
          .with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  ShardManifest {
    InputRange range = shard.range(origin.input());
    if (format != FORMAT || faults < 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "format %d, %d faults", format, faults));
    }
    if (first != range.first() || end != range.end() || content.lines() + faults != end - first) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "shard %s of %d records cannot be records %d to %d with %d vectors and %d faults",
              shard,
              origin.input().records(),
              first + 1,
              end,
              content.lines(),
              faults));
    }
    witnesses = List.copyOf(witnesses);
    witnesses.forEach(WitnessText.Stored::witness);
  }

  /** The manifest of a shard that has just been written. */
  static ShardManifest of(Shard shard, CountedInput input, FileContent content, VectorEncoding by) {
    InputRange range = shard.range(input);
    return new ShardManifest(
        FORMAT,
        shard,
        range.first(),
        range.end(),
        range.size() - content.lines(),
        content,
        ShardOrigin.of(input, by),
        by.encoder().environment(),
        by.witnesses().stream().map(WitnessText.Stored::of).toList());
  }

  /**
   * Reads a manifest.
   *
   * @throws CommandException if it is damaged, or of a newer form
   */
  static ShardManifest read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      String text = Utf8.text(bytes);
      JsonNode tree = JSON.readTree(text);
      int format = tree.path("format").asInt();
      if (format > FORMAT) {
        throw new CommandException(
            String.format(
                Locale.ROOT,
                "manifest %s has format %d; this program reads format %d. Use the version of m3lex that wrote it",
                file,
                format,
                FORMAT));
      }
      ShardManifest manifest = READER.readValue(text);
      if (manifest == null) {
        throw new CommandException("manifest %s is damaged: it is null".formatted(file));
      }
      return manifest;
    } catch (JsonProcessingException e) {
      throw new CommandException("manifest %s is damaged: %s".formatted(file, JsonFaults.words(e)));
    } catch (CharacterCodingException e) {
      throw new CommandException("manifest %s is damaged: it is not UTF-8".formatted(file));
    }
  }

  /** Writes it, whole or not at all. */
  void write(Path file) throws IOException {
    WholeFile.write(file, List.of(ByteBuffer.wrap(JSON.writeValueAsBytes(this))));
  }

  /** The weights of the witness texts. */
  List<WitnessText> witnessTexts() {
    return witnesses.stream().map(WitnessText.Stored::witness).toList();
  }
}
