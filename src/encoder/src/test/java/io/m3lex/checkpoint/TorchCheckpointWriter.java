/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Writes checkpoints in the layout of {@code torch.save}, to the byte: a zip archive of stored
 * entries with data descriptors, aligned at 64 bytes, with a zip64 end. Contents are generated
 * piece by piece, so that files may be larger than memory.
 */
public final class TorchCheckpointWriter {

  private static final int ALIGNMENT = 64;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long MAX_32 = 0xffffffffL;
  private static final int UTF8 = 1 << 11;
  private static final int DESCRIPTOR = 1 << 3;

  /** Makes the bytes of a storage. */
  @FunctionalInterface
  public interface Content {
    /**
     * Fills a buffer. Pieces are asked for in order, each a whole number of elements.
     *
     * @param offset of the piece in the storage, in bytes
     * @param target in little-endian order, to be filled from its position to its limit
     */
    void fill(long offset, ByteBuffer target) throws IOException;
  }

  /**
   * Bytes that tensors view. Two entries with the same instance share them.
   *
   * @param bytes how many; a multiple of the element's size
   * @param location where the tensor was: {@code cpu}, {@code cuda:0}
   */
  public record Storage(ElementType type, long bytes, Content content, String location) {
    /** A storage in the processor's memory. */
    public Storage(ElementType type, long bytes, Content content) {
      this(type, bytes, content, "cpu");
    }

    /** Only the same instance is shared: another may well be generated in the same way. */
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /**
   * A tensor: a view of a storage.
   *
   * @param offset of the first element in the storage, in elements
   * @param strides in elements
   */
  public record Entry(String name, Storage storage, long offset, long[] shape, long[] strides) {

    /** A tensor that is all of a storage of its own. */
    public static Entry of(String name, ElementType type, long[] shape, Content content) {
      long bytes = Tensor.byteLength(type, shape).orElseThrow();
      return of(name, new Storage(type, bytes, content), shape);
    }

    /** A tensor from the beginning of a storage, its elements in order. */
    public static Entry of(String name, Storage storage, long... shape) {
      long[] strides = new long[shape.length];
      long stride = 1;
      for (int d = shape.length - 1; d >= 0; d--) {
        strides[d] = stride;
        stride *= Math.max(1, shape[d]);
      }
      return new Entry(name, storage, 0, shape, strides);
    }

    /** A copy of a tensor that lies in memory or in another file. */
    public static Entry of(Tensor tensor) {
      ByteBuffer data = tensor.data();
      return of(tensor.name(), tensor.type(), tensor.shape(), content(data));
    }
  }

  private final String prefix;
  private boolean descriptors = true;
  private boolean zip64;
  private List<String> modules = List.of();
  private String serializationId = "0".repeat(40);

  /**
   * Makes a writer.
   *
   * @param prefix the folder in the archive; PyTorch takes the file's name up to its last point
   */
  public TorchCheckpointWriter(String prefix) {
    this.prefix = prefix;
  }

  /** Writes sizes and checksums into the local headers, as other zip writers do. */
  public TorchCheckpointWriter withoutDescriptors() {
    descriptors = false;
    return this;
  }

  /** Writes all sizes and offsets as if they did not fit 32 bits. */
  public TorchCheckpointWriter zip64() {
    zip64 = true;
    return this;
  }

  /** Writes the {@code _metadata} that the state dict of a module has: version 1 of each. */
  public TorchCheckpointWriter metadata(String... moduleNames) {
    modules = List.of(moduleNames);
    return this;
  }

  /** The 40 digits that PyTorch computes of names and checksums: not computed here. */
  public TorchCheckpointWriter serializationId(String id) {
    serializationId = id;
    return this;
  }

  /** Bytes of a buffer, which is not copied. */
  public static Content content(ByteBuffer bytes) {
    return (offset, target) -> target.put(bytes.slice((int) offset, target.remaining()));
  }

  /** Writes a checkpoint as PyTorch 2.1 to 2.5 write it. */
  public static void write(Path file, String prefix, List<Entry> entries) throws IOException {
    new TorchCheckpointWriter(prefix).write(file, entries);
  }

  /** Writes a checkpoint; a file that is there is replaced. */
  public void write(Path file, List<Entry> entries) throws IOException {
    Set<Storage> storages = new LinkedHashSet<>();
    entries.forEach(entry -> storages.add(entry.storage()));
    List<Item> items = new ArrayList<>();
    items.add(item("data.pkl", StateDictPickler.pickle(entries, modules)));
    items.add(item("byteorder", "little"));
    // Keys count by first use, and are written in the order of their digits: 0, 1, 10, 11, … 2.
    SortedMap<String, Storage> keys = new TreeMap<>();
    for (Storage storage : storages) {
      keys.put(Integer.toString(keys.size()), storage);
    }
    keys.forEach(
        (key, storage) -> items.add(new Item("data/" + key, storage.bytes(), storage.content())));
    items.add(item("version", "3\n"));
    items.add(item(".data/serialization_id", serializationId));
    writeItems(file, items);
  }

  /** An entry of the archive. */
  record Item(String name, long size, Content content) {}

  static Item item(String name, byte[] content) {
    return new Item(name, content.length, content(ByteBuffer.wrap(content)));
  }

  static Item item(String name, String content) {
    return item(name, content.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Writes an archive of any entries, below the prefix. */
  void writeItems(Path file, List<Item> items) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      long largest = items.stream().mapToLong(Item::size).max().orElse(0);
      Output output = new Output(channel, (int) Math.min(CHUNK_BYTES, largest));
      List<byte[]> directory = new ArrayList<>();
      for (Item item : items) {
        directory.add(output.entry(item));
      }
      output.end(directory);
      output.flush();
    }
  }

