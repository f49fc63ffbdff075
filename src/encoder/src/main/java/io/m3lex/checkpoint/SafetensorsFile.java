/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.m3lex.util.JsonFaults;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tensors of a safetensors file.
 *
 * <pre>
 * bytes 0..7      length n of the header, little-endian, at most 100,000,000
 * bytes 8..8+n-1  header, JSON in UTF-8, first byte '{', padded with spaces:
 *                 {"__metadata__": {"key": "value", …},
 *                  "name": {"dtype": "F32", "shape": [1, 384], "data_offsets": [begin, end]}, …}
 * the rest        the tensors' bytes; offsets count from here; no gap, no overlap, nothing left over
 * </pre>
 *
 * <p>All of this is checked before a tensor is handed out. Instances are immutable and safe for use
 * by several threads.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class SafetensorsFile {

  static final String METADATA = "__metadata__";
  private static final long MAX_HEADER_BYTES = 100_000_000;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final SortedMap<String, Tensor> tensors;
  private final SortedMap<String, String> metadata;

  private SafetensorsFile(SortedMap<String, Tensor> tensors, SortedMap<String, String> metadata) {
    this.tensors = Collections.unmodifiableSortedMap(tensors);
    this.metadata = Collections.unmodifiableSortedMap(metadata);
  }

  /**
   * Reads a file that lies in memory.
   *
   * @param content the whole file, from the buffer's position to its limit; not copied and not to
   *     be changed while the tensors are in use
   * @param file what messages call the file
   * @throws CheckpointFormatException if the content is not what the format demands
   */
  public static SafetensorsFile parse(ByteBuffer content, String file)
      throws CheckpointFormatException {
    try {
      return parse(FileBytes.of(content), file);
    } catch (CheckpointFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("reading from memory failed", e);
    }
  }

  /**
   * Reads a file of any size; the tensors' bytes are read when they are asked for.
   *
   * @param bytes the whole file
   * @param file what messages call the file
   * @throws CheckpointFormatException if the content is not what the format demands, or a tensor
   *     has more than 2 GiB
   */
  public static SafetensorsFile parse(FileBytes bytes, String file) throws IOException {
    return new Parser(bytes, file).parse();
  }

  /** Whether the first 8 bytes of a file can be those of this format. */
  static boolean isHeaderLength(long length) {
    return length >= 2 && length <= MAX_HEADER_BYTES;
  }

  /** The tensors by name, in the order of their names. */
  public SortedMap<String, Tensor> tensors() {
    return tensors;
  }

  /** The file's metadata, empty if it has none. */
  public SortedMap<String, String> metadata() {
    return metadata;
  }

  /** What the header says about one tensor. */
  private record Entry(String name, ElementType type, long[] shape, long begin, long end) {}

  private static final class Parser {
    private final FileBytes content;
    private final String file;
    private final SortedMap<String, String> metadata = new TreeMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private String tensor;

    Parser(FileBytes content, String file) {
      this.content = content;
      this.file = file;
    }

    SafetensorsFile parse() throws IOException {
      BadDownload.refuse(content, file);
      if (content.size() < Long.BYTES) {
        throw damaged(-1, "the file ends within the 8 bytes of the header's length");
      }
      long length = content.start(Long.BYTES).getLong(0);
      if (!isHeaderLength(length)) {
        throw damaged(
            0,
            "the header's length is "
                + Long.toUnsignedString(length)
                + ", not between 2 and "
                + MAX_HEADER_BYTES);
      }
      if (length > content.size() - Long.BYTES) {
        throw damaged(
            0,
            String.format(
                Locale.ROOT,
                "the header should have %d bytes, but only %d follow: the file is truncated",
                length,
                content.size() - Long.BYTES));
      }
      readHeader(content.slice(Long.BYTES, (int) length));
      long dataStart = Long.BYTES + length;
      checkLayout(content.size() - dataStart, dataStart);
      SortedMap<String, Tensor> tensors = new TreeMap<>();
      for (Entry entry : entries) {
        tensors.put(
            entry.name,
            Tensor.at(entry.name, entry.type, entry.shape, content, dataStart + entry.begin));
      }
      return new SafetensorsFile(tensors, metadata);
    }

    private void readHeader(ByteBuffer header) throws CheckpointFormatException {
      if (header.get(0) != '{') {
        throw damaged(Long.BYTES, "the header does not start with '{'");
      }
      try (JsonParser json =
          JSON.createParser(StandardCharsets.UTF_8.newDecoder().decode(header).toString())) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          if (name.equals(METADATA)) {
            readMetadata(json);
          } else {
            readEntry(json, name);
          }
        }
        tensor = null;
        if (json.nextToken() != null) {
          throw malformed(json, "something follows the header's closing brace");
        }
      } catch (CheckpointFormatException e) {
        throw e;
      } catch (CharacterCodingException e) {
        throw damaged(Long.BYTES, "the header is not UTF-8");
      } catch (JsonProcessingException e) {
        throw damaged(-1, "the header is not the JSON of this format: " + JsonFaults.words(e));
      } catch (IOException e) {
        throw damaged(-1, "the header cannot be read: " + e.getMessage());
      }
    }

    private void readMetadata(JsonParser json) throws IOException {
      expect(json, json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        expect(json, json.nextToken(), JsonToken.VALUE_STRING);
        metadata.put(key, json.getText());
      }
    }

    private void readEntry(JsonParser json, String name) throws IOException {
      TensorNames.check(name, file);
      tensor = name;
      Map<String, long[]> numbers = new LinkedHashMap<>();
      ElementType type = null;
      expect(json, json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        switch (json.currentName()) {
          case "dtype" -> type = readType(json);
          case "shape", "data_offsets" -> numbers.put(json.currentName(), readNumbers(json));
          default -> throw malformed(json, "unknown property \"" + json.currentName() + "\"");
        }
      }
      long[] shape = numbers.get("shape");
      long[] offsets = numbers.get("data_offsets");
      if (type == null || shape == null || offsets == null || offsets.length != 2) {
        throw malformed(json, "dtype, shape or the two data_offsets are missing");
      }
      entries.add(new Entry(name, type, shape, offsets[0], offsets[1]));
    }

    private ElementType readType(JsonParser json) throws IOException {
      expect(json, json.nextToken(), JsonToken.VALUE_STRING);
      String name = json.getText();
      for (ElementType type : ElementType.values()) {
        if (type.name().equals(name)) {
          return type;
        }
      }
      throw new CheckpointFormatException(
          file,
          tensor,
          -1,
          "the element type \"" + TensorNames.printable(name) + "\" is not supported",
          "Convert the tensor to one of " + Arrays.toString(ElementType.values()));
    }

    private long[] readNumbers(JsonParser json) throws IOException {
      long[] numbers = new long[4];
      int count = 0;
      expect(json, json.nextToken(), JsonToken.START_ARRAY);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT);
        if (count == numbers.length) {
          numbers = Arrays.copyOf(numbers, 2 * count);
        }
        numbers[count++] = json.getLongValue();
        if (numbers[count - 1] < 0) {
          throw malformed(json, "a length or offset is negative: " + numbers[count - 1]);
        }
      }
      return Arrays.copyOf(numbers, count);
    }

    /** The tensors must fill the data section exactly, each with the bytes that it needs. */
    private void checkLayout(long dataLength, long dataStart) throws CheckpointFormatException {
      entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      long position = 0;
      for (Entry entry : entries) {
        tensor = entry.name;
        if (entry.begin > entry.end || entry.end > dataLength) {
          throw damaged(
              -1,
              String.format(
                  Locale.ROOT,
                  "its data_offsets [%d, %d] do not lie within the %d bytes of data:"
                      + " the file is truncated or damaged",
                  entry.begin,
                  entry.end,
                  dataLength));
        }
        if (entry.begin != position) {
          throw damaged(
              dataStart + position,
              entry.begin < position
                  ? "its data overlaps that of another tensor"
                  : "no tensor claims the bytes before its data");
        }
        OptionalLong needed = Tensor.byteLength(entry.type, entry.shape);
        if (needed.isEmpty() || needed.getAsLong() != entry.end - entry.begin) {
          throw damaged(
              -1,
              String.format(
                  Locale.ROOT,
                  "%s%s and %d bytes of data do not agree",
                  entry.type,
                  Arrays.toString(entry.shape),
                  entry.end - entry.begin));
        }
        if (entry.end - entry.begin > Tensor.MAX_BYTES) {
          throw new CheckpointFormatException(
              file,
              tensor,
              -1,
              String.format(
                  Locale.ROOT,
                  "it has %d bytes, more than the 2 GiB that are read",
                  entry.end - entry.begin),
              "Split the tensor");
        }
        position = entry.end;
      }
      tensor = null;
      if (position != dataLength) {
        throw damaged(
            dataStart + position,
            (dataLength - position) + " bytes at the end belong to no tensor");
      }
    }

    private void expect(JsonParser json, JsonToken found, JsonToken expected)
        throws CheckpointFormatException {
      if (found != expected) {
        throw malformed(json, "expected " + expected + ", found " + found);
      }
    }

    private CheckpointFormatException malformed(JsonParser json, String problem) {
      return damaged(Long.BYTES + json.currentTokenLocation().getCharOffset(), problem);
    }

    private CheckpointFormatException damaged(long position, String problem) {
      return new CheckpointFormatException(
          file, tensor, position, problem, CheckpointFormatException.DOWNLOAD_AGAIN);
    }
  }
}
