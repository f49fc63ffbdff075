/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.pytorch;

import static io.m3lex.model.TransformerArchitecture.inLayer;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.Network;
import io.m3lex.encoder.Precision;
import io.m3lex.model.TransformerArchitecture;
import io.m3lex.util.BackgroundTask;
import io.m3lex.util.Causes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transformer encoder of a PyTorch checkpoint, run by DJL's PyTorch engine.
 *
 * <p>Texts of a batch are laid one behind the other, without padding; only attention looks at them
 * one by one. Linear layers run in oneDNN, with matrices that were packed when the network was
 * loaded, and the number of rows is rounded up to a multiple of 16. So the sums of a row are formed
 * in the same order whatever lies beside it, and a text's states are the same bits in any batch and
 * on any number of threads. Where there is no oneDNN the layers are plain ones, and this holds only
 * as far as the platform's own matrix product does.
 */
final class TorchNetwork implements Network {

  /** The rows of a block of oneDNN's matrix product. */
  private static final int ROW_MULTIPLE = 16;

  /** The number of rows that matrices are packed for; others work as well, a little more slowly. */
  private static final int TYPICAL_ROWS = 512;

  private static final int BATCH_TOKENS = 1024;

  // PyTorch's numbers for the types (c10/core/ScalarType.h).
  private static final int HALF = 5;
  private static final int FLOAT = 6;
  private static final int BFLOAT16 = 15;

  /** More threads than these make one pass hardly faster; further ones run other passes. */
  private static final int GREATEST_THREADS = 8;

  /** Relative difference between a packed and a plain layer that rounding can make. */
  private static final float PROBE_TOLERANCE = 1e-3f;

  private static final float PROBE_TOLERANCE_BF16 = 0.05f;

  private static final int PROBE_TOKENS = 48;

  private final TorchProgram program;
  private final TransformerArchitecture architecture;
  private final Precision precision;
  private final boolean gpu;
  private final boolean packed;
  private final WordEmbeddings words;
  private final PtNDArray[] weights;
  private final int threads;
  // The engine keeps a pool of threads for every thread that calls it, so only these few do.
  private final ExecutorService passes;

