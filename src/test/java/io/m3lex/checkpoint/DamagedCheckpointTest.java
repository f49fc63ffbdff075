package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with random damage either read as valid tensors or end in a clean exception. */
class DamagedCheckpointTest {

  private static final int ROUNDS = 2_000;

  @TempDir Path folder;

  private interface Reader {
    Collection<Tensor> read(ByteBuffer content) throws CheckpointFormatException;
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
        content -> SafetensorsFile.parse(content, "x.safetensors").tensors().values());
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
    long seed = System.nanoTime();
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
    switch (random.nextInt(5)) {
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
