/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.corpus.CorpusReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A shard of a file of vectors, encoded unless it is there already.
 *
 * @param whole the file that the shards will be
 * @param err where it is told what happens
 * @param stop whether the command shall end
 */
record ShardEncoding(
    VectorEncoding encoding, Shard shard, Path whole, PrintWriter err, BooleanSupplier stop) {

  /**
   * Encodes the shard and writes its manifest.
   *
   * @param inputs a single one, which can be read twice
   * @param restart whether to encode it though it is there, or an interrupted run began it
   * @param report gets the records that are encoded
   * @return empty if the command shall end before that
   * @throws CommandException if a shard of another origin is there
   */
  Optional<ShardManifest> run(InputRun inputs, boolean restart, EncodingReport report)
      throws IOException {
    CountedInput counted;
    Path input = inputs.inputs().getFirst();
    try (CorpusReader reader = inputs.open(input);
        Progress progress = Progress.of("Counting", "records", -1)) {
      counted = CountedInput.of(reader, progress::at, stop);
    }
    if (stop.getAsBoolean()) {
      err.println("m3lex: interrupted before the first record.");
      err.flush();
      return Optional.empty();
    }
    if (!restart) {
      Optional<ShardManifest> finished = finished(ShardOrigin.of(counted, encoding));
      if (finished.isPresent()) {
        return finished;
      }
    }
    // So that it never stands beside the data of another run.
    Files.deleteIfExists(shard.manifest(whole));
    VectorFile file = new VectorFile(encoding, shard.file(whole), err, stop);
    try (CorpusReader reader = inputs.open(input)) {
      Optional<FileContent> content = file.write(reader, shard.range(counted), restart, report);
      if (content.isEmpty()) {
        return Optional.empty();
      }
      ShardManifest manifest = ShardManifest.of(shard, counted, content.get(), encoding);
      manifest.write(shard.manifest(whole));
      err.println("m3lex: shard %s is finished: %s".formatted(shard, described(manifest)));
      return Optional.of(manifest);
    }
  }

  /** The shard, if it is there and good; empty if it is to be encoded. */
  private Optional<ShardManifest> finished(ShardOrigin wanted) throws IOException {
    Path file = shard.manifest(whole);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    ShardManifest manifest = readForRestart(file);
    requireSame(manifest, wanted);
    Path data = shard.file(whole);
    String found = Files.isRegularFile(data) ? FileContent.sha256(data) : "";
    if (!found.equals(manifest.content().sha256())) {
      err.println(
          "m3lex: shard %s is encoded again: %s %s"
              .formatted(
                  shard,
                  data,
                  found.isEmpty()
                      ? "is not there, though its manifest is"
                      : "is damaged, its SHA-256 is " + found));
      return Optional.empty();
    }
    err.println(
        "m3lex: shard %s was finished before, and is as it was: %s"
            .formatted(shard, described(manifest)));
    return Optional.of(manifest);
  }

  private static ShardManifest readForRestart(Path file) throws IOException {
    try {
      return ShardManifest.read(file);
    } catch (CommandException e) {
      throw new CommandException(
          "The %s, or add --restart to encode the shard again.".formatted(e.getMessage()));
    }
  }

  private void requireSame(ShardManifest manifest, ShardOrigin wanted) {
    List<String> differences = new ArrayList<>();
    if (!manifest.shard().equals(shard)) {
      differences.add("shard: %s there, %s now".formatted(manifest.shard(), shard));
    }
    Map<String, String> there = manifest.origin().properties();
    Map<String, String> now = wanted.properties();
    now.forEach(
        (name, value) -> {
          if (!value.equals(there.get(name))) {
            differences.add("%s: %s there, %s now".formatted(name, there.get(name), value));
          }
        });
    there.forEach(
        (name, value) -> {
          if (!now.containsKey(name)) {
            differences.add("%s: %s there, nothing now".formatted(name, value));
          }
        });
    if (!differences.isEmpty()) {
      throw new CommandException(
          "Shard %s is there already, but of another run (%s):%n  %s%nAdd --restart to encode it again, or name another file with --to."
              .formatted(
                  shard, shard.manifest(whole), String.join("%n  ".formatted(), differences)));
    }
  }

  private static String described(ShardManifest manifest) {
    return String.format(
        Locale.ROOT,
        "%s of %,d, %,d vectors, SHA-256 %s",
        manifest.shard().range(manifest.origin().input()),
        manifest.origin().input().records(),
        manifest.content().lines(),
        manifest.content().sha256());
  }
}
