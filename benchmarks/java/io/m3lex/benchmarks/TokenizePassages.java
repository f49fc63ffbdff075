/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Turns the texts of JSON lines into token ids, the raw material of {@code TokenPassages}.
 * Arguments: tokenizer.json, the file to write, and files of JSON lines, which may be gzipped.
 */
public final class TokenizePassages {

  private static final int BATCH = 2_000;

  private TokenizePassages() {}

  /** Writes, for each text, the number of its tokens and their ids, all as big-endian ints. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 3) {
      System.err.println("usage: tokenize-passages TOKENIZER.json TO TEXTS.jsonl[.gz]…");
      System.exit(2);
    }
    System.setProperty("ai.djl.offline", "true");
    Map<String, String> options =
        Map.of(
            "truncation", "do_not_truncate", "padding", "do_not_pad", "addSpecialTokens", "false");
    long start = System.nanoTime();
    long passages = 0;
    long tokens = 0;
    ObjectReader json = new ObjectMapper().readerFor(Map.class);
    try (HuggingFaceTokenizer tokenizer =
            HuggingFaceTokenizer.newInstance(Path.of(arguments[0]), options);
        DataOutputStream out =
            new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[1])), 1 << 20))) {
      for (String file : Arrays.asList(arguments).subList(2, arguments.length)) {
        try (BufferedReader lines = open(Path.of(file))) {
          List<String> batch = new ArrayList<>(BATCH);
          String line;
          do {
            line = lines.readLine();
            if (line != null) {
              Map<String, Object> document = json.readValue(line);
              batch.add(String.valueOf(document.get("text")));
            }
            if (batch.size() == BATCH || line == null && !batch.isEmpty()) {
              for (Encoding encoding :
                  tokenizer.batchEncode(batch.toArray(String[]::new), false, false)) {
                long[] ids = encoding.getIds();
                out.writeInt(ids.length);
                for (long id : ids) {
                  out.writeInt((int) id);
                }
                passages++;
                tokens += ids.length;
              }
              batch.clear();
            }
          } while (line != null);
        }
      }
    }
    System.out.printf(
        "%,d passages, %,d tokens in %.0f s%n",
        passages, tokens, (System.nanoTime() - start) / 1e9);
  }

  private static BufferedReader open(Path file) throws IOException {
    InputStream bytes = Files.newInputStream(file);
    if (file.toString().endsWith(".gz")) {
      bytes = new GZIPInputStream(bytes, 1 << 16);
    }
    return new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8), 1 << 16);
  }
}