  /**
   * Loads a network.
   *
   * @param tensors those of {@link TransformerArchitecture#tensors()}, of 16- or 32-bit
   *     floating-point numbers
   * @param kind what to run on
   * @param greatestThreads most threads of the processor that passes use together
   * @throws IOException if the engine does not start or a tensor cannot be read
   */
  TorchNetwork(
      TransformerArchitecture architecture,
      SortedMap<String, Tensor> tensors,
      Precision precision,
      TorchProgram.Kind kind,
      int greatestThreads)
      throws IOException {
    this.architecture = architecture;
    this.precision = precision;
    gpu = kind == TorchProgram.Kind.GPU;
    program = new TorchProgram(kind);
    try {
      threads = Math.min(greatestThreads, GREATEST_THREADS);
      prepareThread();
      Loader loader = new Loader(tensors);
      words = new WordEmbeddings(tensors.get("embeddings.word_embeddings.weight"));
      List<PtNDArray> embeddings = loader.embeddings();
      packed = program.packs() && packingWorks(loader, embeddings);
      weights = load(tensors, embeddings);
      passes =
          Executors.newFixedThreadPool(
              gpu ? 1 : Math.max(1, greatestThreads / threads),
              task ->
                  Thread.ofPlatform()
                      .daemon()
                      .name("forward-pass")
                      .unstarted(
                          () -> {
                            prepareThread();
                            task.run();
                          }));
    } catch (IOException | RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /**
   * Whether oneDNN's packed layers compute what plain ones do, by the first layer. oneDNN makes its
   * code for the processor at hand, and on some it computes something else.
   */
  private boolean packingWorks(Loader loader, List<PtNDArray> embeddings) throws IOException {
    long[] text = new long[Math.min(PROBE_TOKENS, architecture.maxTokens())];
    for (int i = 0; i < text.length; i++) {
      text[i] = i % architecture.vocabularySize();
    }
    Batch batch = new Batch(List.of(text));
    Logger log = LoggerFactory.getLogger(TorchNetwork.class);
    float[] plain = firstLayer(batch, loader, embeddings, false);
    float[] quick;
    try {
      quick = firstLayer(batch, loader, embeddings, true);
    } catch (EngineException e) {
      // A build may have the operations and refuse them on this processor.
      log.warn("PyTorch runs without oneDNN's packed layers: {}", Causes.firstLine(e));
      return false;
    }
    float greatest = 0;
    float difference = 0;
    for (int i = 0; i < plain.length; i++) {
      greatest = Math.max(greatest, Math.abs(plain[i]));
      difference = Math.max(difference, Math.abs(plain[i] - quick[i]));
    }
    float tolerance = precision == Precision.FP32 ? PROBE_TOLERANCE : PROBE_TOLERANCE_BF16;
    if (!(difference <= tolerance * greatest)) {
      log.warn(
          "PyTorch runs without oneDNN's packed layers, which is slower: on this processor they"
              + " compute something else (a difference of {} in {}). The environment variable"
              + " ONEDNN_MAX_CPU_ISA=AVX2 may give them back.",
          difference,
          greatest);
      return false;
    }
    return true;
  }

  private float[] firstLayer(
      Batch batch, Loader loader, List<PtNDArray> embeddings, boolean packing) throws IOException {
    List<PtNDArray> all = new ArrayList<>(embeddings);
    List<PtNDArray> layer = loader.layer(0, packing);
    all.addAll(layer);
    try (PtNDManager manager = program.manager().newSubManager(program.manager().getDevice())) {
      PtNDArray[] array = all.toArray(new PtNDArray[0]);
      return floats(forward(manager, batch, array, 1, packing), batch.tokens * hidden());
    } finally {
      layer.forEach(PtNDArray::close);
    }
  }

  /** Settings that the engine keeps per thread. */
  private void prepareThread() {
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setNumThreads(threads);
  }

  @Override
  public int hidden() {
    return architecture.hiddenSize();
  }

  @Override
  public String engine() {
    return "PyTorch %s, %s, %s"
        .formatted(
            program.version(),
            gpu ? "GPU" : packed ? "oneDNN packed" : "plain layers",
            precision.label());
  }

  @Override
  public int batchTokens() {
    return BATCH_TOKENS;
  }

  @Override
  public List<float[]> run(List<long[]> inputs) {
    Batch batch = new Batch(inputs);
    return BackgroundTask.result(passes.submit(() -> run(batch)));
  }

  private List<float[]> run(Batch batch) {
    try (PtNDManager manager = program.manager().newSubManager(program.manager().getDevice())) {
      PtNDArray states = forward(manager, batch, weights, architecture.layers(), packed);
      return batch.split(floats(states, batch.tokens * hidden()));
    }
  }

  /** Without its word embeddings, {@code arrays} holds all weights. */
  private PtNDArray forward(
      PtNDManager manager, Batch batch, PtNDArray[] arrays, long layers, boolean packing) {
    try (WordEmbeddings.Rows rows = words.rows(batch.ids)) {
      PtNDArray[] all = new PtNDArray[arrays.length + 1];
      all[0] = array(manager, rows);
      System.arraycopy(arrays, 0, all, 1, arrays.length);
      return program.run(
          manager,
          "forward",
          IValue.from(batch.array(manager, rows.places())),
          IValue.from(batch.array(manager, batch.positions)),
          IValue.listFrom(batch.lengths),
          IValue.listFrom(all),
          IValue.from(layers),
          IValue.from((long) architecture.heads()),
          IValue.from(architecture.layerNormEpsilon()),
          IValue.from(packing));
    }
  }

  /** On the device; on the processor it lies where the rows do. */
  private PtNDArray array(PtNDManager manager, WordEmbeddings.Rows rows) {
    PtNDArray array =
        JniUtils.createNdFromByteBuffer(
            manager,
            rows.values(),
            new Shape(rows.values().remaining() / Float.BYTES / hidden(), hidden()),
            DataType.FLOAT32,
            SparseFormat.DENSE,
            Device.cpu());
    return gpu ? array.toDevice(Device.gpu(0), false) : array;
  }

  private static float[] floats(PtNDArray array, int count) {
    float[] values = new float[count];
    array.toByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
    return values;
  }

  @Override
  public void close() {
    passes.close();
    program.close();
  }

  /** Texts one behind the other, and padding that rounds up the number of rows. */
  private final class Batch {
    private final int tokens;
    private final int[] textLengths;
    private final long[] lengths;
    private final long[] ids;
    private final long[] positions;

    Batch(List<long[]> inputs) {
      textLengths = inputs.stream().mapToInt(input -> input.length).toArray();
      tokens = Arrays.stream(textLengths).sum();
      int padding = Math.floorMod(-tokens, ROW_MULTIPLE);
      lengths = new long[textLengths.length + (padding == 0 ? 0 : 1)];
      ids = new long[tokens + padding];
      positions = new long[tokens + padding];
      int row = 0;
      for (int i = 0; i < textLengths.length; i++) {
        lengths[i] = textLengths[i];
        long[] input = inputs.get(i);
        if (input.length > architecture.maxTokens()) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "%d tokens, the network takes %d",
                  input.length,
                  architecture.maxTokens()));
        }
        for (int j = 0; j < input.length; j++) {
          // A bad id would end in the engine's own words, or worse.
          if (input[j] < 0 || input[j] >= architecture.vocabularySize()) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "the tokenizer gave the id %d, the network knows %d ids: they do not belong together",
                    input[j],
                    architecture.vocabularySize()));
          }
          ids[row] = input[j];
          positions[row++] = architecture.firstPosition() + j;
        }
      }
      if (padding > 0) {
        lengths[lengths.length - 1] = padding;
        for (int j = 0; j < padding; j++) {
          ids[row] = architecture.paddingId();
          positions[row++] = architecture.firstPosition();
        }
      }
    }

    PtNDArray array(PtNDManager manager, long[] values) {
      return manager.create(LongBuffer.wrap(values), new Shape(values.length), DataType.INT64);
    }

    List<float[]> split(float[] states) {
      List<float[]> parts = new ArrayList<>();
      int from = 0;
      for (int length : textLengths) {
        int to = from + length * hidden();
        parts.add(Arrays.copyOfRange(states, from, to));
        from = to;
      }
      return parts;
    }
  }

  /** The weights in the order in which the program takes them. */
  private PtNDArray[] load(SortedMap<String, Tensor> tensors, List<PtNDArray> embeddings)
      throws IOException {
    List<PtNDArray> list = new ArrayList<>(embeddings);
    // Several layers at once: packing one is mostly waiting for memory.
    List<BackgroundTask<List<List<PtNDArray>>>> parts = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int first = i;
      parts.add(
          BackgroundTask.startNative(
              "load-network-" + i, () -> layers(new Loader(tensors), first)));
    }
    List<List<List<PtNDArray>>> loaded = loaded(parts);
    for (int layer = 0; layer < architecture.layers(); layer++) {
      list.addAll(loaded.get(layer % threads).get(layer / threads));
    }
    return list.toArray(new PtNDArray[0]);
  }

  /** Waits for all parts, also if one fails: no thread may be left at work in the engine. */
  private static <T> List<T> loaded(List<BackgroundTask<T>> parts) throws IOException {
    List<T> loaded = new ArrayList<>();
    Exception failure = null;
    for (BackgroundTask<T> part : parts) {
      try {
        loaded.add(part.result());
      } catch (IOException | RuntimeException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw new IOException("The network cannot be loaded: " + Causes.firstLine(failure), failure);
    }
    return loaded;
  }

  /** Every so many-th layer, as many as there are threads, from the first one on. */
  private List<List<PtNDArray>> layers(Loader loader, int first) throws IOException {
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setNumThreads(1);
    List<List<PtNDArray>> layers = new ArrayList<>();
    for (int layer = first; layer < architecture.layers(); layer += threads) {
      layers.add(loader.layer(layer, packed));
    }
    return layers;
  }

  /** Brings tensors of the checkpoint into the form that the program takes. For one thread. */
  private final class Loader {
    private final SortedMap<String, Tensor> tensors;
    private ByteBuffer scratch = ByteBuffer.allocateDirect(0);

    Loader(SortedMap<String, Tensor> tensors) {
      this.tensors = tensors;
    }

    List<PtNDArray> embeddings() throws IOException {
      List<PtNDArray> list = new ArrayList<>();
      for (String table : List.of("position", "token_type")) {
        list.add(copied(Precision.FP32, "embeddings." + table + "_embeddings.weight"));
      }
      addNorm(list, "embeddings.LayerNorm", Precision.FP32);
      return list;
    }

    List<PtNDArray> layer(int layer, boolean packing) throws IOException {
      List<PtNDArray> list = new ArrayList<>();
      String self = inLayer(layer, "attention.self.");
      addLinear(list, packing, self + "query", self + "key", self + "value");
      addLinear(list, packing, inLayer(layer, "attention.output.dense"));
      addNorm(list, inLayer(layer, "attention.output.LayerNorm"), precision);
      addLinear(list, packing, inLayer(layer, "intermediate.dense"));
      addLinear(list, packing, inLayer(layer, "output.dense"));
      addNorm(list, inLayer(layer, "output.LayerNorm"), precision);
      return list;
    }

    private void addNorm(List<PtNDArray> list, String name, Precision wanted) throws IOException {
      list.add(copied(wanted, name + ".weight"));
      list.add(copied(wanted, name + ".bias"));
    }

    private void addLinear(List<PtNDArray> list, boolean packing, String... names)
        throws IOException {
      String[] matrices = Arrays.stream(names).map(name -> name + ".weight").toArray(String[]::new);
      String[] biases = Arrays.stream(names).map(name -> name + ".bias").toArray(String[]::new);
      list.add(packing ? packed(matrices) : copied(precision, matrices));
      list.add(copied(precision, biases));
    }

    /** One packed matrix of several that take the same input. */
    private PtNDArray packed(String... names) throws IOException {
      try (PtNDManager temporary = program.manager().newSubManager(Device.cpu())) {
        return program.run(
            program.manager(),
            "pack",
            IValue.from(joined(temporary, scalarType(precision), names)),
            IValue.from((long) TYPICAL_ROWS));
      }
    }

    /** One array of several, in memory of its own. */
    private PtNDArray copied(Precision wanted, String... names) throws IOException {
      try (PtNDManager temporary = program.manager().newSubManager(Device.cpu())) {
        return onDevice(
            program.run(
                program.manager(),
                "copy",
                IValue.from(joined(temporary, scalarType(wanted), names)),
                IValue.from((long) scalarType(wanted))));
      }
    }

    /** Tensors one below the other, read into memory that the next call takes again. */
    private PtNDArray joined(PtNDManager owner, int wanted, String... names) throws IOException {
      List<Tensor> parts = Arrays.stream(names).map(tensors::get).toList();
      ElementType type = parts.getFirst().type();
      boolean widen =
          type == ElementType.BF16 || parts.stream().anyMatch(part -> part.type() != type);
      ElementType joinedType = widen ? ElementType.F32 : type;
      long[] shape = parts.getFirst().shape();
      int elements = parts.stream().mapToInt(Tensor::elementCount).sum();
      shape[0] = parts.stream().mapToLong(part -> part.shape()[0]).sum();
      int bytes = Math.multiplyExact(elements, joinedType.bytes());
      if (scratch.capacity() < bytes) {
        scratch = direct(bytes);
      }
      scratch.clear().limit(bytes);
      for (Tensor part : parts) {
        if (widen) {
          for (float value : part.toFloats()) {
            scratch.putFloat(value);
          }
        } else {
          part.copyTo(scratch);
        }
      }
      return array(owner, scratch.flip(), joinedType, shape, wanted);
    }

    private PtNDArray onDevice(PtNDArray array) {
      return gpu ? array.toDevice(Device.gpu(0), false) : array;
    }

    /** The array keeps the buffer as long as it lives itself, if its type is the wanted one. */
    private PtNDArray array(
        PtNDManager owner, ByteBuffer direct, ElementType type, long[] shape, int wanted) {
      PtNDArray stored =
          JniUtils.createNdFromByteBuffer(
              owner,
              direct.order(ByteOrder.nativeOrder()),
              new Shape(shape),
              type == ElementType.F16 ? DataType.FLOAT16 : DataType.FLOAT32,
              SparseFormat.DENSE,
              Device.cpu());
      return scalarType(type) == wanted
          ? stored
          : program.run(owner, "cast", IValue.from(stored), IValue.from((long) wanted));
    }

    private static ByteBuffer direct(int bytes) {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** The number that PyTorch has for the type in which a tensor is handed to it. */
    private static int scalarType(Precision precision) {
      return precision == Precision.FP32 ? FLOAT : BFLOAT16;
    }

    private static int scalarType(ElementType type) {
      return type == ElementType.F16 ? HALF : FLOAT;
    }
  }
}
