/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * The tensors of a checkpoint that {@code torch.save(model.state_dict(), file)} wrote, as files
 * named {@code pytorch_model.bin} or {@code *.pt} are since PyTorch 1.6.
 *
 * <p>Such a file is a zip archive of uncompressed entries below one folder:
 *
 * <pre>
 * NAME/data.pkl    the state dict as a pickle: names, shapes, strides, and which storage
 * NAME/data/KEY    the bytes of a storage; several tensors may share one
 * NAME/byteorder   "little", since PyTorch 2.1
 * NAME/version     and others, of no interest
 * </pre>
 *
 * <p>The pickle is read by {@link StateDictUnpickler}, which executes nothing. A tensor is the
 * piece of the file where it lies; only one whose elements do not lie in order is copied, when it
 * is asked for.
 */
public final class TorchCheckpoint {

  private static final int MAX_PICKLE_BYTES = 1 << 26;
  private static final int MAX_MARKER_BYTES = 64;

  /** Copies of tensors that do not lie in order may take so many times the file's size. */
  private static final int MAX_COPIES = 4;

  private static final String STATE_DICT = "state_dict";

  private final FileBytes bytes;
  private final String file;
  private final SortedMap<String, StoredZip.Entry> entries;
  private final String prefix;
  private long copiedBytes;

  private TorchCheckpoint(
      FileBytes bytes, String file, SortedMap<String, StoredZip.Entry> entries, String prefix) {
    this.bytes = bytes;
    this.file = file;
    this.entries = entries;
    this.prefix = prefix;
  }

  /**
   * Reads the tensors of a state dict; a dictionary that holds nothing but one under the name
   * {@code state_dict} is as good.
   *
   * @param bytes the whole file
   * @param file what messages call the file
   * @return the tensors by name, in the order of the names; what lies in a file is read when it is
   *     asked for
   * @throws CheckpointFormatException if the file is not such a checkpoint, holds something else
   *     than tensors, or asks to run code
   */
  public static SortedMap<String, Tensor> parse(FileBytes bytes, String file) throws IOException {
    Checkpoint.refuseForeign(bytes, file);
    StoredZip zip = StoredZip.open(bytes, file);
    String prefix = prefix(zip.names(), file);
    return new TorchCheckpoint(bytes, file, zip.entries(), prefix).read();
  }

  /** The folder that all entries are in, with its slash. */
  private static String prefix(List<String> names, String file) throws CheckpointFormatException {
    String first = names.isEmpty() ? "" : names.get(0);
    String prefix = first.substring(0, first.indexOf('/') + 1);
    for (String name : names) {
      if (prefix.isEmpty() || !name.startsWith(prefix)) {
        throw notACheckpoint(
            file, "its entries are not all in one folder: " + TensorNames.printable(name));
      }
      if (name.equals(prefix + "constants.pkl") || name.startsWith(prefix + "code/")) {
        throw new CheckpointFormatException(
            file,
            null,
            -1,
            "the file is a TorchScript program, not a checkpoint",
            "Save the model's state dict: torch.save(model.state_dict(), file)");
      }
    }
    if (!names.contains(prefix + "data.pkl")) {
      throw notACheckpoint(file, "it has no data.pkl");
    }
    return prefix;
  }

  private static CheckpointFormatException notACheckpoint(String file, String why) {
    return new CheckpointFormatException(
        file,
        null,
        -1,
        "the file is a zip archive, but no PyTorch checkpoint: " + why,
        "Give the file as torch.save wrote it, not packed again");
  }

  private SortedMap<String, Tensor> read() throws IOException {
    checkByteOrder();
    StoredZip.Entry pickleEntry = entries.get(prefix + "data.pkl");
    StateDictUnpickler unpickler =
        new StateDictUnpickler(readPickle(pickleEntry), file, pickleEntry.start());
    Map<String, Object> values = unwrap(unpickler.read().values());
    List<StateDictUnpickler.Storage> storages = unpickler.storages();
    checkStorages(storages);
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    for (Map.Entry<String, Object> value : values.entrySet()) {
      String name = value.getKey();
      TensorNames.check(name, file);
      if (!(value.getValue() instanceof StateDictUnpickler.View view)) {
        throw new CheckpointFormatException(
            file,
            null,
            -1,
            "the value \"%s\" is %s, not a tensor"
                .formatted(
                    TensorNames.printable(name), StateDictUnpickler.describe(value.getValue())),
            "Save the model's state dict only: torch.save(model.state_dict(), file)");
      }
      tensors.put(name, tensor(name, view));
    }
    refuseLeftovers(storages);
    return Collections.unmodifiableSortedMap(tensors);
  }

  private void checkByteOrder() throws IOException {
    StoredZip.Entry entry = entries.get(prefix + "byteorder");
    if (entry == null) {
      return;
    }
    String order = "";
    if (entry.size() <= MAX_MARKER_BYTES) {
      ByteBuffer content = ByteBuffer.allocate((int) entry.size());
      bytes.read(entry.start(), content);
      order = new String(content.array(), StandardCharsets.ISO_8859_1);
    }
    if (!order.equals("little")) {
      throw new CheckpointFormatException(
          file,
          null,
          entry.start(),
          "the byte order is \"" + TensorNames.printable(order) + "\", not \"little\"",
          order.equals("big")
              ? "Save the checkpoint on a machine of little-endian byte order"
              : CheckpointFormatException.DOWNLOAD_AGAIN);
    }
  }

