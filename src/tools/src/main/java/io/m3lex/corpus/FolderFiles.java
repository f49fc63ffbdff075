/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import io.m3lex.util.FileNames;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is to be read of a folder, and what is left out of it. Links are followed; a folder that can
 * be reached in several ways is read once, by its own path rather than by a link.
 */
final class FolderFiles {

  private static final Pattern PART = Pattern.compile("docs-([0-9]{1,9})\\.jsonl(\\.gz)?");

  private final Path root;
  private final Predicate<Path> output;
  private final List<Found> found = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();
  private final List<String> hidden = new ArrayList<>();
  private final Set<Path> visited = new HashSet<>();
  private final Deque<Path> linkedFolders = new ArrayDeque<>();
  private boolean corpus;

  private FolderFiles(Path root, Predicate<Path> output) {
    this.root = root;
    this.output = output;
  }

  /**
   * Something in the folder that is a file, or should be one.
   *
   * @param fault why it cannot be read, null if it can
   */
  record Found(Path path, String fault) {}

  /**
   * The files of a corpus in BEIR's or MIRACL's layout, or all files if the folder has neither.
   *
   * @param output what is left out, because the reader's caller uses it for something else
   */
  static FolderFiles ofCorpus(Path folder, Predicate<Path> output) throws IOException {
    FolderFiles files = new FolderFiles(folder, output);
    List<Path> inside = files.list(folder);
    List<Path> chosen =
        FileNames.onlyOf(folder, List.of("corpus.jsonl", "corpus.jsonl.gz")).stream().toList();
    if (chosen.isEmpty()) {
      chosen =
          inside.stream()
              .filter(file -> PART.matcher(name(file)).matches() && Files.isRegularFile(file))
              .sorted(Comparator.comparingLong(FolderFiles::part).thenComparing(file -> file))
              .toList();
      requireOnce(chosen);
    }
    if (chosen.isEmpty()) {
      return all(folder, output);
    }
    files.corpus = true;
    chosen.forEach(file -> files.found.add(new Found(file, null)));
    for (Path other : inside) {
      if (!chosen.contains(other) && !files.isHidden(other)) {
        files.leftOut.add(name(other));
      }
    }
    return files;
  }

  /** Refuses a part that is there packed and unpacked; its documents would be read twice. */
  private static void requireOnce(List<Path> parts) throws IOException {
    for (int i = 1; i < parts.size(); i++) {
      if (name(parts.get(i)).equals(name(parts.get(i - 1)) + ".gz")) {
        throw FileNames.ambiguous(parts.get(i - 1), parts.get(i));
      }
    }
  }

  /**
   * All files of a folder and of the folders in it, in the order of their paths, without hidden
   * ones.
   *
   * @param output what is left out, because the reader's caller uses it for something else
   */
  static FolderFiles all(Path folder, Predicate<Path> output) throws IOException {
    FolderFiles files = new FolderFiles(folder, output);
    files.visited.add(folder.toRealPath());
    files.walk(folder);
    while (!files.linkedFolders.isEmpty()) {
      files.follow(files.linkedFolders.remove());
    }
    files.found.sort(Comparator.comparing(Found::path));
    return files;
  }

  private void walk(Path folder) throws IOException {
    for (Path path : list(folder)) {
      if (isHidden(path)) {
        continue;
      }
      if (output.test(path)) {
        leaveOut(path, "this command uses it for something else");
      } else if (Files.isRegularFile(path)) {
        found.add(new Found(path, null));
      } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        enter(path);
      } else if (Files.isDirectory(path)) {
        linkedFolders.add(path);
      } else if (Files.isSymbolicLink(path)) {
        found.add(
            new Found(
                path,
                "the link leads nowhere: %s. Remove it, or put back what it leads to."
                    .formatted(Files.readSymbolicLink(path))));
      } else {
        found.add(
            new Found(
                path,
                "it is a pipe, socket or device, which is not read in a folder. Remove it, or name"
                    + " a pipe as an input of its own."));
      }
    }
  }

  private void follow(Path link) throws IOException {
    if (root.toRealPath().startsWith(link.toRealPath())) {
      leaveOut(link, "the link leads to a folder that this one is in");
    } else {
      enter(link);
    }
  }

  private void enter(Path folder) throws IOException {
    if (visited.add(folder.toRealPath())) {
      walk(folder);
    } else {
      leaveOut(folder, "this folder is read already, by another path");
    }
  }

  private void leaveOut(Path path, String why) {
    leftOut.add("%s (%s)".formatted(root.relativize(path), why));
  }

  private boolean isHidden(Path path) {
    if (!name(path).startsWith(".")) {
      return false;
    }
    hidden.add(root.relativize(path).toString());
    return true;
  }

  private List<Path> list(Path folder) throws IOException {
    List<Path> inside = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(inside::add);
    } catch (DirectoryIteratorException e) {
      throw unreadable(folder, e.getCause());
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    inside.sort(Comparator.naturalOrder());
    return inside;
  }

  private static IOException unreadable(Path folder, IOException e) {
    return new IOException("The folder %s cannot be read: %s".formatted(folder, e), e);
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static long part(Path file) {
    Matcher name = PART.matcher(name(file));
    return name.matches() ? Long.parseLong(name.group(1)) : 0;
  }

  /** Whether the folder is a corpus in BEIR's or MIRACL's layout. */
  boolean isCorpus() {
    return corpus;
  }

  /** In the order in which they are to be read. */
  List<Found> found() {
    return found;
  }

  /** What is left out, each with the reason if it is no hidden file and no corpus' neighbour. */
  List<String> leftOut() {
    return leftOut;
  }

  /** What is left out because its name begins with a dot. */
  List<String> hidden() {
    return hidden;
  }
}
