/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.VectorFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Encodes shards as {@code m3lex encode --shard} does, with any encoder, and joins them. */
final class ShardFixture {

  private final StringWriter messages = new StringWriter();
  private final PrintWriter err = new PrintWriter(messages, true);
  private SparseEncoder encoder;
  private TextRole role = TextRole.DOCUMENT;
  private VectorFormat format = VectorFormat.ANSERINI;
  private int threads = 2;
  private boolean restart;

  ShardFixture(SparseEncoder encoder) {
    this.encoder = encoder;
  }

  ShardFixture with(SparseEncoder other) {
    encoder = other;
    return this;
  }

  ShardFixture with(TextRole other) {
    role = other;
    return this;
  }

  ShardFixture with(VectorFormat other) {
    format = other;
    return this;
  }

  ShardFixture withThreads(int number) {
    threads = number;
    return this;
  }

  ShardFixture withRestart(boolean wanted) {
    restart = wanted;
    return this;
  }

  /** What one run writes. */
  Optional<FileContent> whole(Path input, Path file, BooleanSupplier stop) throws IOException {
    try (CorpusReader reader = CorpusReader.open(input)) {
      return new VectorFile(encoding(), file, err, stop)
          .write(reader, InputRange.all(input), restart, report());
    }
  }

  Optional<ShardManifest> shard(Path input, Path whole, int number, int of) throws IOException {
    return shard(input, whole, number, of, () -> false);
  }

  Optional<ShardManifest> shard(Path input, Path whole, int number, int of, BooleanSupplier stop)
      throws IOException {
    return new ShardEncoding(encoding(), new Shard(number, of), whole, err, stop)
        .run(new InputRun(List.of(input), null, OwnOutput.vectors(whole)), restart, report());
  }

  void shards(Path input, Path whole, int of) throws IOException {
    for (int number = of; number >= 1; number--) {
      shard(input, whole, number, of);
    }
  }

  private VectorEncoding encoding() {
    return VectorEncoding.of(encoder, role, format, threads);
  }

  private EncodingReport report() {
    return new EncodingReport(err, false);
  }

  /** Runs {@code m3lex join}. */
  int join(Path whole, String... options) {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "join";
    arguments[1] = whole.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return Main.run(err, err, arguments);
  }

  /** What was told since this was asked last. */
  String messages() {
    String told = messages.toString();
    messages.getBuffer().setLength(0);
    return told;
  }

  static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }
}
