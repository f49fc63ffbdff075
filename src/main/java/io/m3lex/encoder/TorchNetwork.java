package io.m3lex.encoder;

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
import io.m3lex.model.TransformerArchitecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Semaphore;

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

  /** More threads than these make one pass hardly faster; further ones run other passes. */
  private static final int GREATEST_THREADS = 8;

  /** Relative difference between a packed and a plain layer that rounding can make. */
  private static final float PROBE_TOLERANCE = 1e-3f;

  private static final float PROBE_TOLERANCE_BF16 = 0.05f;

  private final TorchProgram program;
  private final TransformerArchitecture architecture;
  private final Precision precision;
  private final boolean gpu;
  private final boolean packed;
  private final PtNDArray[] weights;
  private final int threads;
  private final Semaphore passes;

  /**
   * Loads a network.
   *
   * @param tensors those of {@link TransformerArchitecture#tensors()}, of 16- or 32-bit
   *     floating-point numbers
   * @param gpu whether to run on the first GPU
   * @param greatestThreads most threads of the processor that passes use together
   * @throws IOException if the engine does not start or a tensor cannot be read
   */
  TorchNetwork(
      TransformerArchitecture architecture,
      SortedMap<String, Tensor> tensors,
      Precision precision,
      boolean gpu,
      int greatestThreads)
      throws IOException {
    this.architecture = architecture;
    this.precision = precision;
    this.gpu = gpu;
    program = new TorchProgram(gpu);
    try {
      threads = Math.min(greatestThreads, GREATEST_THREADS);
      passes = new Semaphore(gpu ? 1 : Math.max(1, greatestThreads / threads), true);
      prepareThread();
      packed = !gpu && packingWorks(tensors);
      weights = new Loader(tensors).load();
    } catch (IOException | RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /** Whether this platform has oneDNN's packed layers and they compute what plain ones do. */
  private boolean packingWorks(SortedMap<String, Tensor> tensors) {
    try (PtNDManager manager = program.manager().newSubManager(Device.cpu())) {
      Loader loader = new Loader(tensors, manager);
      String dense = inLayer(0, "attention.output.dense");
      PtNDArray weight = loader.mapped(dense + ".weight", precision.scalarType());
      PtNDArray bias = loader.mapped(dense + ".bias", precision.scalarType());
      // The layer is square, so that its own matrix will do as input.
      float[] plain = linear(manager, weight, weight, bias, false);
      float[] quick;
      try {
        PtNDArray matrix =
            program.run(manager, "pack", IValue.listFrom(weight), IValue.from((long) TYPICAL_ROWS));
        quick = linear(manager, weight, matrix, bias, true);
      } catch (EngineException e) {
        // Only some builds of PyTorch have the operation.
        return false;
      }
      float greatest = 0;
      float difference = 0;
      for (int i = 0; i < plain.length; i++) {
        greatest = Math.max(greatest, Math.abs(plain[i]));
        difference = Math.max(difference, Math.abs(plain[i] - quick[i]));
      }
      float tolerance = precision == Precision.FP32 ? PROBE_TOLERANCE : PROBE_TOLERANCE_BF16;
      return difference <= tolerance * greatest;
    }
  }

  private float[] linear(
      PtNDManager manager, PtNDArray input, PtNDArray weight, PtNDArray bias, boolean quick) {
    PtNDArray output =
        program.run(
            manager,
            "linear",
            IValue.from(input),
            IValue.from(weight),
            IValue.from(bias),
            IValue.from(quick),
            IValue.from(false));
    return floats(output.toType(DataType.FLOAT32, false), (int) output.size());
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
    passes.acquireUninterruptibly();
    try (PtNDManager manager = program.manager().newSubManager(program.manager().getDevice())) {
      prepareThread();
      PtNDArray states =
          program.run(
              manager,
              "forward",
              IValue.from(batch.array(manager, batch.ids)),
              IValue.from(batch.array(manager, batch.positions)),
              IValue.listFrom(batch.lengths),
              IValue.listFrom(weights),
              IValue.from((long) architecture.layers()),
              IValue.from((long) architecture.heads()),
              IValue.from(architecture.layerNormEpsilon()),
              IValue.from(packed));
      return batch.split(floats(states, batch.tokens * hidden()));
    } finally {
      passes.release();
    }
  }

  private static float[] floats(PtNDArray array, int count) {
    float[] values = new float[count];
    array.toByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
    return values;
  }

  @Override
  public void close() {
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
              "%d tokens, the network takes %d".formatted(input.length, architecture.maxTokens()));
        }
        for (int j = 0; j < input.length; j++) {
          // A bad id would end in the engine's own words, or worse.
          if (input[j] < 0 || input[j] >= architecture.vocabularySize()) {
            throw new IllegalArgumentException(
                "the tokenizer gave the id %d, the network knows %d ids: they do not belong together"
                    .formatted(input[j], architecture.vocabularySize()));
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

  /** Brings the tensors of the checkpoint into the order and form that the program takes. */
  private final class Loader {
    private final SortedMap<String, Tensor> tensors;
    private final PtNDManager manager;
    private ByteBuffer[] scratch = new ByteBuffer[0];

    Loader(SortedMap<String, Tensor> tensors) {
      this(tensors, program.manager());
    }

    Loader(SortedMap<String, Tensor> tensors, PtNDManager manager) {
      this.tensors = tensors;
      this.manager = manager;
    }

    PtNDArray[] load() throws IOException {
      List<PtNDArray> list = new ArrayList<>();
      for (String table : List.of("word", "position", "token_type")) {
        Tensor tensor = tensors.get("embeddings." + table + "_embeddings.weight");
        list.add(mapped(tensor.name(), scalarType(tensor)));
      }
      addNorm(list, "embeddings.LayerNorm", Precision.FP32);
      for (int layer = 0; layer < architecture.layers(); layer++) {
        String self = inLayer(layer, "attention.self.");
        addLinear(list, self + "query", self + "key", self + "value");
        addLinear(list, inLayer(layer, "attention.output.dense"));
        addNorm(list, inLayer(layer, "attention.output.LayerNorm"), precision);
        addLinear(list, inLayer(layer, "intermediate.dense"));
        addLinear(list, inLayer(layer, "output.dense"));
        addNorm(list, inLayer(layer, "output.LayerNorm"), precision);
      }
      return list.toArray(new PtNDArray[0]);
    }

    private void addNorm(List<PtNDArray> list, String name, Precision wanted) throws IOException {
      list.add(concatenated(wanted, name + ".weight"));
      list.add(concatenated(wanted, name + ".bias"));
    }

    private void addLinear(List<PtNDArray> list, String... names) throws IOException {
      String[] matrices = Arrays.stream(names).map(name -> name + ".weight").toArray(String[]::new);
      String[] biases = Arrays.stream(names).map(name -> name + ".bias").toArray(String[]::new);
      list.add(packed ? packed(matrices) : concatenated(precision, matrices));
      list.add(concatenated(precision, biases));
    }

    /** One packed matrix of several, copied out of the file without mapping it. */
    private PtNDArray packed(String... names) throws IOException {
      try (PtNDManager temporary = manager.newSubManager(Device.cpu())) {
        PtNDArray[] parts = new PtNDArray[names.length];
        for (int i = 0; i < names.length; i++) {
          Tensor tensor = tensors.get(names[i]);
          parts[i] = array(temporary, tensor, copy(tensor, i), precision.scalarType());
        }
        return program.run(
            manager, "pack", IValue.listFrom(parts), IValue.from((long) TYPICAL_ROWS));
      }
    }

    /** A copy of a tensor's bytes in memory that the next copy takes again. */
    private ByteBuffer copy(Tensor tensor, int slot) throws IOException {
      if (slot >= scratch.length) {
        scratch = Arrays.copyOf(scratch, slot + 1);
      }
      int bytes = tensor.elementCount() * tensor.type().bytes();
      if (scratch[slot] == null || scratch[slot].capacity() < bytes) {
        scratch[slot] = ByteBuffer.allocateDirect(bytes);
      }
      ByteBuffer target = scratch[slot].clear().limit(bytes);
      tensor.copyTo(target);
      return target.flip();
    }

    /** One array of several, in memory of its own. */
    private PtNDArray concatenated(Precision wanted, String... names) throws IOException {
      try (PtNDManager temporary = manager.newSubManager(Device.cpu())) {
        PtNDArray[] parts = new PtNDArray[names.length];
        for (int i = 0; i < names.length; i++) {
          Tensor tensor = tensors.get(names[i]);
          parts[i] = array(temporary, tensor, copy(tensor, i), wanted.scalarType());
        }
        return onDevice(program.run(manager, "concatenate", IValue.listFrom(parts)));
      }
    }

    /** An array over the file itself, but for its type and the device. */
    PtNDArray mapped(String name, int wanted) {
      Tensor tensor = tensors.get(name);
      return onDevice(array(manager, tensor, tensor.data(), wanted));
    }

    private PtNDArray onDevice(PtNDArray array) {
      return gpu ? array.toDevice(Device.gpu(0), false) : array;
    }

    private PtNDArray array(PtNDManager owner, Tensor tensor, ByteBuffer bytes, int wanted) {
      boolean widen = tensor.type() == ElementType.BF16;
      ByteBuffer direct = bytes;
      if (widen || !bytes.isDirect()) {
        direct = widen ? widened(bytes) : direct(bytes.remaining()).put(bytes).flip();
      }
      // The array keeps the buffer, and with it the mapping, as long as it lives itself.
      PtNDArray stored =
          JniUtils.createNdFromByteBuffer(
              owner,
              direct.order(ByteOrder.nativeOrder()),
              new Shape(tensor.shape()),
              tensor.type() == ElementType.F16 ? DataType.FLOAT16 : DataType.FLOAT32,
              SparseFormat.DENSE,
              Device.cpu());
      return scalarType(tensor) == wanted
          ? stored
          : program.run(owner, "cast", IValue.from(stored), IValue.from((long) wanted));
    }

    /** Numbers of bfloat16 as ones of 32 bits: DJL takes the engine down when it is given any. */
    private static ByteBuffer widened(ByteBuffer bytes) {
      ByteBuffer source = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer wide = direct(2 * bytes.remaining());
      while (source.hasRemaining()) {
        wide.putInt(source.getShort() << 16);
      }
      return wide.flip();
    }

    private static ByteBuffer direct(int bytes) {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** The number that PyTorch has for the type in which a tensor is handed to it. */
    private static int scalarType(Tensor tensor) {
      return tensor.type() == ElementType.F16 ? 5 : Precision.FP32.scalarType();
    }
  }
}
