/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.checkpoint.Checkpoint;
import io.m3lex.checkpoint.CheckpointFormatException;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.OnnxInitializers;
import io.m3lex.checkpoint.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Checks the tensors of heads and of an encoder, in PyTorch's, safetensors' or ONNX's format.
 *
 * <p>An encoder in PyTorch's or safetensors' format has every tensor of its architecture, and no
 * others but those that the architecture knows to be unused. An ONNX file says itself what it has.
 *
 * <p>Every floating-point number must be finite. A tensor is constant if it has more than one
 * element and all are the same number; none may be, unless the manifest declares it, with one
 * exception: one-dimensional integer tensors of an encoder. Those are shapes, indexes and the zero
 * points of quantised matrices, which are all 0 where the quantisation is symmetric. The matrices
 * themselves have two or more dimensions, and are held to the rule whatever their type.
 */
final class TensorCheck {

  private static final Set<ElementType> NUMBER_TYPES =
      Set.of(ElementType.F32, ElementType.F16, ElementType.BF16);

  private final ModelManifest manifest;
  private final SortedMap<String, Tensor> headTensors = new TreeMap<>();
  private final SortedMap<String, Tensor> otherHeadTensors = new TreeMap<>();
  private final SortedMap<String, Tensor> encoderTensors = new TreeMap<>();
  private TransformerArchitecture architecture;

  TensorCheck(ModelManifest manifest) {
    this.manifest = manifest;
  }

  /** How much was checked. */
  record Count(int tensors, long parameters) {
    Count() {
      this(0, 0);
    }

    static Count of(Collection<Tensor> tensors) {
      return new Count(tensors.size(), tensors.stream().mapToLong(Tensor::elementCount).sum());
    }
  }

  /**
   * Checks the tensors of a file, if files of its role have any. The file with the architecture
   * must come before the encoder's.
   *
   * @param faults what is found is added here
   * @throws CheckpointFormatException if the tensors cannot be read
   */
  Count check(ModelFile file, FileBytes content, List<Fault> faults) throws IOException {
    return switch (file.role()) {
      case HEAD -> checkHead(file, content, faults);
      case OTHER_HEAD -> checkOtherHead(file, content, faults);
      case ENCODER ->
          manifest.hasOnnxEncoder()
              ? checkOnnx(file, content, faults)
              : checkEncoder(file, content, faults);
      case CONFIG -> {
        if (!manifest.hasOnnxEncoder() && file.equals(manifest.architectureFile())) {
          readArchitecture(file, content, faults);
        }
        yield new Count();
      }
      case TOKENIZER, EXTRA -> new Count();
    };
  }

  private void readArchitecture(ModelFile file, FileBytes content, List<Fault> faults)
      throws IOException {
    TransformerArchitecture found;
    try {
      found =
          TransformerArchitecture.parse(
              content.slice(0, Math.toIntExact(content.size())), file.path());
    } catch (IOException e) {
      faults.add(new Fault.WrongFormat(file.path(), e.getMessage()));
      return;
    }
    architecture = found;
    EncoderOutput declared = manifest.encoder();
    if (!declared.architecture().equals(found.type())
        || declared.hiddenSize() != found.hiddenSize()
        || declared.vocabularySize() != found.vocabularySize()
        || declared.maxTokens() > found.maxTokens()) {
      faults.add(
          new Fault.WrongManifest(
              file.path(),
              String.format(
                  Locale.ROOT,
                  "states an encoder %s of hidden size %d with %d token ids and at most %d tokens, the manifest of %s one %s of %d with %d and %d",
                  found.type(),
                  found.hiddenSize(),
                  found.vocabularySize(),
                  found.maxTokens(),
                  manifest.name(),
                  declared.architecture(),
                  declared.hiddenSize(),
                  declared.vocabularySize(),
                  declared.maxTokens()),
              "Put the config.json of the model there"));
    }
  }