  private ByteBuffer readPickle(StoredZip.Entry entry) throws IOException {
    if (entry.size() > MAX_PICKLE_BYTES) {
      throw damaged(
          null,
          entry.start(),
          String.format(
              Locale.ROOT,
              "data.pkl has %d bytes, more than the %d that are read",
              entry.size(),
              MAX_PICKLE_BYTES));
    }
    ByteBuffer pickle = ByteBuffer.allocate((int) entry.size());
    bytes.read(entry.start(), pickle);
    CRC32 crc32 = new CRC32();
    crc32.update(pickle.flip());
    if (crc32.getValue() != entry.crc32()) {
      throw damaged(
          null,
          entry.start(),
          String.format(
              Locale.ROOT,
              "data.pkl has the CRC-32 %08x, and should have %08x",
              crc32.getValue(),
              entry.crc32()));
    }
    return pickle.flip();
  }

  private static Map<String, Object> unwrap(Map<String, Object> values) {
    return values.size() == 1 && values.get(STATE_DICT) instanceof StateDictUnpickler.Dict inner
        ? inner.values()
        : values;
  }

  /** Every storage must have an entry of its size. */
  private void checkStorages(List<StateDictUnpickler.Storage> storages)
      throws CheckpointFormatException {
    for (StateDictUnpickler.Storage storage : storages) {
      StoredZip.Entry entry = entries.get(entryName(storage));
      if (entry == null) {
        throw damaged(
            null,
            -1,
            "the archive has no entry " + quoted(entryName(storage)) + ", which it needs");
      }
      long elementBytes = storage.type().bytes();
      if (entry.size() % elementBytes != 0 || entry.size() / elementBytes != storage.elements()) {
        throw damaged(
            null,
            entry.start(),
            String.format(
                Locale.ROOT,
                "the entry %s has %d bytes, and should have %d elements of type %s",
                quoted(entry.name()),
                entry.size(),
                storage.elements(),
                storage.type()));
      }
    }
  }

  /** Every entry with bytes of tensors must be one that the pickle mentions. */
  private void refuseLeftovers(List<StateDictUnpickler.Storage> storages)
      throws CheckpointFormatException {
    Set<String> used = new HashSet<>();
    storages.forEach(storage -> used.add(entryName(storage)));
    for (StoredZip.Entry entry : entries.values()) {
      if (entry.name().startsWith(prefix + "data/") && !used.contains(entry.name())) {
        throw damaged(
            null, entry.start(), "the entry " + quoted(entry.name()) + " belongs to no tensor");
      }
    }
  }

  private String entryName(StateDictUnpickler.Storage storage) {
    return prefix + "data/" + storage.key();
  }

  private Tensor tensor(String name, StateDictUnpickler.View view) throws IOException {
    long[] shape = view.shape();
    long[] strides = view.strides();
    ElementType type = view.storage().type();
    long length = shape.length == strides.length ? Tensor.byteLength(type, shape).orElse(-1) : -1;
    if (length < 0) {
      throw damaged(name, -1, "its shape and strides do not fit together");
    }
    if (length > Tensor.MAX_BYTES) {
      throw tooLarge(name, length);
    }
    if (length == 0) {
      return new Tensor(name, type, shape, ByteBuffer.allocate(0));
    }
    long elements = view.storage().elements();
    long span = span(shape, strides, elements);
    if (view.offset() < 0 || span < 0 || view.offset() > elements - span) {
      throw damaged(
          name,
          -1,
          String.format(
              Locale.ROOT,
              "its elements do not all lie within the %d of its storage: shape %s, strides %s, offset %d",
              elements,
              Arrays.toString(shape),
              Arrays.toString(strides),
              view.offset()));
    }
    StoredZip.Entry entry = entries.get(entryName(view.storage()));
    long start = entry.start() + view.offset() * type.bytes();
    if (isInOrder(shape, strides)) {
      return Tensor.at(name, type, shape, bytes, start);
    }
    copiedBytes += length;
    if (length > entry.size() || copiedBytes / MAX_COPIES > bytes.size()) {
      throw new CheckpointFormatException(
          file,
          name,
          -1,
          String.format(
              Locale.ROOT,
              "put in order it would need %d bytes, far more than lie in the file",
              length),
          "Save the tensor as a copy: tensor.contiguous()");
    }
    if (span * type.bytes() > Tensor.MAX_BYTES) {
      throw tooLarge(name, span * type.bytes());
    }
    return new Tensor(
        name,
        type,
        shape,
        new StridedCopy(bytes, start, (int) span * type.bytes(), type.bytes(), shape, strides));
  }

  /** From the first to the last element; -1 if a stride is negative or the storage is exceeded. */
  private static long span(long[] shape, long[] strides, long elements) {
    long last = 0;
    for (int d = 0; d < shape.length; d++) {
      long steps = shape[d] - 1;
      if (strides[d] < 0 || (steps > 0 && strides[d] > (elements - 1 - last) / steps)) {
        return -1;
      }
      last += steps * strides[d];
    }
    return last < elements ? last + 1 : -1;
  }

  /** Whether the elements lie one after the other, the last dimension moving fastest. */
  private static boolean isInOrder(long[] shape, long[] strides) {
    long expected = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (shape[d] != 1 && strides[d] != expected) {
        return false;
      }
      expected *= shape[d];
    }
    return true;
  }

  private CheckpointFormatException tooLarge(String name, long length) {
    return new CheckpointFormatException(
        file,
        name,
        -1,
        "it has " + length + " bytes, more than the 2 GiB that are read",
        "Split the tensor");
  }

  private static String quoted(String name) {
    return "\"" + TensorNames.printable(name) + "\"";
  }

  private CheckpointFormatException damaged(String tensor, long position, String problem) {
    return new CheckpointFormatException(
        file, tensor, position, problem, CheckpointFormatException.DOWNLOAD_AGAIN);
  }
}
