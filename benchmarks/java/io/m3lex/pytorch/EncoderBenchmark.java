/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.pytorch;

import static io.m3lex.model.TransformerArchitecture.inLayer;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.m3lex.TextRole;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.encoder.Precision;
import io.m3lex.model.TransformerArchitecture;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Tokens per second of the encoder, beside its peers in the same run: the same network as eager
 * NDArray operations of DJL, and the machine's own rate of matrix products of the same shapes.
 */
public final class EncoderBenchmark {

  private static final String EMBEDDINGS = "embeddings.word_embeddings.weight";

  private static final String[] WORDS =
      ("the of and to in is for that on with as are be this from or by an at not which can have"
              + " water time people world city house work school day year state power line light")
          .split(" ");

  private final LexicalEncoder encoder;
  private final VerifiedModel model;
  private final TransformerArchitecture architecture;
  private final int threads;

  private EncoderBenchmark(LexicalEncoder encoder, int threads) {
    this.encoder = encoder;
    this.threads = threads;
    model = encoder.model();
    architecture = model.architecture().orElseThrow();
  }

  /** Takes the folder of a model and optionally {@code bf16}. */
  public static void main(String[] arguments) throws IOException {
    Locale.setDefault(Locale.ROOT);
    if (arguments.length < 1) {
      System.err.println("usage: benchmarks/encoder FOLDER [bf16]");
      System.exit(2);
    }
    Precision precision =
        arguments.length > 1
            ? Precision.valueOf(arguments[1].toUpperCase(Locale.ROOT))
            : Precision.FP32;
    long start = System.nanoTime();
    LexicalEncoder opened = LexicalEncoder.open(Path.of(arguments[0]));
    System.out.printf("open, verified: %.2f s%n", (System.nanoTime() - start) / 1e9);
    VerifiedModel model = opened.model();
    EncoderSettings settings = EncoderSettings.DEFAULT.with(precision);
    if (precision != Precision.FP32) {
      opened.close();
      opened = LexicalEncoder.open(model, settings);
    }
    try (LexicalEncoder encoder = opened) {
      System.out.println(encoder.environment());
      new EncoderBenchmark(encoder, settings.threads()).run();
    }
    System.exit(0);
  }

  private void run() throws IOException {
    double query = report("one query of 16 tokens", List.of(text(16, 1)), 40);
    report("one document of 128 tokens", List.of(text(128, 1)), 12);
    double same = report("8 documents of 128 tokens", texts(128, 128, 8), 4);
    report("2 documents of 512 tokens", texts(512, 512, 2), 4);
    double mixed = report("16 documents of 16 to 240 tokens", texts(16, 240, 16), 4);
    report("64 queries of 16 tokens", texts(16, 16, 64), 4);
    System.out.printf("mixed lengths: %.2f of the rate of the same length%n", mixed / same);
    gemm(128, same);
    try (Eager eager = new Eager()) {
      double[] rates = new double[2];
      int[] lengths = {16, 128};
      for (int i = 0; i < lengths.length; i++) {
        long[] ids = new Random(1).longs(lengths[i], 5, architecture.vocabularySize()).toArray();
        double seconds = best(3, () -> eager.run(ids));
        rates[i] = lengths[i] / seconds;
        System.out.printf(
            "%-36s %8.1f ms %8.0f tokens/s%n",
            "eager NDArray operations, " + lengths[i] + " tokens", seconds * 1e3, rates[i]);
      }
      System.out.printf(
          "one query of 16 tokens: %.2f of the rate of eager operations%n", query / rates[0]);
    }
  }

  /** Multiplications and additions of the linear layers for one token. */
  private double operations() {
    double hidden = architecture.hiddenSize();
    return architecture.layers()
        * 2
        * (4 * hidden * hidden + 2 * hidden * architecture.intermediateSize());
  }

  private double report(String name, List<String> texts, int rounds) {
    int tokens =
        encoder.encode(texts, TextRole.DOCUMENT).stream().mapToInt(text -> text.tokens() + 2).sum();
    double seconds = best(rounds, () -> encoder.encode(texts, TextRole.DOCUMENT));
    System.out.printf(
        "%-36s %8.1f ms %8.0f tokens/s %6.0f GFLOP/s in linear layers%n",
        name, seconds * 1e3, tokens / seconds, tokens * operations() / seconds / 1e9);
    return tokens / seconds;
  }

