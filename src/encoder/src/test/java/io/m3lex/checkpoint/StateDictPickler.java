/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Pickles a state dict into the very bytes that Python's pickler (protocol 2) gives for it. */
final class StateDictPickler {

  private static final int BATCH = 1_000;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<Object, Integer> memo = new HashMap<>();
  private int memoSize;

  /** An {@code OrderedDict} of tensors; storage keys are given in the order of first use. */
  static byte[] pickle(List<TorchCheckpointWriter.Entry> entries, List<String> modules) {
    StateDictPickler pickler = new StateDictPickler();
    pickler.code(0x80, 2);
    pickler.orderedDict();
    Map<TorchCheckpointWriter.Storage, String> keys = new HashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.size() > 1 && i % BATCH == 0) {
        pickler.code('(');
      }
      TorchCheckpointWriter.Entry entry = entries.get(i);
      pickler.string(entry.name(), entry.name());
      pickler.tensor(entry, keys);
      if (i == entries.size() - 1 || (i + 1) % BATCH == 0) {
        pickler.code(entries.size() > 1 ? 'u' : 's');
      }
    }
    pickler.metadata(modules);
    pickler.code('.');
    return pickler.bytes.toByteArray();
  }

  private void metadata(List<String> modules) {
    if (modules.isEmpty()) {
      return;
    }
    code('}');
    put();
    string("_metadata", "_metadata");
    orderedDict();
    if (modules.size() > 1) {
      code('(');
    }
    for (String module : modules) {
      string("module " + module, module);
      code('}');
      put();
      string("version", "version");
      integer(1);
      code('s');
    }
    code(modules.size() > 1 ? 'u' : 's');
    code('s');
    code('b');
  }

  private void orderedDict() {
    global("collections", "OrderedDict");
    code(')', 'R');
    put();
  }

  private void tensor(
      TorchCheckpointWriter.Entry entry, Map<TorchCheckpointWriter.Storage, String> keys) {
    global("torch._utils", "_rebuild_tensor_v2");
    TorchCheckpointWriter.Storage storage = entry.storage();
    String key = keys.computeIfAbsent(storage, s -> Integer.toString(keys.size()));
    code('(', '(');
    string("storage", "storage");
    global("torch", storageType(storage.type()));
    string("key " + key, key);
    string("location " + storage.location(), storage.location());
    integer(storage.bytes() / storage.type().bytes());
    code('t');
    put();
    code('Q');
    integer(entry.offset());
    tuple(entry.shape());
    tuple(entry.strides());
    code(0x89);
    global("collections", "OrderedDict");
    code(')', 'R');
    put();
    code('t');
    put();
    code('R');
    put();
  }

  static String storageType(ElementType type) {
    return switch (type) {
          case F64 -> "Double";
          case F32 -> "Float";
          case F16 -> "Half";
          case BF16 -> "BFloat16";
          case I64 -> "Long";
          case I32 -> "Int";
          case I16 -> "Short";
          case I8 -> "Char";
          case U8 -> "Byte";
          case BOOL -> "Bool";
          default -> throw new IllegalArgumentException(type.toString());
        }
        + "Storage";
  }

  private void global(String module, String name) {
    if (!recall(module + "." + name)) {
      code('c');
      bytes.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
      memo.put(module + "." + name, memoSize);
      put();
    }
  }

  /** A string; the same identity is the same object in Python, which is written once. */
  private void string(String identity, String text) {
    if (!recall("string " + identity)) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      code('X');
      little(utf8.length, 4);
      bytes.writeBytes(utf8);
      memo.put("string " + identity, memoSize);
      put();
    }
  }

  private void tuple(long[] numbers) {
    if (numbers.length == 0) {
      code(')');
      return;
    }
    if (numbers.length > 3) {
      code('(');
    }
    for (long number : numbers) {
      integer(number);
    }
    code(numbers.length > 3 ? 't' : 0x84 + numbers.length);
    put();
  }

  private void integer(long value) {
    if (value >= 0 && value < 1 << 8) {
      code('K', (int) value);
    } else if (value >= 0 && value < 1 << 16) {
      code('M');
      little(value, 2);
    } else if (value == (int) value) {
      code('J');
      little(value, 4);
    } else {
      int length = 8 - (Long.numberOfLeadingZeros(value < 0 ? ~value : value) - 1) / 8;
      code(0x8a, length);
      little(value, length);
    }
  }

  private boolean recall(String identity) {
    Integer index = memo.get(identity);
    if (index == null) {
      return false;
    }
    code(index < 256 ? 'h' : 'j');
    little(index, index < 256 ? 1 : 4);
    return true;
  }

  private void put() {
    code(memoSize < 256 ? 'q' : 'r');
    little(memoSize, memoSize < 256 ? 1 : 4);
    memoSize++;
  }

  private void little(long value, int length) {
    for (int i = 0; i < length; i++) {
      bytes.write((int) (value >>> (8 * i)));
    }
  }

  private void code(int... codes) {
    for (int code : codes) {
      bytes.write(code);
    }
  }
}
