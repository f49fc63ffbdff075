/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Reads the initializers of an ONNX model: the tensors that hold its weights. Nothing else of the
 * graph is interpreted; constants within nodes and the graphs of loops and branches are passed
 * over.
 *
 * <p>Of onnx.proto3 it knows {@code ModelProto.graph = 7}, {@code GraphProto.initializer = 5} and
 * {@code TensorProto} with {@code dims = 1, data_type = 2, float_data = 4, int32_data = 5,
 * int64_data = 7, name = 8, raw_data = 9, double_data = 10, uint64_data = 11, external_data = 13,
 * data_location = 14}.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3">onnx.proto3</a>
 */
public final class OnnxInitializers {

  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int GRAPH_SPARSE_INITIALIZER = 15;

  private OnnxInitializers() {}

  /**
   * Reads the initializers by name, in the order of the file.
   *
   * @param model the whole file, from the buffer's position to its limit; raw data is not copied,
   *     so it must not be changed while the tensors are in use
   * @param file what messages call the file
   * @throws CheckpointFormatException if the content is not an ONNX model, or one whose weights lie
   *     in another file or in a form that is not supported
   */
  public static Map<String, Tensor> read(ByteBuffer model, String file)
      throws CheckpointFormatException {
    BadDownload.refuse(model, file);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    boolean hasGraph = false;
    ProtobufReader fields = new ProtobufReader(model, 0, file);
    while (fields.next()) {
      if (fields.field() == MODEL_GRAPH) {
        hasGraph = true;
        readGraph(fields.message(), file, tensors);
      }
    }
    if (!hasGraph) {
      throw new CheckpointFormatException(
          file,
          null,
          -1,
          "not an ONNX model: it has no graph",
          "Give a file made by an ONNX export");
    }
    return Collections.unmodifiableMap(tensors);
  }

  private static void readGraph(ProtobufReader graph, String file, Map<String, Tensor> tensors)
      throws CheckpointFormatException {
    while (graph.next()) {
      if (graph.field() == GRAPH_INITIALIZER) {
        Tensor tensor = new Initializer(graph.message(), graph.valueStart(), file).read();
        if (tensors.put(tensor.name(), tensor) != null) {
          throw new CheckpointFormatException(
              file,
              tensor.name(),
              graph.valueStart(),
              "the graph has two initializers of this name",
              CheckpointFormatException.DOWNLOAD_AGAIN);
        }
      } else if (graph.field() == GRAPH_SPARSE_INITIALIZER) {
        throw new CheckpointFormatException(
            file,
            null,
            graph.valueStart(),
            "the graph has a sparse initializer, which is not supported",
            "Export the model with dense weights");
      }
    }
  }

  /** One TensorProto. */
  private static final class Initializer {
    private final ProtobufReader fields;
    private final long start;
    private final String file;
    private final List<long[]> dimensions = new ArrayList<>();
    private final List<ByteBuffer> typedBytes = new ArrayList<>();
    private final List<long[]> typedNumbers = new ArrayList<>();
    private String name = "";
    private long dataType;
    private ByteBuffer raw;
    private int typedField;

    Initializer(ProtobufReader fields, long start, String file) {
      this.fields = fields;
      this.start = start;
      this.file = file;
    }

    Tensor read() throws CheckpointFormatException {
      boolean external = false;
      while (fields.next()) {
        switch (fields.field()) {
          case 1 -> dimensions.add(numbers());
          case 2 -> dataType = fields.varint();
          case 4, 10 -> addTypedBytes();
          case 5, 7, 11 -> addTypedNumbers();
          case 8 -> name = StandardCharsets.UTF_8.decode(fields.bytes()).toString();
          case 9 -> raw = fields.bytes();
          case 13 -> external = true;
          case 14 -> external |= fields.varint() != 0;
          default -> {
            // Documentation and metadata.
          }
        }
      }
      TensorNames.check(name, file);
      if (external) {
        throw problem(
            "its weights lie in another file (external data)",
            "Export or save the model with all weights in the .onnx file");
      }
      ElementType type = elementType();
      long[] shape = concatenated(dimensions);
      ByteBuffer data = data(type);
      OptionalLong needed = Tensor.byteLength(type, shape);
      if (needed.isEmpty() || needed.getAsLong() != data.remaining()) {
        throw problem(
            String.format(
                Locale.ROOT,
                "%s%s and %d bytes of data do not agree",
                type,
                Arrays.toString(shape),
                data.remaining()),
            CheckpointFormatException.DOWNLOAD_AGAIN);
      }
      return new Tensor(name, type, shape, data);
    }