  private static double best(int rounds, Runnable work) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < rounds; i++) {
      long start = System.nanoTime();
      work.run();
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    return best;
  }

  /** The time that the linear layers alone take, for the rows of so many documents. */
  private void gemm(int length, double rate) throws IOException {
    int rows = 8 * length;
    int hidden = architecture.hiddenSize();
    int wide = architecture.intermediateSize();
    int[][] shapes = {{3 * hidden, hidden}, {hidden, hidden}, {wide, hidden}, {hidden, wide}};
    double packed = 0;
    double plain = 0;
    double operations = 0;
    try (TorchProgram program = new TorchProgram(TorchProgram.Kind.CPU)) {
      JniUtils.setNumThreads(threads);
      PtNDManager manager = program.manager();
      for (int[] shape : shapes) {
        PtNDArray x = random(manager, rows, shape[1]);
        PtNDArray weight = random(manager, shape[0], shape[1]);
        PtNDArray bias = random(manager, 1, shape[0]).reshape(new Shape(shape[0]));
        PtNDArray matrix =
            program.run(manager, "pack", IValue.from(weight), IValue.from((long) rows));
        packed += best(10, () -> linear(program, x, matrix, bias, true));
        plain += best(10, () -> linear(program, x, weight, bias, false));
        operations += 2.0 * rows * shape[0] * shape[1];
      }
    }
    double greatest = operations / Math.min(packed, plain) / 1e9;
    System.out.printf(
        "matrix products of these shapes, %d rows: %.0f GFLOP/s packed, %.0f plain%n",
        rows, operations / packed / 1e9, operations / plain / 1e9);
    System.out.printf(
        "documents of %d tokens: %.2f of the rate of the matrix products alone%n",
        length, rate * operations() / 1e9 / greatest);
  }

  private static PtNDArray random(PtNDManager manager, int rows, int columns) {
    return (PtNDArray) manager.randomNormal(0, 0.05f, new Shape(rows, columns), DataType.FLOAT32);
  }

  private static void linear(
      TorchProgram program, PtNDArray x, PtNDArray weight, PtNDArray bias, boolean packed) {
    try (PtNDManager scratch = program.manager().newSubManager(Device.cpu())) {
      program.run(
          scratch,
          "linear",
          IValue.from(x),
          IValue.from(weight),
          IValue.from(bias),
          IValue.from(packed),
          IValue.from(false));
    }
  }

  private List<String> texts(int least, int greatest, int count) {
    Random random = new Random(7);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(text(least + random.nextInt(greatest - least + 1), i));
    }
    return texts;
  }

  /** A text of so many tokens, the two special ones included. */
  private String text(int tokens, int seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 2; i < tokens; i++) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return text.toString().strip();
  }

  /** The network as one would write it with NDArrays: one operation after the other. */
  private final class Eager implements AutoCloseable {
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final Map<String, NDArray> tensors = new HashMap<>();

    Eager() {
      Engine.getEngine("PyTorch");
      for (Tensor tensor : model.encoderTensors().values()) {
        // A copy of this one would be as large as all others.
        if (!tensor.name().equals(EMBEDDINGS)) {
          tensors.put(
              tensor.name(),
              manager.create(tensor.data(), new Shape(tensor.shape()), DataType.FLOAT32));
        }
      }
      JniUtils.setNumThreads(threads);
    }

    private NDArray words(NDManager scratch, long[] ids) {
      Tensor table = model.encoderTensors().get(EMBEDDINGS);
      int hidden = architecture.hiddenSize();
      FloatBuffer rows = FloatBuffer.allocate(ids.length * hidden);
      for (long id : ids) {
        rows.put(table.toFloats((int) id * hidden, hidden));
      }
      return scratch.create(rows.flip(), new Shape(ids.length, hidden));
    }

    void run(long[] ids) {
      try (NDManager scratch = manager.newSubManager()) {
        NDArray words = words(scratch, ids);
        NDArray positions =
            get("embeddings.position_embeddings.weight")
                .get(
                    architecture.firstPosition()
                        + ":"
                        + (architecture.firstPosition() + ids.length));
        NDArray x = norm(attach(scratch, words).add(positions), "embeddings.LayerNorm");
        for (int layer = 0; layer < architecture.layers(); layer++) {
          x = layer(x, layer, ids.length);
        }
        x.toByteBuffer();
      }
    }

    private NDArray layer(NDArray x, int layer, int length) {
      NDArray[] qkv = new NDArray[3];
      String[] names = {"query", "key", "value"};
      int heads = architecture.heads();
      int width = architecture.hiddenSize() / heads;
      for (int i = 0; i < 3; i++) {
        qkv[i] =
            linear(x, inLayer(layer, "attention.self." + names[i]))
                .reshape(length, heads, width)
                .transpose(1, 0, 2);
      }
      NDArray scores = qkv[0].matMul(qkv[1].transpose(0, 2, 1)).div(Math.sqrt(width)).softmax(-1);
      NDArray context =
          scores.matMul(qkv[2]).transpose(1, 0, 2).reshape(length, architecture.hiddenSize());
      NDArray attended =
          norm(
              linear(context, inLayer(layer, "attention.output.dense")).add(x),
              inLayer(layer, "attention.output.LayerNorm"));
      NDArray inner = linear(attended, inLayer(layer, "intermediate.dense"));
      inner = inner.mul(inner.div(Math.sqrt(2)).erf().add(1)).mul(0.5);
      return norm(
          linear(inner, inLayer(layer, "output.dense")).add(attended),
          inLayer(layer, "output.LayerNorm"));
    }

    private NDArray linear(NDArray x, String name) {
      return x.matMul(get(name + ".weight").transpose()).add(get(name + ".bias"));
    }

    private NDArray norm(NDArray x, String name) {
      NDList result =
          ai.djl.nn.norm.LayerNorm.layerNorm(
              x,
              new Shape(architecture.hiddenSize()),
              get(name + ".weight"),
              get(name + ".bias"),
              (float) architecture.layerNormEpsilon());
      return result.singletonOrThrow();
    }

    private NDArray get(String name) {
      return tensors.get(name);
    }

    private NDArray attach(NDManager scratch, NDArray array) {
      array.attach(scratch);
      return array;
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
