/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with random damage either read as valid tensors or end in a clean exception. */
class DamagedCheckpointTest {

  private static final int ROUNDS = 2_500;

  /** Repeats a failed run: {@code mvn test -Dtest=DamagedCheckpointTest -Dm3lex.seed=…}. */
  private static final long SEED = Long.getLong("m3lex.seed", System.nanoTime());

  @TempDir Path folder;

  private interface Reader {
    Collection<Tensor> read(ByteBuffer content) throws IOException;
  }

  @Test
  void damagedSafetensorsEndCleanly() throws IOException {
    Path file = folder.resolve("x.safetensors");
    SafetensorsWriter.write(
        file,
        List.of(
            Tensor.of("weight", new long[] {1, 6}, 1, 2, 3, 4, 5, 6),
            Tensor.of("bias", new long[] {1}, 0.5f)),
        Map.of("format", "pt"));
    damage(
        Files.readAllBytes(file),
        content -> Checkpoint.read(FileBytes.of(content), "x.safetensors").values());
  }

  @Test
  void damagedArchivesOfPyTorchEndCleanly() throws IOException {
    try (InputStream stream = getClass().getResourceAsStream("torch-2.13.pt")) {
      damage(
          stream.readAllBytes(),
          content -> Checkpoint.read(FileBytes.of(content), "x.pt").values());
    }
  }

  @Test
  void damagedZip64ArchivesEndCleanly() throws IOException {
    Path file = folder.resolve("x.pt");
    new TorchCheckpointWriter("x")
        .zip64()
        .withoutDescriptors()
        .write(
            file,
            List.of(
                TorchCheckpointWriter.Entry.of(Tensor.of("w", new long[] {3}, 1, 2, 3)),
                TorchCheckpointWriter.Entry.of(Tensor.of("b", new long[] {1}, 4))));
    damage(
        Files.readAllBytes(file),
        content -> Checkpoint.read(FileBytes.of(content), "x.pt").values());
  }

  /** Damage that the checksum of an archive would give away before the pickle is looked at. */
  @Test
  void damagedPicklesEndCleanly() throws IOException {
    Path file = folder.resolve("x.pt");
    SortedMap<String, StoredZip.Entry> entries;
    byte[] archive;
    try (InputStream stream = getClass().getResourceAsStream("torch-2.13.pt")) {
      archive = stream.readAllBytes();
      entries = StoredZip.open(FileBytes.of(ByteBuffer.wrap(archive)), "x.pt").entries();
    }
    String prefix = "torch-2.13/";
    StoredZip.Entry pickle = entries.get(prefix + "data.pkl");
    damage(
        content(archive, pickle),
        content -> {
          byte[] damaged = new byte[content.remaining()];
          content.get(damaged);
          List<TorchCheckpointWriter.Item> items = new ArrayList<>();
          items.add(TorchCheckpointWriter.item("data.pkl", damaged));
          for (StoredZip.Entry entry : entries.values()) {
            if (!entry.equals(pickle)) {
              items.add(
                  TorchCheckpointWriter.item(
                      entry.name().substring(prefix.length()), content(archive, entry)));
            }
          }
          new TorchCheckpointWriter("x").writeItems(file, items);
          try (FileChannel channel = FileChannel.open(file)) {
            Collection<Tensor> tensors =
                Checkpoint.read(FileBytes.of(channel, "x.pt"), "x.pt").values();
            tensors.forEach(Tensor::scan);
            tensors.forEach(Tensor::data);
          }
          ByteBuffer whole = ByteBuffer.wrap(Files.readAllBytes(file));
          return Checkpoint.read(FileBytes.of(whole), "x.pt").values();
        });
  }

  private static byte[] content(byte[] archive, StoredZip.Entry entry) {
    int start = (int) entry.start();
    return Arrays.copyOfRange(archive, start, start + (int) entry.size());
  }

