/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.m3lex.util.BackgroundTask;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.slf4j.LoggerFactory;

/**
 * The tokenizer of a tokenizer.json, without any truncation: lengths are the caller's business.
 * Safe for use by several threads.
 */
final class TextTokenizer implements AutoCloseable {

  private final HuggingFaceTokenizer tokenizer;
  private final long[] prefix;
  private final long[] suffix;
  private final Set<Integer> specialIds;
  private final SortedMap<Integer, String> greatest;

  /**
   * Loads a tokenizer.
   *
   * @param json the content of tokenizer.json
   * @throws IOException if the content is no tokenizer
   */
  TextTokenizer(byte[] json) throws IOException {
    TokenizerJson read = new TokenizerJson(json);
    specialIds = read.specialIds();
    greatest = read.greatest();
    // Keeps DJL from asking the network for native libraries or reporting its start.
    if (System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    try {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json),
              Map.of("truncation", "do_not_truncate", "padding", "do_not_pad"));
    } catch (RuntimeException e) {
      throw new IOException(
          "tokenizer.json cannot be loaded: " + e.getMessage() + ". Download the file again.", e);
    }
    boolean done = false;
    try {
      // The template of a single text, for instance [CLS] A [SEP], read off an example.
      long[] plain = encode("a", false).getIds();
      long[] framed = encode("a", true).getIds();
      int start = plain.length == 0 ? -1 : indexOf(framed, plain);
      if (start < 0) {
        throw new IOException("tokenizer.json frames texts in a way that m3lex does not know.");
      }
      prefix = Arrays.copyOf(framed, start);
      suffix = Arrays.copyOfRange(framed, start + plain.length, framed.length);
      checkAdded(read.added());
      done = true;
    } catch (IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      if (!done) {
        tokenizer.close();
      }
    }
  }

  /**
   * The native tokenizer numbers added tokens itself, and heeds the file only as far as it fits.
   */
  private void checkAdded(Map<String, Integer> added) throws IOException {
    for (Map.Entry<String, Integer> token : added.entrySet()) {
      long[] ids = encode(token.getKey(), false).getIds();
      if (ids.length == 1 && ids[0] != token.getValue()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "tokenizer.json gives the added token \"%s\" the id %d, and texts get %d for it: its ids are not those that follow the vocabulary. Save the tokenizer again with the library that made it.",
                token.getKey(),
                token.getValue(),
                ids[0]));
      }
    }
  }

  /** The tokens with the greatest ids, ten at most, by id. */
  SortedMap<Integer, String> greatest() {
    return greatest;
  }

  /** A tokenizer may load, and yet know no token for what it does not know. */
  private Encoding encode(String text, boolean framed) {
    try {
      return tokenizer.encode(text, framed, false);
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "tokenizer.json cannot split a text: %s. Take the tokenizer that the model was made with."
              .formatted(e.getMessage()),
          e);
    }
  }

  /** Begins to load a tokenizer, as the constructor does. */
  static BackgroundTask<TextTokenizer> load(byte[] json) {
    // DJL logs from several threads now, and SLF4J complains when two start it at once.
    LoggerFactory.getILoggerFactory();
    return BackgroundTask.startNative("load-tokenizer", () -> new TextTokenizer(json));
  }

  private static int indexOf(long[] array, long[] part) {
    for (int i = 0; i + part.length <= array.length; i++) {
      if (Arrays.equals(array, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The tokens of a whole text, without the template's special tokens.
   *
   * @throws IllegalStateException if the tokenizer has none for a part of it, not even an unknown
   */
  Tokens tokenize(String text) {
    Encoding encoding = encode(text, false);
    long[] ids = encoding.getIds();
    Tokens tokens = new Tokens(new int[ids.length], new boolean[ids.length]);
    for (int i = 0; i < ids.length; i++) {
      tokens.ids[i] = (int) ids[i];
      tokens.special[i] = specialIds.contains(tokens.ids[i]);
    }
    return tokens;
  }

  /**
   * Where the tokens of {@link #tokenize} stand in the text, in UTF-16 code units: for each its
   * start and its end, both equal if it stands for no character.
   */
  int[] bounds(String text) {
    CharSpan[] spans = encode(text, false).getCharTokenSpans();
    // The tokenizer counts code points.
    int[] units = new int[text.codePointCount(0, text.length()) + 1];
    for (int i = 1; i < units.length; i++) {
      units[i] = text.offsetByCodePoints(units[i - 1], 1);
    }
    int[] bounds = new int[2 * spans.length];
    for (int i = 0; i < spans.length; i++) {
      if (spans[i] != null) {
        bounds[2 * i] = units[Math.clamp(spans[i].getStart(), 0, units.length - 1)];
        bounds[2 * i + 1] = units[Math.clamp(spans[i].getEnd(), 0, units.length - 1)];
      }
    }
    return bounds;
  }

  /** The number of special tokens that the template adds to a text. */
  int frameLength() {
    return prefix.length + suffix.length;
  }

  /**
   * The network's input for the tokens from {@code start} to {@code end}: framed by the template.
   */
  long[] frame(int[] ids, int start, int end) {
    long[] input = new long[prefix.length + end - start + suffix.length];
    System.arraycopy(prefix, 0, input, 0, prefix.length);
    for (int i = start; i < end; i++) {
      input[prefix.length + i - start] = ids[i];
    }
    System.arraycopy(suffix, 0, input, input.length - suffix.length, suffix.length);
    return input;
  }

  /** The position of a text's first token in its framed input. */
  int framePrefix() {
    return prefix.length;
  }

  /** The piece of text that an id stands for, empty if there is none. */
  String piece(int id) {
    return tokenizer.decode(new long[] {id}, false);
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /** Ids and special marks of a text's tokens, each {@code [tokens]}. */
  record Tokens(int[] ids, boolean[] special) {}
}
