/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.RandomAccess;

/**
 * The documents of one query in trec_eval's order, the best first. Seven million of them fit into
 * memory: an id takes its bytes, an object is made only for who asks. Immutable.
 */
final class Ranking extends AbstractList<ScoredDocument> implements RandomAccess {

  private final byte[] ids; // in UTF-8, one behind the other
  private final int[] starts; // of the ids, and the end of the last
  private final double[] scores;
  private final int[] ranks; // as the file has them
  private final int[] lines;

  /**
   * Takes over what it is given.
   *
   * @param ranks as the run's file has them
   * @param lines where the documents stand in the file; 0 if there is none
   */
  Ranking(byte[] ids, int[] starts, double[] scores, int[] ranks, int[] lines) {
    this.ids = ids;
    this.starts = starts;
    this.scores = scores;
    this.ranks = ranks;
    this.lines = lines;
  }

  @Override
  public int size() {
    return scores.length;
  }

  @Override
  public ScoredDocument get(int index) {
    return new ScoredDocument(id(index), scores[index]);
  }

  String id(int index) {
    return new String(
        ids, starts[index], starts[index + 1] - starts[index], StandardCharsets.UTF_8);
  }

  /** The line of a document in the run's file; 0 if the run was not read from one. */
  int line(int index) {
    return lines[index];
  }

  /** For each document, whether its rank in the file is better than that of a higher score. */
  boolean[] contradictions() {
    boolean[] contradictions = new boolean[size()];
    int worst = Integer.MIN_VALUE; // rank among the documents of higher scores
    int worstOfTie = worst;
    for (int i = 0; i < contradictions.length; i++) {
      if (i > 0 && (float) scores[i] < (float) scores[i - 1]) {
        worst = Math.max(worst, worstOfTie);
      }
      contradictions[i] = ranks[i] < worst;
      worstOfTie = Math.max(worstOfTie, ranks[i]);
    }
    return contradictions;
  }

  /** Puts all documents into a builder. */
  void addTo(RankingBuilder builder) {
    for (int i = 0; i < size(); i++) {
      addTo(builder, i);
    }
  }

  private void addTo(RankingBuilder builder, int i) {
    builder.add(ids, starts[i], starts[i + 1], scores[i], ranks[i], lines[i]);
  }

  /** The other documents in the same order, if there is one of this id. */
  Ranking without(String id) {
    RankingBuilder others = new RankingBuilder();
    for (int i = 0; i < size(); i++) {
      if (!id(i).equals(id)) {
        addTo(others, i);
      }
    }
    return others.build();
  }
}
