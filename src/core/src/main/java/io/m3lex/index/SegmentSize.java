/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.IOException;
import java.util.Set;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.SegmentInfo;
import org.apache.lucene.index.SegmentReader;
import org.apache.lucene.store.Directory;

/**
 * How large a segment is on disk.
 *
 * @param bytes all of its files
 * @param postingsBytes the files of postings and terms
 */
record SegmentSize(long bytes, long postingsBytes) {

  /** The extensions of the files that Lucene's postings format and ours write. */
  private static final Set<String> POSTINGS =
      Set.of("bmb", "bmd", "bmm", "doc", "psm", "tim", "tip", "tmd");

  static SegmentSize of(SegmentReader segment) throws IOException {
    SegmentInfo info = segment.getSegmentInfo().info;
    long bytes = segment.getSegmentInfo().sizeInBytes();
    if (!info.getUseCompoundFile()) {
      return new SegmentSize(bytes, postingsBytes(info.dir, info.files()));
    }
    try (Directory compound = info.getCodec().compoundFormat().getCompoundReader(info.dir, info)) {
      return new SegmentSize(bytes, postingsBytes(compound, Set.of(compound.listAll())));
    }
  }

  private static long postingsBytes(Directory directory, Set<String> files) throws IOException {
    long bytes = 0;
    for (String file : files) {
      if (POSTINGS.contains(IndexFileNames.getExtension(file))) {
        bytes += directory.fileLength(file);
      }
    }
    return bytes;
  }
}
