package io.m3lex.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * The bytes of a file of any size, read-only.
 *
 * <p>A file must not be changed while its bytes are in use. Instances are safe for use by several
 * threads.
 */
public abstract sealed class FileBytes permits FileBytes.InMemory, FileBytes.OnDisk {

  private FileBytes() {}

  /**
   * Bytes that lie in memory.
   *
   * @param content the whole file, from the buffer's position to its limit; not copied, and not to
   *     be changed afterwards
   */
  public static FileBytes of(ByteBuffer content) {
    return new InMemory(content.slice().asReadOnlyBuffer());
  }

  /**
   * The bytes of an open file, mapped into memory piece by piece as they are asked for.
   *
   * @param channel open for reading, and closed by its owner: nothing more can be read or mapped
   *     from then on, while the pieces that are mapped stay valid. Like any channel it is also
   *     closed when a thread that reads from it is interrupted
   */
  public static FileBytes of(FileChannel channel) throws IOException {
    return new OnDisk(channel, channel.size());
  }

  /** The number of bytes; that of a file is taken once, in the beginning. */
  public abstract long size();

  /**
   * A piece as a read-only buffer in little-endian order: mapped, not copied.
   *
   * @throws IndexOutOfBoundsException if the piece does not lie within the file
   * @throws IOException if the file is closed, became shorter, or cannot be mapped
   */
  public abstract ByteBuffer slice(long offset, int length) throws IOException;

  /**
   * Copies bytes until a buffer is full, without making mapped pages resident.
   *
   * @param offset where the first byte lies
   * @param target filled from its position to its limit
   * @throws IndexOutOfBoundsException if the file has no so many bytes there
   * @throws IOException if the file is closed, became shorter, or cannot be read
   */
  public abstract void read(long offset, ByteBuffer target) throws IOException;

  /** The first bytes, as many as there are but no more than asked for; a copy. */
  final ByteBuffer start(int length) throws IOException {
    ByteBuffer start =
        ByteBuffer.allocate((int) Math.min(length, size())).order(ByteOrder.LITTLE_ENDIAN);
    read(0, start);
    return start.flip();
  }

  /** Bytes in a buffer. */
  static final class InMemory extends FileBytes {
    private final ByteBuffer content;

    private InMemory(ByteBuffer content) {
      this.content = content;
    }

    @Override
    public long size() {
      return content.limit();
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      Objects.checkFromIndexSize(offset, length, size());
      return content.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void read(long offset, ByteBuffer target) {
      target.put(slice(offset, target.remaining()));
    }
  }

  /** Bytes of an open file. */
  static final class OnDisk extends FileBytes {
    private final FileChannel channel;
    private final long size;

    private OnDisk(FileChannel channel, long size) {
      this.channel = channel;
      this.size = size;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public ByteBuffer slice(long offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, size);
      if (length == 0) {
        return ByteBuffer.allocate(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, offset, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
      Objects.checkFromIndexSize(offset, target.remaining(), size);
      long position = offset;
      while (target.hasRemaining()) {
        int count = channel.read(target, position);
        if (count < 0) {
          throw new EOFException(
              "the file ends at byte " + position + ", it had " + size + " bytes before");
        }
        position += count;
      }
    }
  }
}
