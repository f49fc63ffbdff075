/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A transformer encoder run by ONNX Runtime, one text at a time on the calling thread. A batch
 * would save nothing on a processor and would change the weights of models with dynamically scaled
 * int8 activations. Safe for use by several threads; each call computes on its own.
 */
final class OnnxNetwork implements Network {

  private static final String TOKEN_TYPES = "token_type_ids";
  private static final Set<String> KNOWN_INPUTS =
      Set.of("input_ids", "attention_mask", TOKEN_TYPES);

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String output;
  private final int hidden;

  /**
   * Loads a network.
   *
   * @param model the bytes of the ONNX file
   * @throws IOException if they are no encoder: other inputs than token ids, mask and token types,
   *     or no output {@code [batch, tokens, hidden]}
   */
  OnnxNetwork(byte[] model, String output) throws IOException {
    this.output = output;
    environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw new IOException("The ONNX file cannot be loaded: " + e.getMessage(), e);
    }
    try {
      if (!KNOWN_INPUTS.containsAll(session.getInputNames())
          || !session.getInputNames().contains("input_ids")) {
        throw new IOException(
            "The ONNX file is no text encoder that m3lex knows: its inputs are "
                + session.getInputNames());
      }
      hidden = hiddenSize();
    } catch (IOException | OrtException e) {
      close();
      throw e instanceof IOException io ? io : new IOException(e);
    }
  }

  private int hiddenSize() throws OrtException, IOException {
    NodeInfo node = session.getOutputInfo().get(output);
    if (node != null
        && node.getInfo() instanceof TensorInfo info
        && info.type == OnnxJavaType.FLOAT
        && info.getShape().length == 3
        && info.getShape()[2] > 0) {
      return Math.toIntExact(info.getShape()[2]);
    }
    throw new IOException(
        "The ONNX file must have an output %s of float hidden states [batch, tokens, hidden]; its outputs are %s"
            .formatted(output, session.getOutputInfo().values()));
  }

  @Override
  public int hidden() {
    return hidden;
  }

  @Override
  public String engine() {
    return "onnxruntime " + environment.getVersion();
  }

  @Override
  public int batchTokens() {
    return 1;
  }

  @Override
  public List<float[]> run(List<long[]> inputs) {
    return inputs.stream().map(this::run).toList();
  }

  private float[] run(long[] ids) {
    long[] shape = {1, ids.length};
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (String name : session.getInputNames()) {
        long[] values =
            switch (name) {
              case "input_ids" -> ids;
              case TOKEN_TYPES -> new long[ids.length];
              default -> mask;
            };
        inputs.put(name, OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
      }
      try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
        FloatBuffer states = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] values = new float[ids.length * hidden];
        if (states.remaining() != values.length) {
          throw new IllegalStateException(
              "the network gave " + states.remaining() + " values instead of " + values.length);
        }
        states.get(values);
        return values;
      }
    } catch (OrtException e) {
      throw new IllegalStateException("The network failed: " + e.getMessage(), e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("The network cannot be closed: " + e.getMessage(), e);
    }
  }
}
