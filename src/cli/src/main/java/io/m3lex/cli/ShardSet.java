/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.util.Sha256;
import io.m3lex.util.WholeFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** All shards of a file of vectors, which lie beside its place with their manifests. */
final class ShardSet {

  private static final long MEGABYTE = 1_000_000;

  private final Path whole;
  private final int count;
  private final List<FileContent> contents = new ArrayList<>();
  private final ShardWitnesses witnesses = new ShardWitnesses();
  private ShardOrigin origin;
  private long faults;

  private ShardSet(Path whole, int count) {
    this.whole = whole;
    this.count = count;
  }

  /**
   * Reads the manifests.
   *
   * @param count number of shards; null for as many as the shards' names say
   * @throws CommandException if there is none, one of them is missing, not finished or damaged, or
   *     they are of different runs, with everything that is wrong
   */
  static ShardSet open(Path whole, Integer count) throws IOException {
    ShardSet set = new ShardSet(whole, count == null ? countByNames(whole) : count);
    set.read();
    return set;
  }

  private static int countByNames(Path whole) throws IOException {
    Pattern name =
        Pattern.compile(
            Pattern.quote(whole.getFileName().toString())
                + "\\.0*([1-9][0-9]{0,5})-of-([1-9][0-9]{0,5})(\\.json|\\.part|\\.progress)?");
    Path folder = whole.toAbsolutePath().getParent();
    TreeSet<Integer> counts = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(
          file -> {
            Matcher matcher = name.matcher(file.getFileName().toString());
            if (matcher.matches()) {
              counts.add(Integer.parseInt(matcher.group(2)));
            }
          });
    }
    if (counts.isEmpty()) {
      throw new CommandException(
          "There are no shards of %s: their names would be %s and so on. Write them with \"m3lex encode --shard\"."
              .formatted(whole, new Shard(1, 2).file(whole)));
    }
    if (counts.size() > 1) {
      throw new CommandException(
          "There are shards of %s of several runs, by their names of %s. Add --shards with the number that you mean."
              .formatted(
                  whole, String.join(" and ", counts.stream().map(String::valueOf).toList())));
    }
    return counts.first();
  }

  private void read() throws IOException {
    ShardFaults found = new ShardFaults();
    Map<String, Map<String, List<Integer>>> properties = new LinkedHashMap<>();
    for (int number = 1; number <= count; number++) {
      Shard shard = new Shard(number, count);
      try {
        ShardManifest manifest = read(shard);
        origin = origin == null ? manifest.origin() : origin;
        contents.add(manifest.content());
        faults += manifest.faults();
        witnesses.add(manifest);
        for (Map.Entry<String, String> property : manifest.origin().properties().entrySet()) {
          properties
              .computeIfAbsent(property.getKey(), key -> new LinkedHashMap<>())
              .computeIfAbsent(property.getValue(), key -> new ArrayList<>())
              .add(number);
        }
      } catch (CommandException e) {
        found.add(number, e.getMessage());
      }
    }
    properties.forEach(
        (property, byValue) -> {
          if (byValue.size() > 1) {
            found.addDifference(property, byValue);
          }
        });
    found.throwIfAny(whole);
  }

  /** The manifest of a shard whose file is there and has the right size. */
  private ShardManifest read(Shard shard) throws IOException {
    Path file = shard.file(whole);
    Path manifestFile = shard.manifest(whole);
    if (!Files.exists(manifestFile)) {
      if (Files.exists(ResumableLines.part(file))) {
        throw new CommandException("not finished: it is being written, or was interrupted");
      }
      throw new CommandException(
          Files.exists(file)
              ? "not finished: there is no manifest %s".formatted(manifestFile)
              : "missing");
    }
    ShardManifest manifest = ShardManifest.read(manifestFile);
    if (!manifest.shard().equals(shard)) {
      throw new CommandException(
          "manifest %s is that of shard %s".formatted(manifestFile, manifest.shard()));
    }
    if (!Files.isRegularFile(file)) {
      throw new CommandException("its data %s are missing".formatted(file));
    }
    if (Files.size(file) != manifest.content().bytes()) {
      throw new CommandException(
          String.format(
              Locale.ROOT,
              "%s is damaged: %,d bytes instead of %,d",
              file,
              Files.size(file),
              manifest.content().bytes()));
    }
    return manifest;
  }

  /** Number of shards. */
  int count() {
    return count;
  }

  /** What all of them come from. */
  ShardOrigin origin() {
    return origin;
  }

  /** Records of the input that are no documents. */
  long faults() {
    return faults;
  }

  /** The machines that they were encoded on. */
  ShardWitnesses witnesses() {
    return witnesses;
  }

  /**
   * Writes the whole file, or leaves what is there.
   *
   * @param stop whether the command shall end
   * @return what is in it; empty if the command shall end
   * @throws CommandException if shards are damaged, with all that are
   */
  Optional<FileContent> join(BooleanSupplier stop) throws IOException {
    long bytes = contents.stream().mapToLong(FileContent::bytes).sum();
    long lines = contents.stream().mapToLong(FileContent::lines).sum();
    String[] sha256 = new String[1];
    try (Progress progress = Progress.of("Joining", "MB", bytes / MEGABYTE)) {
      WholeFile.write(
          whole,
          channel -> {
            DigestOutputStream out =
                new DigestOutputStream(Channels.newOutputStream(channel), Sha256.digest());
            copyAll(out, progress, stop);
            sha256[0] = Sha256.hex(out.getMessageDigest());
          });
    } catch (InterruptedIOException e) {
      return Optional.empty();
    }
    return Optional.of(new FileContent(lines, bytes, sha256[0]));
  }

  private void copyAll(OutputStream out, Progress progress, BooleanSupplier stop)
      throws IOException {
    ShardFaults found = new ShardFaults();
    long[] done = {0};
    for (int number = 1; number <= count; number++) {
      Path file = new Shard(number, count).file(whole);
      String sha256 =
          FileContent.copy(
              file,
              out,
              length -> {
                done[0] += length;
                progress.at(done[0] / MEGABYTE);
              },
              stop);
      if (stop.getAsBoolean()) {
        throw new InterruptedIOException();
      }
      String expected = contents.get(number - 1).sha256();
      if (!sha256.equals(expected)) {
        found.add(
            number, "%s is damaged: SHA-256 %s instead of %s".formatted(file, sha256, expected));
      }
    }
    found.throwIfAny(whole);
  }
}