  /** The encoder's architecture; empty if the encoder is an ONNX file. */
  Optional<TransformerArchitecture> architecture() {
    return Optional.ofNullable(architecture);
  }

  /** The tensors of the architecture; empty if the encoder is an ONNX file. */
  SortedMap<String, Tensor> encoderTensors() {
    return encoderTensors;
  }

  /** The tensors of the head that its form demands, once it was checked. */
  SortedMap<String, Tensor> headTensors() {
    return headTensors;
  }

  /** The tensors of the other head, once it was checked. */
  SortedMap<String, Tensor> otherHeadTensors() {
    return otherHeadTensors;
  }

  private Count checkHead(ModelFile file, FileBytes content, List<Fault> faults)
      throws IOException {
    SortedMap<String, Tensor> tensors = Checkpoint.read(content, file.path());
    Set<String> leftOver = new HashSet<>(tensors.keySet());
    leftOver.removeAll(file.unusedTensors());
    for (HeadForm.HeadTensor demanded :
        manifest
            .head()
            .tensors(manifest.encoder().hiddenSize(), manifest.encoder().vocabularySize())) {
      leftOver.remove(demanded.name());
      Tensor tensor = tensors.get(demanded.name());
      if (tensor == null) {
        faults.add(new Fault.MissingTensor(file.path(), demanded.name(), demanded.shapeText()));
      } else {
        checkHeadTensor(file, tensor, demanded, faults);
        headTensors.put(tensor.name(), tensor);
      }
    }
    addLeftOver(file, tensors, leftOver, faults);
    return Count.of(headTensors.values());
  }

  private static void addLeftOver(
      ModelFile file, SortedMap<String, Tensor> tensors, Set<String> names, List<Fault> faults) {
    for (Tensor tensor : tensors.values()) {
      if (names.contains(tensor.name())) {
        faults.add(
            new Fault.UnexpectedTensor(
                file.path(), tensor.name(), tensor.type() + tensor.shapeText()));
      }
    }
  }

  private Count checkOtherHead(ModelFile file, FileBytes content, List<Fault> faults)
      throws IOException {
    SortedMap<String, Tensor> tensors = Checkpoint.read(content, file.path());
    tensors.values().forEach(tensor -> checkNumbers(file, tensor, faults));
    otherHeadTensors.putAll(tensors);
    return Count.of(tensors.values());
  }

  private static void checkHeadTensor(
      ModelFile file, Tensor tensor, HeadForm.HeadTensor demanded, List<Fault> faults) {
    boolean row = demanded.rows() == 1 && tensor.hasShape(demanded.length());
    if (!row && !tensor.hasShape(demanded.rows(), demanded.length())) {
      faults.add(
          new Fault.WrongShape(
              file.path(), tensor.name(), demanded.shapeText(), tensor.shapeText()));
    }
    String types =
        switch (demanded.content()) {
          case NUMBERS -> NUMBER_TYPES.contains(tensor.type()) ? null : "F32, F16 or BF16";
          case INTEGERS -> tensor.type() == ElementType.I32 ? null : "I32";
          case BYTES -> tensor.type() == ElementType.I8 ? null : "I8";
        };
    if (types != null) {
      faults.add(new Fault.WrongType(file.path(), tensor.name(), types, tensor.type().toString()));
      return;
    }
    if (checkNumbers(file, tensor, faults)) {
      checkRange(file, tensor, demanded, faults);
    }
  }

  private static void checkRange(
      ModelFile file, Tensor tensor, HeadForm.HeadTensor demanded, List<Fault> faults) {
    boolean integers = demanded.content() == HeadForm.Content.INTEGERS;
    int[] whole = integers ? tensor.toInts() : new int[0];
    float[] numbers = integers ? new float[0] : tensor.toFloats();
    for (int i = 0; i < tensor.elementCount(); i++) {
      double value = integers ? whole[i] : numbers[i];
      if (value < demanded.least() || value > demanded.greatest()) {
        faults.add(
            new Fault.OutOfRange(
                file.path(), tensor.name(), i, value, demanded.least(), demanded.greatest()));
        return;
      }
    }
  }

