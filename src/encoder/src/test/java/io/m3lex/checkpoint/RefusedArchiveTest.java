/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives that contradict themselves, and files that are not archives at all. */
class RefusedArchiveTest {

  private static final int LOCAL = 0x04034b50;
  private static final int DIRECTORY = 0x02014b50;
  private static final int ZIP64_END = 0x06064b50;
  private static final int ZIP64_LOCATOR = 0x07064b50;
  private static final int END = 0x06054b50;
  private static final int DESCRIPTOR = 0x08074b50;

  @TempDir Path folder;

  @Test
  void refusesEntriesThatCannotBeMapped() throws IOException {
    assertRefused("is compressed", directory(0, x -> x.putShort(10, (short) 8)));
    assertRefused("is encrypted", directory(0, x -> x.putShort(8, (short) 0x809)));
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(deflated)) {
      zip.putNextEntry(new ZipEntry("x/data.pkl"));
      zip.write(new byte[10]);
    }
    assertRefused("is compressed, which PyTorch never does", deflated.toByteArray());
  }

  @Test
  void refusesEntriesThatLie() throws IOException {
    assertRefused("lies outside the file", directory(2, x -> x.putInt(42, 0x7fffffff)));
    assertRefused("lies outside the file", directory(2, x -> x.putInt(42, -1)));
    assertRefused("should start here", directory(4, x -> x.putInt(42, x.getInt(42) + 1)));
    assertRefused("overlaps", directory(2, x -> x.putInt(42, 0)));
    assertRefused(
        "does not end before", directory(2, x -> x.putInt(20, 1 << 30).putInt(24, 1 << 30)));
    assertRefused("has two sizes", directory(2, x -> x.putInt(20, 1)));
    assertRefused("the data descriptor", directory(2, x -> x.putInt(20, 1).putInt(24, 1)));
    assertRefused("the data descriptor", directory(2, x -> x.putInt(16, 1)));
    assertRefused("the flags", directory(2, x -> x.putShort(8, (short) 0x800)));
    assertRefused("longer than the directory", directory(2, x -> x.putShort(30, (short) -1)));
    assertRefused("entry of the directory should start", directory(2, x -> x.putInt(0, 0)));
    assertRefused("several that belong together", directory(2, x -> x.putShort(34, (short) 1)));
    assertRefused("not UTF-8", directory(2, x -> x.put(46, (byte) 0xff)));
    assertRefused("the name", changed(archive(), LOCAL, 2, x -> x.put(30, (byte) 'y')));
    assertRefused("the compression", changed(archive(), LOCAL, 2, x -> x.putShort(8, (short) 8)));
    assertRefused("the CRC-32", changed(archive(), LOCAL, 2, x -> x.putInt(14, 5)));
    assertRefused("the sizes", changed(archive(), LOCAL, 2, x -> x.putInt(18, 5)));
    assertRefused("the sizes", changed(archive(), LOCAL, 2, x -> x.putInt(22, -1)));
    assertRefused(
        "does not end before", changed(archive(), LOCAL, 2, x -> x.putShort(28, (short) -1)));
    assertRefused("the data descriptor", changed(archive(), DESCRIPTOR, 1, x -> x.putInt(12, 5)));
  }

  @Test
  void refusesTwoEntriesOfOneName() throws IOException {
    List<TorchCheckpointWriter.Item> items =
        List.of(
            TorchCheckpointWriter.item("data.pkl", "\u0080\2}."),
            TorchCheckpointWriter.item("data.pkl", "\u0080\2}."));
    assertRefused("has two entries \"x/data.pkl\"", archive(items));
  }

  @Test
  void refusesDirectoriesThatLie() throws IOException {
    byte[] archive = archive();
    assertRefused("the file is truncated", Arrays.copyOf(archive, archive.length - 1));
    assertRefused("the file is truncated", Arrays.copyOf(archive, archive.length / 2));
    assertRefused("do not agree", changed(archive, END, 0, x -> x.putInt(12, 5)));
    assertRefused("do not agree", changed(archive, END, 0, x -> x.putInt(16, 5)));
    assertRefused(
        "do not agree",
        changed(archive, END, 0, x -> x.putShort(8, (short) 9).putShort(10, (short) 9)));
    String several = "several that belong together";
    assertRefused(several, changed(archive, END, 0, x -> x.putShort(4, (short) 1)));
    assertRefused(several, changed(archive, END, 0, x -> x.putShort(8, (short) 9)));
    assertRefused(several, changed(archive, ZIP64_LOCATOR, 0, x -> x.putInt(16, 2)));
    assertRefused(several, changed(archive, ZIP64_END, 0, x -> x.putInt(16, 2)));
    assertRefused("cannot lie", changed(archive, ZIP64_LOCATOR, 0, x -> x.putLong(8, -1)));
    assertRefused(
        "end of the directory is damaged", changed(archive, ZIP64_END, 0, x -> x.putLong(4, 5)));
    byte[] wide = wide();
    assertRefused(
        "should have 99 entries",
        changed(wide, ZIP64_END, 0, x -> x.putLong(24, 99).putLong(32, 99)));
    assertRefused(
        "should have 18446744073709551615 bytes",
        changed(wide, ZIP64_END, 0, x -> x.putLong(40, -1)));
    assertRefused("from byte 5 on", changed(wide, ZIP64_END, 0, x -> x.putLong(48, 5)));
    // What is behind the comment's end belongs to no archive.
    assertRefused("the file is truncated", Arrays.copyOf(archive, archive.length + 1));
  }

  @Test
  void refusesArchivesThatAreNoCheckpoints() throws IOException {
    assertRefused(
        "it has no data.pkl", archive(List.of(TorchCheckpointWriter.item("version", "3\n"))));
    byte[] bare = archive();
    assertRefused("not all in one folder", replaced(bare, "x/version", "y/version"));
    assertRefused("TorchScript program", resource("torchscript.pt"));
    assertRefused("saved checkpoints before version 1.6", resource("torch-legacy.pt"));
    assertRefused("nothing was executed", resource("torch-legacy.pt"));
    assertRefused("byte order is \"big\"", withByteOrder("big"));
    assertRefused("on a machine of little-endian byte order", withByteOrder("big"));
    assertRefused("byte order is \"LITTLE\"", withByteOrder("LITTLE"));
    assertRefused("byte order is \"\"", withByteOrder("l".repeat(100)));
  }

  @Test
  void refusesADamagedPickle() throws IOException {
    byte[] archive = archive();
    archive[80] ^= 1;
    assertRefused("data.pkl has the CRC-32", archive);
  }

  @Test
  void refusesAHugePickleBeforeReadingIt() throws IOException {
    Path file = folder.resolve("x.pt");
    TorchCheckpointWriter.Content zeros = (offset, target) -> target.position(target.limit());
    new TorchCheckpointWriter("x")
        .writeItems(
            file, List.of(new TorchCheckpointWriter.Item("data.pkl", (1 << 26) + 1, zeros)));
    assertRefused("more than the 67108864 that are read", Files.readAllBytes(file));
  }

  @Test
  void namesWhatIsNoCheckpoint() throws IOException {
    assertRefused("is empty", new byte[0]);
    assertRefused("git lfs pull", text("version https://git-lfs.github.com/spec/v1\noid sha256:0"));
    assertRefused("is a web page", text("<!DOCTYPE html><html></html>"));
    assertRefused(
        "index of a checkpoint in several files",
        text("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {\"a\": \"b.safetensors\"}}"));
    assertRefused("is JSON text", text("{\n  \"architectures\": [\"XLMRobertaModel\"]\n}"));
    byte[] tar = new byte[1_024];
    System.arraycopy(text("ustar"), 0, tar, 257, 5);
    System.arraycopy(text("storages"), 0, tar, 0, 8);
    assertRefused("a tar archive", tar);
    assertRefused("header's length", text("some other file"));
    assertRefused("a pickle", text("\u0080\4\u0095\5\0\0\0\0\0\0\0}."));
    assertRefused("8 bytes of the header's length", new byte[] {1});
  }

  @Test
  void safetensorsAreRecognisedWhateverTheirFirstByte() throws IOException {
    // The header's length starts with the byte of a pickle, or of JSON.
    for (int length : new int[] {0x280, 0x480, '{'}) {
      String json = "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
      byte[] header = text(json + " ".repeat(length - json.length()));
      byte[] file =
          ByteBuffer.allocate(8 + length + 1)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(length)
              .put(header)
              .array();
      assertEquals(1, Checkpoint.read(FileBytes.of(ByteBuffer.wrap(file)), "x").size());
    }
  }

  private byte[] withByteOrder(String order) throws IOException {
    return archive(
        List.of(
            TorchCheckpointWriter.item("data.pkl", "\u0080\2}."),
            TorchCheckpointWriter.item("byteorder", order)));
  }

  /** The entries data.pkl, byteorder, data/0, version and the serialization id. */
  private byte[] archive() throws IOException {
    Path file = folder.resolve("x.pt");
    TorchCheckpointWriter.write(file, "x", entries());
    return Files.readAllBytes(file);
  }

  private byte[] wide() throws IOException {
    Path file = folder.resolve("x.pt");
    new TorchCheckpointWriter("x").zip64().write(file, entries());
    return Files.readAllBytes(file);
  }

  private static List<TorchCheckpointWriter.Entry> entries() {
    return List.of(TorchCheckpointWriter.Entry.of(Tensor.of("w", new long[] {3}, 1, 2, 3)));
  }

  private byte[] archive(List<TorchCheckpointWriter.Item> items) throws IOException {
    Path file = folder.resolve("x.pt");
    new TorchCheckpointWriter("x").writeItems(file, items);
    return Files.readAllBytes(file);
  }

  private byte[] directory(int index, Consumer<ByteBuffer> change) throws IOException {
    return changed(archive(), DIRECTORY, index, change);
  }

  /** A copy with a change relative to where a signature is found for the n-th time. */
  private static byte[] changed(
      byte[] archive, int signature, int index, Consumer<ByteBuffer> change) {
    byte[] copy = archive.clone();
    ByteBuffer bytes = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i <= copy.length - 4; i++) {
      if (bytes.getInt(i) == signature) {
        found.add(i);
      }
    }
    int start = found.get(index);
    change.accept(bytes.slice(start, copy.length - start).order(ByteOrder.LITTLE_ENDIAN));
    return copy;
  }

  private static byte[] replaced(byte[] bytes, String from, String to) {
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .replace(from, to)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] resource(String name) throws IOException {
    try (InputStream stream = getClass().getResourceAsStream(name)) {
      return stream.readAllBytes();
    }
  }

  private static void assertRefused(String reason, byte[] content) {
    CheckpointFormatException e =
        assertThrows(
            CheckpointFormatException.class,
            () -> Checkpoint.read(FileBytes.of(ByteBuffer.wrap(content)), "x.pt"),
            reason);
    assertTrue(e.getMessage().startsWith("x.pt"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), reason + " | " + e.getMessage());
  }
}
