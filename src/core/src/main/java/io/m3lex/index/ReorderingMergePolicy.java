/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.codec.BlockMaxPostingsFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.FilterMergePolicy;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SegmentCommitInfo;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.index.Sorter;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.store.Directory;

/**
 * Merges only when it is told to: into a number of segments of about the same number of documents,
 * each with its documents in a new order. A segment that has the order and the postings format
 * already, and no deletions, is left alone.
 */
final class ReorderingMergePolicy extends FilterMergePolicy {

  private static final String REORDERED = "m3lex.reordered";

  private final Supplier<BPIndexReorderer> reorderers;

  ReorderingMergePolicy(Supplier<BPIndexReorderer> reorderers) {
    super(NoMergePolicy.INSTANCE);
    this.reorderers = reorderers;
  }

  @Override
  public MergeSpecification findForcedMerges(
      SegmentInfos infos,
      int maxSegmentCount,
      Map<SegmentCommitInfo, Boolean> segmentsToMerge,
      MergeContext context)
      throws IOException {
    MergeSpecification merges = new MergeSpecification();
    for (List<SegmentCommitInfo> group : groups(infos, maxSegmentCount)) {
      SegmentCommitInfo first = group.getFirst();
      // Lucene does not reorder the blocks in which passages are written, it only merges them.
      boolean ordered =
          first.info.getHasBlocks()
              || BlockMaxPostingsFormat.NAME.equals(first.info.getDiagnostics().get(REORDERED));
      boolean done = group.size() == 1 && ordered && first.getDelCount() == 0;
      if (!done && group.stream().noneMatch(context.getMergingSegments()::contains)) {
        merges.add(new ReorderingMerge(group));
      }
    }
    return merges.merges.isEmpty() ? null : merges;
  }

  /** Neighbours, so that no group has many more documents than the others. */
  private static List<List<SegmentCommitInfo>> groups(SegmentInfos infos, int greatestNumber) {
    long documents = infos.asList().stream().mapToLong(info -> info.info.maxDoc()).sum();
    List<List<SegmentCommitInfo>> groups = new ArrayList<>();
    long before = 0;
    int last = -1;
    for (SegmentCommitInfo info : infos) {
      // The group that the middle of the segment falls into.
      long middle = before + info.info.maxDoc() / 2;
      int group =
          documents == 0
              ? 0
              : (int) Math.min(greatestNumber - 1, middle * greatestNumber / documents);
      if (group != last) {
        groups.add(new ArrayList<>());
        last = group;
      }
      groups.getLast().add(info);
      before += info.info.maxDoc();
    }
    return groups;
  }

  private final class ReorderingMerge extends OneMerge {
    private boolean reordered;

    ReorderingMerge(List<SegmentCommitInfo> segments) {
      super(segments);
    }

    @Override
    public Sorter.DocMap reorder(CodecReader reader, Directory directory, Executor executor)
        throws IOException {
      Sorter.DocMap order = reorderers.get().computeDocMap(reader, directory, executor);
      reordered = true;
      return order;
    }

    @Override
    public void setMergeInfo(SegmentCommitInfo info) {
      super.setMergeInfo(info);
      if (reordered) {
        info.info.addDiagnostics(Map.of(REORDERED, BlockMaxPostingsFormat.NAME));
      }
    }
  }
}
