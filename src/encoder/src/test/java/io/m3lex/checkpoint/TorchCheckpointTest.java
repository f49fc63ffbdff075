/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.m3lex.Checkout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchCheckpointTest {

  @TempDir Path folder;

  /** Made by PyTorch 2.13: shared, transposed, sliced and empty tensors, with _metadata. */
  @Test
  void readsWhatPyTorchWrote() throws IOException {
    SortedMap<String, Tensor> tensors = read(resource("torch-2.13.pt"));
    assertEquals(
        Set.of(
            "a.weight",
            "a.bias",
            "b.weight",
            "b.bias",
            "view",
            "transposed",
            "slice",
            "tied",
            "scalar",
            "empty",
            "ids",
            "mask",
            "parameter"),
        tensors.keySet());
    assertEquals("a.weight F32[2, 3]", tensors.get("a.weight").toString());
    assertArrayEquals(
        new float[] {-0.11877556145191193f, 0.2937234044075012f}, tensors.get("a.bias").toFloats());
    assertEquals(tensors.get("a.weight").data(), tensors.get("tied").data());
    assertEquals("b.weight BF16[2, 2]", tensors.get("b.weight").toString());
    assertArrayEquals(
        new float[] {0.09814453125f, -0.08642578125f, 0.1962890625f, 0.034912109375f},
        tensors.get("b.weight").toFloats());
    assertArrayEquals(new float[] {4, 5, 6, 7, 8, 9}, tensors.get("view").toFloats());
    assertEquals("transposed F32[6, 4]", tensors.get("transposed").toString());
    float[] transposed = tensors.get("transposed").toFloats();
    for (int i = 0; i < 24; i++) {
      assertEquals(i / 4 + 6 * (i % 4), transposed[i]);
    }
    assertEquals("slice F32[2, 2, 2]", tensors.get("slice").toString());
    assertArrayEquals(new float[] {4, 6, 8, 10, 16, 18, 20, 22}, tensors.get("slice").toFloats());
    assertEquals("scalar F64[]", tensors.get("scalar").toString());
    assertEquals(7.5, tensors.get("scalar").data().getDouble());
    assertEquals("empty F16[0, 4]", tensors.get("empty").toString());
    assertEquals("ids I64[2]", tensors.get("ids").toString());
    assertEquals(1L << 40, tensors.get("ids").data().getLong(8));
    assertEquals("mask BOOL[3]", tensors.get("mask").toString());
    assertArrayEquals(new float[] {1, 0, 1}, tensors.get("mask").toFloats());
    assertArrayEquals(new float[] {1.5f, -2}, tensors.get("parameter").toFloats());
    for (Tensor tensor : tensors.values()) {
      assertEquals(new Tensor.Scan(tensor.firstNotFinite(), false), tensor.scan());
    }
  }

  /** The head that BAAI publishes, from its values: writer and reader speak PyTorch's format. */
  @Test
  void rewritesTheHeadOfBgeM3ToTheOfficialBytes() throws IOException, GeneralSecurityException {
    Path golden = Checkout.shared("golden/sparse_linear.f32.safetensors");
    assumeTrue(Files.exists(golden), golden + " is not there");
    SortedMap<String, Tensor> values =
        SafetensorsFile.parse(ByteBuffer.wrap(Files.readAllBytes(golden)), "golden").tensors();
    Path file = folder.resolve("sparse_linear.pt");
    new TorchCheckpointWriter("sparse_linear")
        .serializationId("1326306869893853080500114512615065555821")
        .write(
            file,
            List.of(
                half("weight", values.get("weight"), 1, 1024),
                half("bias", values.get("bias"), 1)));
    byte[] bytes = Files.readAllBytes(file);
    assertEquals(3_516, bytes.length);
    assertEquals(
        "45c93804d2142b8f6d7ec6914ae23a1eee9c6a1d27d83d908a20d2afb3595ad9",
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    SortedMap<String, Tensor> tensors = read(bytes);
    assertEquals("weight F16[1, 1024]", tensors.get("weight").toString());
    assertArrayEquals(values.get("weight").toFloats(), tensors.get("weight").toFloats());
    assertArrayEquals(new float[] {0.045196533203125f}, tensors.get("bias").toFloats());
  }

  @Test
  void writesTheOtherHeadOfBgeM3InTheOfficialSize() throws IOException {
    Path file = folder.resolve("colbert_linear.pt");
    TorchCheckpointWriter.Content zeros = (offset, target) -> target.position(target.limit());
    TorchCheckpointWriter.write(
        file,
        "colbert_linear",
        List.of(
            TorchCheckpointWriter.Entry.of(
                "weight", ElementType.F16, new long[] {1024, 1024}, zeros),
            TorchCheckpointWriter.Entry.of("bias", ElementType.F16, new long[] {1024}, zeros)));
    assertEquals(2_100_674, Files.size(file));
  }

  private static TorchCheckpointWriter.Entry half(String name, Tensor source, long... shape) {
    float[] values = source.toFloats();
    ByteBuffer halves = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      halves.putShort(Float.floatToFloat16(value));
    }
    return TorchCheckpointWriter.Entry.of(new Tensor(name, ElementType.F16, shape, halves.flip()));
  }

  @Test
  void readsEveryFormOfTheArchive() throws IOException {
    Tensor weight = Tensor.of("weight", new long[] {2, 3}, 1, 2, 3, 4, 5, 6);
    Tensor bias = Tensor.of("bias", new long[] {1}, 7);
    Tensor empty = Tensor.of("empty", new long[] {0, 3});
    List<TorchCheckpointWriter.Entry> entries =
        List.of(
            TorchCheckpointWriter.Entry.of(weight),
            TorchCheckpointWriter.Entry.of(bias),
            TorchCheckpointWriter.Entry.of(empty));
    for (TorchCheckpointWriter writer :
        List.of(
            new TorchCheckpointWriter("archive"),
            new TorchCheckpointWriter("archive").zip64(),
            new TorchCheckpointWriter("a.b").withoutDescriptors(),
            new TorchCheckpointWriter("ü").withoutDescriptors().zip64(),
            new TorchCheckpointWriter("archive").metadata("", "linear"))) {
      Path file = folder.resolve("x.pt");
      writer.write(file, entries);
      Map<String, Tensor> expected = Map.of("weight", weight, "bias", bias, "empty", empty);
      assertEquals(expected, read(Files.readAllBytes(file)));
      try (FileChannel channel = FileChannel.open(file)) {
        assertEquals(expected, Checkpoint.read(FileBytes.of(channel, "x.pt"), "x.pt"));
      }
    }
  }

  @Test
  void sharedStoragesAreReadFromOnePlace() throws IOException {
    ByteBuffer numbers = ByteBuffer.allocate(4_000).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1_000; i++) {
      numbers.putFloat(4 * i, i);
    }
    TorchCheckpointWriter.Storage storage =
        new TorchCheckpointWriter.Storage(
            ElementType.F32, 4_000, TorchCheckpointWriter.content(numbers), "cuda:0");
    Path file = folder.resolve("x.pt");
    TorchCheckpointWriter.write(
        file,
        "x",
        List.of(
            TorchCheckpointWriter.Entry.of("all", storage, 10, 100),
            TorchCheckpointWriter.Entry.of("tied", storage, 10, 100),
            new TorchCheckpointWriter.Entry(
                "part", storage, 990, new long[] {1, 10}, new long[] {77, 1}),
            new TorchCheckpointWriter.Entry(
                "column", storage, 3, new long[] {10}, new long[] {100})));
    assertTrue(Files.size(file) < 2 * 4_000, "shared storages are written once");
    try (FileChannel channel = FileChannel.open(file)) {
      SortedMap<String, Tensor> tensors = Checkpoint.read(FileBytes.of(channel, "x.pt"), "x.pt");
      assertTrue(tensors.get("all").data().isReadOnly());
      assertEquals(tensors.get("all").data(), tensors.get("tied").data());
      assertEquals(999, tensors.get("part").toFloats()[9]);
      assertEquals(903, tensors.get("column").toFloats()[9]);
    }
  }

  /** Holes instead of zeros: more bytes than a buffer or an int can count, and little on disk. */
  @Test
  void readsSafetensorsOfAnySizeIfNoTensorIsTooLarge() throws IOException {
    long length = 1_500_000_000;
    try (FileChannel channel = FileChannel.open(sparse(length, length, length))) {
      SortedMap<String, Tensor> tensors =
          SafetensorsFile.parse(FileBytes.of(channel, "x"), "x").tensors();
      assertEquals(3, tensors.size());
      assertArrayEquals(new float[] {0, 7}, tensors.get("t2").toFloats((int) length - 2, 2));
      assertArrayEquals(new float[] {0, 0}, tensors.get("t1").toFloats((int) length - 2, 2));
    }
    try (FileChannel channel = FileChannel.open(sparse(10, Integer.MAX_VALUE + 1L))) {
      FileBytes bytes = FileBytes.of(channel, "x");
      CheckpointFormatException e =
          assertThrows(CheckpointFormatException.class, () -> SafetensorsFile.parse(bytes, "x"));
      assertTrue(
          e.getMessage().contains("tensor \"t1\": it has 2147483648 bytes, more than the 2 GiB"),
          e.getMessage());
    }
  }

  private Path sparse(long... lengths) throws IOException {
    StringBuilder header = new StringBuilder("{");
    long end = 0;
    for (int i = 0; i < lengths.length; i++) {
      header.append(
          "%s\"t%d\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
              .formatted(i == 0 ? "" : ",", i, lengths[i], end, end + lengths[i]));
      end += lengths[i];
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve(lengths.length + ".safetensors");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).flip());
      channel.write(ByteBuffer.wrap(json));
      channel.write(ByteBuffer.wrap(new byte[] {7}), 8 + json.length + end - 1);
    }
    return file;
  }

  private static SortedMap<String, Tensor> read(byte[] content) throws IOException {
    return Checkpoint.read(FileBytes.of(ByteBuffer.wrap(content)), "x.pt");
  }

  private byte[] resource(String name) throws IOException {
    try (InputStream stream = getClass().getResourceAsStream(name)) {
      return stream.readAllBytes();
    }
  }
}
