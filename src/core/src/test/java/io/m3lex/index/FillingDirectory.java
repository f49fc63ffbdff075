/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.store.MMapDirectory;

/** A folder on a disk that can be filled and cleared. */
public final class FillingDirectory extends MMapDirectory {

  private volatile boolean full;

  /** On a disk with room. */
  public FillingDirectory(Path folder) throws IOException {
    super(folder);
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
