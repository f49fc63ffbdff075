package io.m3lex.model;

import io.m3lex.checkpoint.CheckpointFormatException;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.OnnxInitializers;
import io.m3lex.checkpoint.SafetensorsFile;
import io.m3lex.checkpoint.Tensor;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Checks the tensors of a head (safetensors) and of an encoder (ONNX).
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
   * Checks the tensors of a file, if files of its role have any.
   *
   * @param faults what is found is added here
   * @throws CheckpointFormatException if the tensors cannot be read
   */
  Count check(ModelFile file, ByteBuffer content, List<Fault> faults)
      throws CheckpointFormatException {
    return switch (file.role()) {
      case HEAD -> checkHead(file, content, faults);
      case ENCODER -> checkEncoder(file, content, faults);
      case TOKENIZER, CONFIG -> new Count();
    };
  }

  /** The tensors of the head that its form demands, once it was checked. */
  SortedMap<String, Tensor> headTensors() {
    return headTensors;
  }

  private Count checkHead(ModelFile file, ByteBuffer content, List<Fault> faults)
      throws CheckpointFormatException {
    SortedMap<String, Tensor> tensors = SafetensorsFile.parse(content, file.path()).tensors();
    Set<String> leftOver = new HashSet<>(tensors.keySet());
    leftOver.removeAll(file.unusedTensors());
    for (HeadForm.HeadTensor demanded :
        manifest
            .head()
            .tensors(manifest.encoder().hiddenSize(), manifest.encoder().vocabularySize())) {
      leftOver.remove(demanded.name());
      Tensor tensor = tensors.get(demanded.name());
      if (tensor == null) {
        faults.add(
            new Fault.MissingTensor(file.path(), demanded.name(), "[" + demanded.length() + "]"));
      } else {
        checkHeadTensor(file, tensor, demanded, faults);
        headTensors.put(tensor.name(), tensor);
      }
    }
    for (Tensor tensor : tensors.values()) {
      if (leftOver.contains(tensor.name())) {
        faults.add(
            new Fault.UnexpectedTensor(
                file.path(), tensor.name(), tensor.type() + tensor.shapeText()));
      }
    }
    return Count.of(headTensors.values());
  }

  private static void checkHeadTensor(
      ModelFile file, Tensor tensor, HeadForm.HeadTensor demanded, List<Fault> faults) {
    int length = demanded.length();
    if (!tensor.hasShape(length) && !tensor.hasShape(1, length)) {
      faults.add(
          new Fault.WrongShape(file.path(), tensor.name(), "[" + length + "]", tensor.shapeText()));
    }
    boolean ids = demanded.content() == HeadForm.Content.TOKEN_IDS;
    if (ids ? tensor.type() != ElementType.I32 : !NUMBER_TYPES.contains(tensor.type())) {
      faults.add(
          new Fault.WrongType(
              file.path(),
              tensor.name(),
              ids ? "I32" : "F32, F16 or BF16",
              tensor.type().toString()));
      return;
    }
    checkNumbers(file, tensor, faults);
    if (tensor.firstNotFinite().isEmpty()) {
      checkRange(file, tensor, demanded, faults);
    }
  }

  private static void checkRange(
      ModelFile file, Tensor tensor, HeadForm.HeadTensor demanded, List<Fault> faults) {
    boolean ids = demanded.content() == HeadForm.Content.TOKEN_IDS;
    int[] integers = ids ? tensor.toInts() : new int[0];
    float[] numbers = ids ? new float[0] : tensor.toFloats();
    for (int i = 0; i < tensor.elementCount(); i++) {
      double value = ids ? integers[i] : numbers[i];
      if (value < demanded.least() || value > demanded.greatest()) {
        faults.add(
            new Fault.OutOfRange(
                file.path(), tensor.name(), i, value, demanded.least(), demanded.greatest()));
        return;
      }
    }
  }

  private static Count checkEncoder(ModelFile file, ByteBuffer content, List<Fault> faults)
      throws CheckpointFormatException {
    Collection<Tensor> tensors = OnnxInitializers.read(content, file.path()).values();
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

  private static void checkNumbers(ModelFile file, Tensor tensor, List<Fault> faults) {
    OptionalLong notFinite = tensor.firstNotFinite();
    if (notFinite.isPresent()) {
      faults.add(new Fault.NotFinite(file.path(), tensor.name(), notFinite.getAsLong()));
    } else if (tensor.isConstant() && !file.constantTensors().contains(tensor.name())) {
      faults.add(new Fault.Constant(file.path(), tensor.name(), tensor.shapeText()));
    }
  }
}