  private final class Output {
    private final FileChannel channel;
    private final ByteBuffer buffer;
    private final ByteBuffer chunk;
    private long position;

    Output(FileChannel channel, int chunkBytes) {
      this.channel = channel;
      // Room for the longest name and extra field of a header.
      this.buffer = little(chunkBytes + (1 << 18));
      this.chunk = little(chunkBytes);
    }

    /** Writes an entry and returns what the directory says about it. */
    byte[] entry(Item item) throws IOException {
      byte[] name = (prefix + "/" + item.name).getBytes(StandardCharsets.UTF_8);
      long start = position;
      boolean wideSize = zip64 || item.size >= MAX_32;
      boolean wideStart = zip64 || start >= MAX_32;
      byte[] extra = zip64Extra(item.size, start, wideSize, wideStart);
      boolean later = descriptors && item.size > 0;
      int flags = UTF8 | (later ? DESCRIPTOR : 0);
      long crc32 = later ? 0 : crc32(item);
      long localSize = later ? 0 : wideSize ? MAX_32 : item.size;
      int fixed = 30 + name.length + extra.length + 4;
      int padding = (int) (-(start + fixed) & (ALIGNMENT - 1));
      ByteBuffer header = little(fixed + padding);
      header.putInt(0x04034b50).putShort((short) 0).putShort((short) flags);
      header.putShort((short) 0).putInt(0).putInt((int) crc32);
      header.putInt((int) localSize).putInt((int) localSize);
      header.putShort((short) name.length).putShort((short) (extra.length + 4 + padding));
      header.put(name).put(extra);
      header.put((byte) 'F').put((byte) 'B').putShort((short) padding);
      while (header.hasRemaining()) {
        header.put((byte) 'Z');
      }
      put(header.flip());
      long written = stream(item);
      if (later) {
        crc32 = written;
        boolean wide = extra.length > 0;
        ByteBuffer descriptor = little(wide ? 24 : 16);
        descriptor.putInt(0x08074b50).putInt((int) crc32);
        if (wide) {
          descriptor.putLong(item.size).putLong(item.size);
        } else {
          descriptor.putInt((int) item.size).putInt((int) item.size);
        }
        put(descriptor.flip());
      }
      int size = (int) (wideSize ? MAX_32 : item.size);
      ByteBuffer directory = little(46 + name.length + extra.length);
      directory.putInt(0x02014b50).putInt(0).putShort((short) flags).putShort((short) 0).putInt(0);
      directory.putInt((int) crc32).putInt(size).putInt(size);
      directory.putShort((short) name.length).putShort((short) extra.length);
      directory.putShort((short) 0).putInt(0).putInt(0);
      directory.putInt((int) (wideStart ? MAX_32 : start)).put(name).put(extra);
      return directory.array();
    }

    private static byte[] zip64Extra(long size, long start, boolean wideSize, boolean wideStart) {
      int length = (wideSize ? 16 : 0) + (wideStart ? 8 : 0);
      if (length == 0) {
        return new byte[0];
      }
      ByteBuffer extra = little(4 + length).putShort((short) 1).putShort((short) length);
      if (wideSize) {
        extra.putLong(size).putLong(size);
      }
      if (wideStart) {
        extra.putLong(start);
      }
      return extra.array();
    }

    private long crc32(Item item) throws IOException {
      CRC32 crc32 = new CRC32();
      for (long done = 0; done < item.size; done += chunk.limit()) {
        crc32.update(next(item, done));
      }
      return crc32.getValue();
    }

    private long stream(Item item) throws IOException {
      CRC32 crc32 = new CRC32();
      for (long done = 0; done < item.size; done += chunk.limit()) {
        crc32.update(next(item, done).duplicate());
        put(chunk);
      }
      return crc32.getValue();
    }

    private ByteBuffer next(Item item, long done) throws IOException {
      chunk.clear().limit((int) Math.min(chunk.capacity(), item.size - done));
      item.content.fill(done, chunk);
      if (chunk.hasRemaining()) {
        throw new IllegalStateException(item.name + " was not filled at " + done);
      }
      return chunk.flip();
    }

    void end(List<byte[]> directory) throws IOException {
      long start = position;
      for (byte[] entry : directory) {
        put(ByteBuffer.wrap(entry));
      }
      long size = position - start;
      long count = directory.size();
      long end = position;
      ByteBuffer ends = little(56 + 20 + 22);
      ends.putInt(0x06064b50).putLong(44).putShort((short) 0x031e).putShort((short) 45);
      ends.putInt(0).putInt(0).putLong(count).putLong(count).putLong(size).putLong(start);
      ends.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
      short shortCount = (short) (zip64 ? 0xffff : Math.min(0xffff, count));
      ends.putInt(0x06054b50).putInt(0).putShort(shortCount).putShort(shortCount);
      ends.putInt((int) (zip64 ? MAX_32 : Math.min(MAX_32, size)));
      ends.putInt((int) (zip64 ? MAX_32 : Math.min(MAX_32, start))).putShort((short) 0);
      put(ends.flip());
    }

    private void put(ByteBuffer bytes) throws IOException {
      position += bytes.remaining();
      if (buffer.remaining() < bytes.remaining()) {
        flush();
      }
      buffer.put(bytes);
    }

    void flush() throws IOException {
      buffer.flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }

    private static ByteBuffer little(int length) {
      return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
