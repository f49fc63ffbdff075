/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.DoubleTransformer;
import io.m3lex.encoder.Network;
import io.m3lex.encoder.Precision;
import io.m3lex.model.TransformerArchitecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TorchNetworkTest {

  private static final long SEED = Long.getLong("m3lex.seed", System.nanoTime());

  private static final TransformerArchitecture XLM_ROBERTA =
      SmallTransformer.architecture("xlm-roberta", 500, 202);

  private static TorchNetwork network;

  @BeforeAll
  static void load() throws IOException {
    System.out.println("TorchNetworkTest: -Dm3lex.seed=" + SEED);
    network = network(XLM_ROBERTA, SmallTransformer.tensors(XLM_ROBERTA, 1), Precision.FP32, 2);
  }

  @AfterAll
  static void close() {
    if (network != null) {
      network.close();
    }
  }

  private static TorchNetwork network(
      TransformerArchitecture architecture,
      SortedMap<String, Tensor> tensors,
      Precision precision,
      int threads)
      throws IOException {
    return new TorchNetwork(architecture, tensors, precision, TorchProgram.Kind.CPU, threads);
  }

  @Test
  void statesEqualTheDoublePrecisionOracleWithPositionsFromBehindThePadding() {
    assertEqualsOracle(XLM_ROBERTA, network);
  }

  @Test
  void statesEqualTheDoublePrecisionOracleWithPositionsFromZero() throws IOException {
    TransformerArchitecture bert = SmallTransformer.architecture("bert", 500, 200);
    try (TorchNetwork other = network(bert, SmallTransformer.tensors(bert, 1), Precision.FP32, 2)) {
      assertEqualsOracle(bert, other);
    }
  }

  private static void assertEqualsOracle(TransformerArchitecture architecture, Network tested) {
    DoubleTransformer oracle =
        new DoubleTransformer(architecture, SmallTransformer.tensors(architecture, 1));
    Random random = new Random(SEED);
    double greatest = 0;
    List<long[]> texts = texts(random, 12, 60);
    texts.add(ids(random, 200));
    List<float[]> states = tested.run(texts);
    for (int i = 0; i < texts.size(); i++) {
      double[][] expected = oracle.run(texts.get(i));
      for (int t = 0; t < expected.length; t++) {
        for (int h = 0; h < 64; h++) {
          greatest = Math.max(greatest, Math.abs(expected[t][h] - states.get(i)[t * 64 + h]));
        }
      }
    }
    System.out.println(architecture.type() + ": greatest difference to the oracle " + greatest);
    assertTrue(greatest < 5e-6, "a hidden state is off by " + greatest);
  }

  @Test
  void aTextHasTheSameBitsAloneAndInEveryBatch() {
    Random random = new Random(SEED);
    List<long[]> texts = texts(random, 60, 70);
    List<float[]> alone = new ArrayList<>();
    for (long[] text : texts) {
      alone.add(network.run(List.of(text)).getFirst());
    }
    for (int round = 0; round < 10; round++) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      List<Integer> chosen = order.subList(0, 1 + random.nextInt(texts.size()));
      List<float[]> together = network.run(chosen.stream().map(texts::get).toList());
      for (int i = 0; i < chosen.size(); i++) {
        assertArrayEquals(alone.get(chosen.get(i)), together.get(i));
      }
    }
  }

  @Test
  void aTextHasTheSameBitsOnOneThreadAndWithFourCallers() throws Exception {
    List<long[]> texts = texts(new Random(SEED), 40, 100);
    List<float[]> expected = network.run(texts);
    try (TorchNetwork single =
            network(XLM_ROBERTA, SmallTransformer.tensors(XLM_ROBERTA, 1), Precision.FP32, 1);
        ExecutorService callers = Executors.newFixedThreadPool(4)) {
      List<float[]> onOneThread = single.run(texts);
      List<Future<float[]>> concurrent = new ArrayList<>();
      for (long[] text : texts) {
        concurrent.add(callers.submit(() -> network.run(List.of(text)).getFirst()));
      }
      for (int i = 0; i < texts.size(); i++) {
        assertArrayEquals(expected.get(i), onOneThread.get(i));
        assertArrayEquals(expected.get(i), concurrent.get(i).get());
      }
    }
  }

  @Test
  void checkpointsOf16BitNumbersAreRunInFullPrecision() throws IOException {
    SortedMap<String, Tensor> full = SmallTransformer.tensors(XLM_ROBERTA, 1);
    for (ElementType type : List.of(ElementType.F16, ElementType.BF16)) {
      SortedMap<String, Tensor> narrow = new TreeMap<>();
      SortedMap<String, Tensor> widened = new TreeMap<>();
      for (Tensor tensor : full.values()) {
        Tensor half = halved(tensor, type);
        narrow.put(half.name(), half);
        widened.put(half.name(), Tensor.of(half.name(), half.shape(), half.toFloats()));
      }
      List<long[]> texts = texts(new Random(SEED), 5, 40);
      try (TorchNetwork one = network(XLM_ROBERTA, narrow, Precision.FP32, 2);
          TorchNetwork other = network(XLM_ROBERTA, widened, Precision.FP32, 2)) {
        List<float[]> expected = other.run(texts);
        List<float[]> states = one.run(texts);
        for (int i = 0; i < texts.size(); i++) {
          assertArrayEquals(expected.get(i), states.get(i));
        }
      }
    }
  }

  private static Tensor halved(Tensor tensor, ElementType type) {
    float[] values = tensor.toFloats();
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putShort(
          type == ElementType.F16
              ? Float.floatToFloat16(value)
              : (short) (Float.floatToIntBits(value) >>> 16));
    }
    return new Tensor(tensor.name(), type, tensor.shape(), bytes.flip());
  }

  @Test
  void bfloat16ComesClose() throws IOException {
    List<long[]> texts = texts(new Random(SEED), 5, 40);
    List<float[]> expected = network.run(texts);
    try (TorchNetwork other =
        network(XLM_ROBERTA, SmallTransformer.tensors(XLM_ROBERTA, 1), Precision.BF16, 2)) {
      List<float[]> states = other.run(texts);
      double squares = 0;
      int count = 0;
      for (int i = 0; i < texts.size(); i++) {
        for (int j = 0; j < expected.get(i).length; j++) {
          double difference = expected.get(i)[j] - states.get(i)[j];
          squares += difference * difference;
          count++;
        }
      }
      double mean = Math.sqrt(squares / count);
      assertTrue(mean > 1e-5 && mean < 0.05, "root of the mean square difference: " + mean);
    }
  }

  /** Fewer tokens than packed layers are tried with when a network is loaded. */
  @Test
  void aNetworkOfShortTextsIsLoaded() throws IOException {
    TransformerArchitecture brief = SmallTransformer.architecture("xlm-roberta", 500, 22);
    try (TorchNetwork loaded =
        network(brief, SmallTransformer.tensors(brief, 1), Precision.FP32, 2)) {
      assertEquals(20 * loaded.hidden(), loaded.run(List.of(new long[20])).getFirst().length);
    }
  }

  @Test
  void badInputsAreRefusedBeforeTheEngineSeesThem() {
    for (long id : new long[] {-1, 500, Long.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> network.run(List.of(new long[] {0, id})));
    }
    assertThrows(IllegalArgumentException.class, () -> network.run(List.of(new long[201])));
    assertEquals(200 * 64, network.run(List.of(new long[200])).getFirst().length);
  }

  @Test
  void theEngineSaysHowItRuns() throws IOException {
    assertTrue(network.engine().startsWith("PyTorch 2."), network.engine());
    assertTrue(network.engine().endsWith("fp32"), network.engine());
    if (System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64")) {
      String layers = isZen5() ? "plain layers" : "oneDNN packed";
      assertTrue(network.engine().contains(layers), network.engine());
    }
  }

  /** On which oneDNN's packed layers compute something else, which is noticed. */
  private static boolean isZen5() throws IOException {
    String processor = Files.readString(Path.of("/proc/cpuinfo"));
    return processor.contains("AuthenticAMD")
        && processor.lines().anyMatch(line -> line.matches("cpu family\\s*: 26"));
  }

  @Test
  void plainLayersGiveTheSameStatesWhereThereIsNoOneDnn() throws IOException {
    List<long[]> texts = texts(new Random(SEED), 20, 60);
    List<float[]> expected = network.run(texts);
    for (Precision precision : Precision.values()) {
      try (TorchNetwork plain =
          new TorchNetwork(
              XLM_ROBERTA,
              SmallTransformer.tensors(XLM_ROBERTA, 1),
              precision,
              TorchProgram.Kind.PLAIN_CPU,
              2)) {
        assertTrue(plain.engine().contains("plain layers"), plain.engine());
        List<float[]> states = plain.run(texts);
        for (int i = 0; i < texts.size(); i++) {
          assertArrayEquals(
              expected.get(i), states.get(i), precision == Precision.FP32 ? 1e-5f : 0.5f);
        }
      }
    }
  }

  @Test
  void aGpuThatIsNotThereIsSaidInOneLine() throws IOException {
    assumeTrue(TorchProgram.engine().getGpuCount() == 0, "there is a GPU");
    IOException e = assertThrows(IOException.class, () -> new TorchProgram(TorchProgram.Kind.GPU));
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(e.getMessage().startsWith("PyTorch reports no GPU"), e.getMessage());
  }

  private static List<long[]> texts(Random random, int count, int greatestLength) {
    List<long[]> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(ids(random, 1 + random.nextInt(greatestLength)));
    }
    return texts;
  }

  private static long[] ids(Random random, int length) {
    return random.longs(length, 0, 500).toArray();
  }
}
