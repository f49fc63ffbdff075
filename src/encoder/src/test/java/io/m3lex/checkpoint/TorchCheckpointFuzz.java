/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Fuzzes {@link TorchCheckpoint}: an input is a whole archive, or, if it begins as a pickle does,
 * the {@code data.pkl} of an archive whose checksums are right.
 */
public final class TorchCheckpointFuzz {

  private static final byte[] STORAGE = new byte[24];

  private TorchCheckpointFuzz() {}

  /** Whether an input is read; fails if it is neither read whole nor refused as documented. */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    boolean pickle = input.length > 0 && input[0] == (byte) 0x80;
    byte[] file = pickle ? archive(input) : input;
    try {
      FuzzedTensors.check(
          Checkpoint.read(FileBytes.of(ByteBuffer.wrap(file)), "x.pt"), file.length);
      return true;
    } catch (CheckpointFormatException e) {
      FuzzedTensors.check(e);
      return false;
    }
  }

  private static byte[] archive(byte[] pickle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      add(zip, "x/data.pkl", pickle);
      add(zip, "x/data/0", STORAGE);
    }
    return bytes.toByteArray();
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc32 = new CRC32();
    crc32.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(content.length);
    entry.setCrc(crc32.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
  }
}
