/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.util.UnwritableFile;
import io.m3lex.util.Utf8;
import io.m3lex.util.WholeFile;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of lines that takes long to write. It grows beside its place, as {@code NAME.part}, with a
 * note of how far it is, {@code NAME.progress}; an interrupted run goes on from the note. It is put
 * into its place when it is whole.
 */
final class ResumableLines implements Closeable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LENGTH = "bytes";
  private static final String LINES = "lines";

  private final Path output;
  private final Path part;
  private final Path noteFile;
  private final Map<String, String> purpose;
  private final Map<String, String> note;
  private final boolean discarded;
  private final FileChannel channel;
  private final Writer writer;
  private long lines;

  /**
   * Opens the file.
   *
   * @param purpose what the lines are made of; a former run of another purpose is not gone on with
   * @param restart whether to begin with the first line in any case
   * @throws CommandException if another run is writing it
   */
  ResumableLines(Path output, Map<String, String> purpose, boolean restart) throws IOException {
    this.output = output;
    this.purpose = purpose;
    part = part(output);
    noteFile = noteFile(output);
    channel = openAlone();
    try {
      Map<String, String> found = restart ? Map.of() : read();
      note = found.entrySet().containsAll(purpose.entrySet()) ? found : Map.of();
      discarded = !found.isEmpty() && note.isEmpty();
      lines = number(note, LINES);
      channel.truncate(number(note, LENGTH));
      channel.position(number(note, LENGTH));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
  }

  /** Where a file grows. */
  static Path part(Path output) {
    return Path.of(output + ".part");
  }

  /** Where it stands how far a file is. */
  static Path noteFile(Path output) {
    return Path.of(output + ".progress");
  }

  /** Opens the file that grows for this run alone, as far as its file system can. */
  private FileChannel openAlone() throws IOException {
    while (true) {
      FileChannel opened =
          FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!lock(opened)) {
        opened.close();
        throw new CommandException(
            "Another run is writing %s. Wait for it, or end it first.".formatted(part));
      }
      if (Files.exists(part)) {
        return opened;
      }
      // Meanwhile that run has put the file into its place.
      opened.close();
    }
  }

  private static boolean lock(FileChannel channel) {
    try {
      // A byte far behind the content, which some systems would not let be read otherwise.
      return channel.tryLock(Long.MAX_VALUE - 1, 1, false) != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      // A file system without locks, where nothing can be known of other runs.
      return true;
    }
  }

  private Map<String, String> read() throws IOException {
    if (!Files.exists(noteFile)) {
      return Map.of();
    }
    try {
      Map<String, String> found =
          JSON.readValue(
              Utf8.text(Files.readAllBytes(noteFile)), new TypeReference<Map<String, String>>() {});
      if (isNumber(found.get(LENGTH))
          && isNumber(found.get(LINES))
          && number(found, LENGTH) <= channel.size()) {
        return found;
      }
    } catch (JsonProcessingException | CharacterCodingException e) {
      // Not a note of ours.
    }
    return Map.of();
  }

  private static boolean isNumber(String value) {
    return value != null && value.matches("[0-9]{1,18}");
  }

  private static long number(Map<String, String> note, String name) {
    return note.isEmpty() ? 0 : Long.parseLong(note.get(name));
  }

  /** What the last {@link #commit} of an interrupted run noted, empty if there was none. */
  Map<String, String> note() {
    return note;
  }

  /** Whether an interrupted run of another purpose was found, and is not gone on with. */
  boolean hasDiscarded() {
    return discarded;
  }

  void write(String line) throws IOException {
    try {
      writer.write(line);
      writer.write('\n');
    } catch (IOException e) {
      throw UnwritableFile.explained(part, e);
    }
    lines++;
  }

  private void flush(boolean metadata) throws IOException {
    try {
      writer.flush();
      channel.force(metadata);
    } catch (IOException e) {
      throw UnwritableFile.explained(part, e);
    }
  }

  /** Makes what was written so far the beginning of the next run, should this one end. */
  void commit(Map<String, String> progress) throws IOException {
    flush(false);
    Map<String, String> now = new HashMap<>(progress);
    now.putAll(purpose);
    now.put(LENGTH, Long.toString(channel.position()));
    now.put(LINES, Long.toString(lines));
    WholeFile.write(noteFile, List.of(ByteBuffer.wrap(JSON.writeValueAsBytes(now))));
  }

  /**
   * Puts the file into its place.
   *
   * @return what is in it
   */
  FileContent finish() throws IOException {
    flush(true);
    FileContent content = new FileContent(lines, channel.position(), FileContent.sha256(part));
    // Before the lock is given up with the channel.
    Files.move(part, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(noteFile);
    channel.close();
    return content;
  }

  /** Leaves what was committed for the next run. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen() && !Files.exists(noteFile)) {
      Files.deleteIfExists(part);
    }
    channel.close();
  }
}
