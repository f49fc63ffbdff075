/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;

/** Reads a checkpoint of any supported format, told apart by its content, not by its name. */
public final class Checkpoint {

  private static final int INSPECTED_BYTES = 1 << 16;
  private static final int ZIP = 0x04034b50;
  private static final int PICKLE_PROTOCOL = 0x80;
  private static final int TAR_MAGIC_START = 257;

  private Checkpoint() {}

  /**
   * Reads the tensors of a PyTorch checkpoint or a safetensors file.
   *
   * @param bytes the whole file
   * @param file what messages call the file
   * @return the tensors by name, in the order of the names; what lies in a file is read when it is
   *     asked for
   * @throws CheckpointFormatException if the file is neither, is damaged, or asks to run code;
   *     older forms of PyTorch checkpoints and an index of several files are named as what they are
   * @see TorchCheckpoint
   * @see SafetensorsFile
   */
  public static SortedMap<String, Tensor> read(FileBytes bytes, String file) throws IOException {
    refuseForeign(bytes, file);
    return isZip(bytes.start(Integer.BYTES))
        ? TorchCheckpoint.parse(bytes, file)
        : SafetensorsFile.parse(bytes, file).tensors();
  }

  private static boolean isZip(ByteBuffer start) {
    return start.limit() >= Integer.BYTES && start.getInt(0) == ZIP;
  }

  /** Refuses what is recognised, but not read. */
  static void refuseForeign(FileBytes bytes, String file) throws IOException {
    ByteBuffer start = bytes.start(INSPECTED_BYTES);
    BadDownload.refuse(start, file);
    if (isZip(start)) {
      return;
    }
    boolean isSafetensors =
        start.limit() > Long.BYTES
            && SafetensorsFile.isHeaderLength(start.getLong(0))
            && start.get(Long.BYTES) == '{';
    if (isSafetensors) {
      return;
    }
    if (start.limit() >= 2
        && Byte.toUnsignedInt(start.get(0)) == PICKLE_PROTOCOL
        && start.get(1) >= 2
        && start.get(1) <= 5) {
      throw outdated(file, "a pickle, as PyTorch saved checkpoints before version 1.6");
    }
    String text = StandardCharsets.ISO_8859_1.decode(start).toString();
    if (text.startsWith("ustar", TAR_MAGIC_START)) {
      throw outdated(file, "a tar archive, as PyTorch saved checkpoints before version 0.1.12");
    }
    if (text.strip().startsWith("{")) {
      throw text.contains("\"weight_map\"")
          ? new CheckpointFormatException(
              file,
              null,
              -1,
              "the file is the index of a checkpoint in several files, and holds no tensors",
              "Merge the files into one safetensors file, or use a model that comes in one")
          : new CheckpointFormatException(
              file,
              null,
              -1,
              "the file is JSON text, not a checkpoint",
              "Give the file with the tensors");
    }
  }

  private static CheckpointFormatException outdated(String file, String form) {
    return new CheckpointFormatException(
        file,
        null,
        0,
        "the file is " + form + "; it is not read, and nothing was executed",
        "Load it with a PyTorch of today, if you trust it, and save it again with torch.save or as"
            + " safetensors");
  }
}