  private Count checkEncoder(ModelFile file, FileBytes content, List<Fault> faults)
      throws IOException {
    SortedMap<String, Tensor> tensors = Checkpoint.read(content, file.path());
    if (architecture == null) {
      // What is wrong with the file that states it has been said.
      return Count.of(tensors.values());
    }
    Optional<String> prefix = prefix(tensors.keySet(), architecture.tensors().keySet());
    if (prefix.isPresent()) {
      faults.add(new Fault.Prefixed(file.path(), prefix.get()));
      return Count.of(tensors.values());
    }
    Set<String> leftOver = new HashSet<>(tensors.keySet());
    leftOver.removeAll(file.unusedTensors());
    leftOver.removeIf(TransformerArchitecture::isUnused);
    architecture
        .tensors()
        .forEach(
            (name, shape) -> {
              leftOver.remove(name);
              Tensor tensor = tensors.get(name);
              if (tensor == null) {
                faults.add(new Fault.MissingTensor(file.path(), name, Arrays.toString(shape)));
                return;
              }
              checkEncoderTensor(file, tensor, shape, faults);
              encoderTensors.put(name, tensor);
            });
    addLeftOver(file, tensors, leftOver, faults);
    return Count.of(encoderTensors.values());
  }

  /** What stands before the names of all demanded tensors, if anything does. */
  private static Optional<String> prefix(Set<String> found, Set<String> demanded) {
    String first = demanded.iterator().next();
    return found.stream()
        .filter(name -> name.endsWith("." + first))
        .map(name -> name.substring(0, name.length() - first.length()))
        .filter(prefix -> demanded.stream().allMatch(name -> found.contains(prefix + name)))
        .filter(prefix -> !found.contains(first))
        .findFirst();
  }

  private static void checkEncoderTensor(
      ModelFile file, Tensor tensor, long[] shape, List<Fault> faults) {
    if (!tensor.hasShape(shape)) {
      faults.add(
          new Fault.WrongShape(
              file.path(), tensor.name(), Arrays.toString(shape), tensor.shapeText()));
    }
    if (!NUMBER_TYPES.contains(tensor.type())) {
      faults.add(
          new Fault.WrongType(
              file.path(), tensor.name(), "F32, F16 or BF16", tensor.type().toString()));
    } else {
      checkNumbers(file, tensor, faults);
    }
  }

  private static Count checkOnnx(ModelFile file, FileBytes content, List<Fault> faults)
      throws IOException {
    Collection<Tensor> tensors =
        OnnxInitializers.read(content.slice(0, Math.toIntExact(content.size())), file.path())
            .values();
    boolean hasMatrix = false;
    for (Tensor tensor : tensors) {
      if (file.unusedTensors().contains(tensor.name())) {
        continue;
      }
      int dimensions = tensor.shape().length;
      hasMatrix |= dimensions >= 2 && tensor.elementCount() > 1;
      if (dimensions >= 2 || tensor.type().isFloatingPoint()) {
        checkNumbers(file, tensor, faults);
      }
    }
    if (!hasMatrix) {
      faults.add(new Fault.NoWeights(file.path()));
    }
    return Count.of(tensors);
  }

  /** Whether all numbers are finite; adds a fault if not, or if all are the same. */
  private static boolean checkNumbers(ModelFile file, Tensor tensor, List<Fault> faults) {
    Tensor.Scan scan = tensor.scan();
    if (scan.firstNotFinite().isPresent()) {
      faults.add(
          new Fault.NotFinite(file.path(), tensor.name(), scan.firstNotFinite().getAsLong()));
      return false;
    }
    if (scan.constant() && !file.constantTensors().contains(tensor.name())) {
      faults.add(new Fault.Constant(file.path(), tensor.name(), tensor.shapeText()));
    }
    return true;
  }
}
