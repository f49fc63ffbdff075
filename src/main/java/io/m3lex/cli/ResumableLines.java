package io.m3lex.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.checkpoint.WholeFile;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
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

  private final Path output;
  private final Path part;
  private final Path noteFile;
  private final Map<String, String> purpose;
  private final Map<String, String> note;
  private final FileChannel channel;
  private final Writer writer;

  /**
   * Opens the file.
   *
   * @param purpose what the lines are made of; a former run of another purpose is not gone on with
   * @param restart whether to begin with the first line in any case
   */
  ResumableLines(Path output, Map<String, String> purpose, boolean restart) throws IOException {
    this.output = output;
    this.purpose = purpose;
    part = Path.of(output + ".part");
    noteFile = Path.of(output + ".progress");
    Map<String, String> found = restart ? Map.of() : read();
    note = found.entrySet().containsAll(purpose.entrySet()) ? found : Map.of();
    channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    long length = note.isEmpty() ? 0 : Long.parseLong(note.get(LENGTH));
    channel.truncate(length);
    channel.position(length);
    writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
  }

  private Map<String, String> read() throws IOException {
    if (!Files.exists(noteFile) || !Files.exists(part)) {
      return Map.of();
    }
    try {
      Map<String, String> found =
          JSON.readValue(noteFile.toFile(), new TypeReference<Map<String, String>>() {});
      if (found.getOrDefault(LENGTH, "").matches("[0-9]{1,18}")
          && Long.parseLong(found.get(LENGTH)) <= Files.size(part)) {
        return found;
      }
    } catch (JsonProcessingException e) {
      // Not a note of ours.
    }
    return Map.of();
  }

  /** What the last {@link #commit} of an interrupted run noted, empty if there was none. */
  Map<String, String> note() {
    return note;
  }

  void write(String line) throws IOException {
    writer.write(line);
    writer.write('\n');
  }

  /** Makes what was written so far the beginning of the next run, should this one end. */
  void commit(Map<String, String> progress) throws IOException {
    writer.flush();
    channel.force(false);
    Map<String, String> now = new HashMap<>(progress);
    now.putAll(purpose);
    now.put(LENGTH, Long.toString(channel.position()));
    WholeFile.write(noteFile, List.of(ByteBuffer.wrap(JSON.writeValueAsBytes(now))));
  }

  /** Puts the file into its place. */
  void finish() throws IOException {
    writer.flush();
    channel.force(true);
    channel.close();
    Files.move(part, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(noteFile);
  }

  /** Leaves what was committed for the next run. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (!Files.exists(noteFile)) {
      Files.deleteIfExists(part);
    }
  }
}
