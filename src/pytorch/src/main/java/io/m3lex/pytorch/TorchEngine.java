/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.pytorch;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.CheckpointEngine;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.EncoderSettings.Device;
import io.m3lex.encoder.Network;
import io.m3lex.model.TransformerArchitecture;
import java.io.IOException;
import java.util.SortedMap;

/** DJL's PyTorch engine. */
public final class TorchEngine implements CheckpointEngine {

  /** Called by {@link java.util.ServiceLoader}. */
  public TorchEngine() {}

  @Override
  public void startEarly() {
    TorchProgram.startEarly();
  }

  @Override
  public Network load(
      TransformerArchitecture architecture,
      SortedMap<String, Tensor> tensors,
      EncoderSettings settings)
      throws IOException {
    boolean gpu =
        settings.device() == Device.GPU
            || settings.device() == Device.AUTO && TorchProgram.engine().getGpuCount() > 0;
    return new TorchNetwork(
        architecture,
        tensors,
        settings.precision(),
        gpu ? TorchProgram.Kind.GPU : TorchProgram.Kind.CPU,
        settings.threads());
  }
}