  @Test
  void damagedOnnxModelsEndCleanly() {
    OnnxBytes weight =
        new OnnxBytes().packed(1, 2, 3).number(2, 3).text(8, "weight").block(9, new byte[6]);
    OnnxBytes scale =
        new OnnxBytes().number(1, 2).number(2, 1).fixed32(4, 1).fixed32(4, 2).text(8, "scale");
    OnnxBytes zero = new OnnxBytes().number(1, 3).number(2, 7).packed(7, 0, -1, 5).text(8, "zero");
    byte[] model =
        OnnxBytes.model(
            new OnnxBytes().text(2, "graph").message(5, weight).message(5, scale).message(5, zero));
    damage(model, content -> OnnxInitializers.read(content, "x.onnx").values());
  }

  private static void damage(byte[] whole, Reader reader) {
    long seed = SEED;
    Random random = new Random(seed);
    int[] refused = new int[1];
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          assertEquals(false, reader.read(ByteBuffer.wrap(whole)).isEmpty());
          for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damaged(whole, random);
            String where = "seed " + seed + ", round " + round;
            try {
              for (Tensor tensor : reader.read(ByteBuffer.wrap(damaged))) {
                // A tensor that is handed out is usable, and no larger than the file can make it.
                tensor.isConstant();
                tensor.firstNotFinite();
                tensor.scan();
                assertTrue(tensor.data().remaining() <= 8 * damaged.length, where);
              }
            } catch (CheckpointFormatException e) {
              refused[0]++;
              assertNotNull(e.getMessage(), where);
            } catch (RuntimeException | Error e) {
              throw new AssertionError(where, e);
            }
          }
        },
        "seed " + seed);
    assertTrue(refused[0] > ROUNDS / 10, "seed " + seed + ": refused " + refused[0]);
  }

  private static byte[] damaged(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    switch (random.nextInt(8)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      case 1 -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      case 2 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      case 3 -> {
        // Large lengths and offsets are where readers go wrong.
        byte[] extremes = {(byte) 0xff, 0x7f, (byte) 0x80, '9', 0};
        int start = random.nextInt(bytes.length);
        Arrays.fill(
            bytes,
            start,
            Math.min(bytes.length, start + 1 + random.nextInt(10)),
            extremes[random.nextInt(extremes.length)]);
      }
      case 4 -> {
        // Bytes that are missing, or too many.
        int at = random.nextInt(bytes.length);
        int missing = random.nextBoolean() ? 0 : random.nextInt(Math.min(20, bytes.length - at));
        byte[] added = new byte[missing > 0 ? 0 : 1 + random.nextInt(20)];
        random.nextBytes(added);
        return ByteBuffer.allocate(bytes.length - missing + added.length)
            .put(bytes, 0, at)
            .put(added)
            .put(bytes, at + missing, bytes.length - at - missing)
            .array();
      }
      case 5 -> {
        // Two blocks change places.
        int length = 1 + random.nextInt(bytes.length / 4);
        int first = random.nextInt(bytes.length - 2 * length + 1);
        int second = first + length + random.nextInt(bytes.length - 2 * length - first + 1);
        System.arraycopy(whole, first, bytes, second, length);
        System.arraycopy(whole, second, bytes, first, length);
      }
      case 6 -> {
        // A number of 16 to 64 bits that is slightly or wildly wrong.
        int length = 2 << random.nextInt(3);
        int at = random.nextInt(bytes.length - length);
        long value = random.nextBoolean() ? random.nextInt(300) - 20 : random.nextLong();
        for (int i = 0; i < length; i++) {
          bytes[at + i] = (byte) (value >>> (8 * i));
        }
      }
      default -> {
        int from = random.nextInt(bytes.length);
        int to = random.nextInt(bytes.length);
        int length = random.nextInt(bytes.length - Math.max(from, to));
        System.arraycopy(whole, from, bytes, to, length);
      }
    }
    return bytes;
  }
}
