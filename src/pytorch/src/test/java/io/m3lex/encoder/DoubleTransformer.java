/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static io.m3lex.model.TransformerArchitecture.inLayer;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.TransformerArchitecture;
import java.util.SortedMap;

/**
 * The forward pass as it stands in the papers (Vaswani et al. 2017, Devlin et al. 2019), one text
 * at a time, in double precision and plain loops: the oracle for the network.
 */
public final class DoubleTransformer {

  private final TransformerArchitecture architecture;
  private final SortedMap<String, Tensor> tensors;

  /** Takes the weights of a network. */
  public DoubleTransformer(
      TransformerArchitecture architecture, SortedMap<String, Tensor> tensors) {
    this.architecture = architecture;
    this.tensors = tensors;
  }

  /** The last hidden states, {@code [tokens][hidden]}. */
  public double[][] run(long[] ids) {
    int hidden = architecture.hiddenSize();
    float[] words = numbers("embeddings.word_embeddings.weight");
    float[] positions = numbers("embeddings.position_embeddings.weight");
    float[] types = numbers("embeddings.token_type_embeddings.weight");
    double[][] x = new double[ids.length][hidden];
    for (int t = 0; t < ids.length; t++) {
      int position = architecture.firstPosition() + t;
      for (int i = 0; i < hidden; i++) {
        x[t][i] =
            (double) words[(int) ids[t] * hidden + i] + positions[position * hidden + i] + types[i];
      }
    }
    x = norm(x, "embeddings.LayerNorm");
    for (int layer = 0; layer < architecture.layers(); layer++) {
      double[][] context =
          attention(
              linear(x, inLayer(layer, "attention.self.query")),
              linear(x, inLayer(layer, "attention.self.key")),
              linear(x, inLayer(layer, "attention.self.value")));
      double[][] attended =
          norm(
              sum(linear(context, inLayer(layer, "attention.output.dense")), x),
              inLayer(layer, "attention.output.LayerNorm"));
      double[][] inner = linear(attended, inLayer(layer, "intermediate.dense"));
      for (double[] row : inner) {
        for (int i = 0; i < row.length; i++) {
          row[i] = row[i] / 2 * (1 + erf(row[i] / Math.sqrt(2)));
        }
      }
      x =
          norm(
              sum(linear(inner, inLayer(layer, "output.dense")), attended),
              inLayer(layer, "output.LayerNorm"));
    }
    return x;
  }

  private double[][] attention(double[][] q, double[][] k, double[][] v) {
    int tokens = q.length;
    int width = architecture.hiddenSize() / architecture.heads();
    double[][] context = new double[tokens][architecture.hiddenSize()];
    for (int from = 0; from < architecture.hiddenSize(); from += width) {
      for (int t = 0; t < tokens; t++) {
        double[] weights = new double[tokens];
        double greatest = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < tokens; s++) {
          for (int i = from; i < from + width; i++) {
            weights[s] += q[t][i] * k[s][i];
          }
          weights[s] /= Math.sqrt(width);
          greatest = Math.max(greatest, weights[s]);
        }
        double total = 0;
        for (int s = 0; s < tokens; s++) {
          weights[s] = Math.exp(weights[s] - greatest);
          total += weights[s];
        }
        for (int s = 0; s < tokens; s++) {
          for (int i = from; i < from + width; i++) {
            context[t][i] += weights[s] / total * v[s][i];
          }
        }
      }
    }
    return context;
  }

  private double[][] linear(double[][] x, String name) {
    float[] weight = numbers(name + ".weight");
    float[] bias = numbers(name + ".bias");
    int inputs = x[0].length;
    double[][] y = new double[x.length][bias.length];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < bias.length; o++) {
        double value = bias[o];
        for (int i = 0; i < inputs; i++) {
          value += (double) weight[o * inputs + i] * x[t][i];
        }
        y[t][o] = value;
      }
    }
    return y;
  }

  private double[][] norm(double[][] x, String name) {
    float[] weight = numbers(name + ".weight");
    float[] bias = numbers(name + ".bias");
    double[][] y = new double[x.length][weight.length];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      for (double value : x[t]) {
        mean += value / weight.length;
      }
      double variance = 0;
      for (double value : x[t]) {
        variance += (value - mean) * (value - mean) / weight.length;
      }
      double deviation = Math.sqrt(variance + architecture.layerNormEpsilon());
      for (int i = 0; i < weight.length; i++) {
        y[t][i] = (x[t][i] - mean) / deviation * weight[i] + bias[i];
      }
    }
    return y;
  }

  private static double[][] sum(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int i = 0; i < a[t].length; i++) {
        sum[t][i] = a[t][i] + b[t][i];
      }
    }
    return sum;
  }

  /** The error function: its Taylor series, and for greater numbers its continued fraction. */
  private static double erf(double x) {
    double z = Math.abs(x);
    if (z > 6) {
      return Math.signum(x);
    }
    if (z < 2.5) {
      double term = z;
      double sum = z;
      for (int n = 1; n < 100; n++) {
        term *= -z * z / n;
        sum += term / (2 * n + 1);
      }
      return Math.signum(x) * 2 / Math.sqrt(Math.PI) * sum;
    }
    double fraction = z;
    for (int n = 200; n >= 1; n--) {
      fraction = z + n / 2.0 / fraction;
    }
    return Math.signum(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction);
  }

  private float[] numbers(String name) {
    return tensors.get(name).toFloats();
  }
}
