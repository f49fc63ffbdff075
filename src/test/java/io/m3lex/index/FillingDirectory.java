package io.m3lex.index;

import java.io.IOException;
import java.util.Collection;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;

/** A directory on a disk that can be filled and cleared. */
public final class FillingDirectory extends FilterDirectory {

  private volatile boolean full;

  /** On a disk with room. */
  public FillingDirectory(Directory directory) {
    super(directory);
  }

  /** From now on nothing can be written. */
  public void fill() {
    full = true;
  }

  /** There is room again. */
  public void clear() {
    full = false;
  }

  private void requireRoom() throws IOException {
    if (full) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public IndexOutput createOutput(String name, IOContext context) throws IOException {
    requireRoom();
    return super.createOutput(name, context);
  }

  @Override
  public IndexOutput createTempOutput(String prefix, String suffix, IOContext context)
      throws IOException {
    requireRoom();
    return super.createTempOutput(prefix, suffix, context);
  }

  @Override
  public void sync(Collection<String> names) throws IOException {
    requireRoom();
    super.sync(names);
  }
}