    private long[] numbers() throws CheckpointFormatException {
      return fields.wireType() == ProtobufReader.VARINT
          ? new long[] {fields.varint()}
          : ProtobufReader.varints(fields.bytes(), fields.valueStart(), file);
    }

    private void addTypedBytes() throws CheckpointFormatException {
      requireOneKind();
      typedBytes.add(fields.bytesOrFixed());
    }

    private void addTypedNumbers() throws CheckpointFormatException {
      requireOneKind();
      typedNumbers.add(numbers());
    }

    private void requireOneKind() throws CheckpointFormatException {
      if (typedField != 0 && typedField != fields.field()) {
        throw problem(
            String.format(
                Locale.ROOT,
                "it has data of two kinds (fields %d and %d)",
                typedField,
                fields.field()),
            CheckpointFormatException.DOWNLOAD_AGAIN);
      }
      typedField = fields.field();
    }

    private ElementType elementType() throws CheckpointFormatException {
      return switch (Math.clamp(dataType, -1, Integer.MAX_VALUE)) {
        case 1 -> ElementType.F32;
        case 2 -> ElementType.U8;
        case 3 -> ElementType.I8;
        case 4 -> ElementType.U16;
        case 5 -> ElementType.I16;
        case 6 -> ElementType.I32;
        case 7 -> ElementType.I64;
        case 9 -> ElementType.BOOL;
        case 10 -> ElementType.F16;
        case 11 -> ElementType.F64;
        case 12 -> ElementType.U32;
        case 13 -> ElementType.U64;
        case 16 -> ElementType.BF16;
        default ->
            throw problem(
                "the ONNX data type " + dataType + " is not supported",
                "Export the model with floating-point or 8-bit weights");
      };
    }

    private ByteBuffer data(ElementType type) throws CheckpointFormatException {
      if (raw != null) {
        if (typedField != 0) {
          throw problem("it has its data twice", CheckpointFormatException.DOWNLOAD_AGAIN);
        }
        return raw;
      }
      if (typedField == 0) {
        return ByteBuffer.allocate(0);
      }
      if (typedField != typedFieldOf(type)) {
        throw problem(
            String.format(
                Locale.ROOT,
                "its data lies in field %d, where %s does not belong",
                typedField,
                type),
            CheckpointFormatException.DOWNLOAD_AGAIN);
      }
      return typedBytes.isEmpty() ? packed(type, concatenated(typedNumbers)) : joined();
    }

    private static int typedFieldOf(ElementType type) {
      return switch (type) {
        case F32 -> 4;
        case F64 -> 10;
        case I64 -> 7;
        case U32, U64 -> 11;
        case F16, BF16, I32, I16, I8, U16, U8, BOOL -> 5;
      };
    }

    /** Packed floats are the tensor's bytes as they stand; only pieces must be joined. */
    private ByteBuffer joined() {
      if (typedBytes.size() == 1) {
        return typedBytes.get(0);
      }
      int length = typedBytes.stream().mapToInt(ByteBuffer::remaining).sum();
      ByteBuffer data = ByteBuffer.allocate(length);
      typedBytes.forEach(piece -> data.put(piece.duplicate()));
      return data.flip();
    }

    private ByteBuffer packed(ElementType type, long[] numbers) throws CheckpointFormatException {
      if (numbers.length > Integer.MAX_VALUE / type.bytes()) {
        throw problem("it has more than 2 GiB of data", "Export the model with raw data");
      }
      ByteBuffer data =
          ByteBuffer.allocate(numbers.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (long number : numbers) {
        switch (type.bytes()) {
          case Byte.BYTES -> data.put((byte) number);
          case Short.BYTES -> data.putShort((short) number);
          case Integer.BYTES -> data.putInt((int) number);
          default -> data.putLong(number);
        }
      }
      return data.flip();
    }

    private static long[] concatenated(List<long[]> pieces) {
      int length = 0;
      for (long[] piece : pieces) {
        length += piece.length;
      }
      long[] all = new long[length];
      int position = 0;
      for (long[] piece : pieces) {
        System.arraycopy(piece, 0, all, position, piece.length);
        position += piece.length;
      }
      return all;
    }

    private CheckpointFormatException problem(String problem, String remedy) {
      return new CheckpointFormatException(
          file, name.isEmpty() ? null : TensorNames.printable(name), start, problem, remedy);
    }
  }
}
