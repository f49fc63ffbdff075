/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.pytorch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.m3lex.util.Causes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A program in TorchScript that is kept as text, {@code transformer.py}, and loaded by DJL's
 * PyTorch engine. It holds no weights: they are arguments.
 */
final class TorchProgram implements AutoCloseable {

  private static final String SOURCE = "transformer.py";
  private static final String NAME = "transformer/";

  /** The pickle of an object of class Transformer with the two attributes that a module has. */
  private static final String OBJECT =
      "\u0080\u0002c__torch__\nTransformer\nq\u0000)\u0081}("
          + "X\u0008\u0000\u0000\u0000trainingq\u0001\u0089"
          + "X\u0016\u0000\u0000\u0000_is_full_backward_hookq\u0002Nubq\u0003.";

  /** The pickle of an empty tuple. */
  private static final String NO_CONSTANTS = "\u0080\u0002).";

  private static final String ONE_DNN = "ops.mkldnn.";

  private final PtNDManager manager;
  private final PtSymbolBlock module;
  private final String version;
  private final boolean packs;

  /** What a program runs on. */
  enum Kind {
    /** The processor, with oneDNN's packed layers where the build of PyTorch has them. */
    CPU,
    /** The processor, with plain layers. */
    PLAIN_CPU,
    /** The first GPU, with plain layers. */
    GPU
  }

  /**
   * Starts the engine, if it is not running yet, and loads the program.
   *
   * @throws IOException if the engine's native libraries are not on the class path, or there is no
   *     GPU; in one line
   */
  TorchProgram(Kind kind) throws IOException {
    Engine engine = engine();
    version = engine.getVersion();
    boolean gpu = kind == Kind.GPU;
    if (gpu && engine.getGpuCount() < 1) {
      throw new IOException(
          "PyTorch reports no GPU. Put ai.djl.pytorch:pytorch-native-cu… of version %s on the class path, or run on the CPU."
              .formatted(version));
    }
    manager = (PtNDManager) NDManager.newBaseManager(gpu ? Device.gpu(0) : Device.cpu(), "PyTorch");
    PtSymbolBlock packing = kind == Kind.CPU ? packing() : null;
    packs = packing != null;
    try {
      module = packs ? packing : load(plain(source()));
    } catch (IOException | EngineException e) {
      manager.close();
      throw new IOException("PyTorch does not load the network: " + Causes.firstLine(e), e);
    }
  }

  /** The program with packed layers, null if this build of PyTorch does not have them. */
  private PtSymbolBlock packing() throws IOException {
    try {
      return load(source());
    } catch (EngineException e) {
      return null;
    }
  }

  private PtSymbolBlock load(String source) throws IOException {
    return JniUtils.loadModule(manager, new ByteArrayInputStream(archive(source)), false, false);
  }

  private static String source() throws IOException {
    try (InputStream stream = TorchProgram.class.getResourceAsStream(SOURCE)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The program with another operation in the place of those of oneDNN, which are never run. */
  private static String plain(String source) {
    return source.replaceAll(
        Pattern.quote(ONE_DNN) + ".*", Matcher.quoteReplacement("torch.neg(weight)"));
  }

  /** Whether the program has packed layers. */
  boolean packs() {
    return packs;
  }

  /** Starts the engine; what goes wrong is reported to who needs it. */
  static void startEarly() {
    try {
      engine();
    } catch (IOException e) {
      // The same comes again when the network is loaded.
    }
  }

  /** The engine; nothing is downloaded. */
  static Engine engine() throws IOException {
    if (System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    try {
      return Engine.getEngine("PyTorch");
    } catch (RuntimeException | LinkageError e) {
      throw new IOException(
          "PyTorch does not start: "
              + Causes.firstLine(e)
              + ". Depend on io.m3lex:m3lex-pytorch-PLATFORM, which brings its natives (PLATFORM is"
              + " linux-x86_64, macos-aarch64 or windows-x86_64); they are unpacked below DJL_CACHE_DIR,"
              + " which must be writable.",
          e);
    }
  }

  private static byte[] archive(String source) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", OBJECT.getBytes(StandardCharsets.ISO_8859_1));
      store(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      store(zip, "constants.pkl", NO_CONSTANTS.getBytes(StandardCharsets.ISO_8859_1));
      store(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    ZipEntry entry = new ZipEntry(NAME + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** What arrays that live as long as the program belong to. */
  PtNDManager manager() {
    return manager;
  }

  /** The version of PyTorch. */
  String version() {
    return version;
  }

  /**
   * Runs a method.
   *
   * @param owner what the result belongs to
   * @param arguments closed afterwards
   */
  PtNDArray run(PtNDManager owner, String method, IValue... arguments) {
    try (IValue result = IValueUtils.runMethod(module, method, arguments)) {
      return result.toTensor(owner);
    } finally {
      for (IValue argument : arguments) {
        argument.close();
      }
    }
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }
}
