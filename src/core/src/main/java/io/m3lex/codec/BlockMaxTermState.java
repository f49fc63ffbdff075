/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import org.apache.lucene.codecs.BlockTermState;
import org.apache.lucene.index.TermState;

/** Where a term's postings and bounds are. */
final class BlockMaxTermState extends BlockTermState {

  /** The only document, if there is one only. */
  int singleton = -1;

  long dataPointer;
  long boundsPointer;

  @Override
  public void copyFrom(TermState other) {
    super.copyFrom(other);
    BlockMaxTermState state = (BlockMaxTermState) other;
    singleton = state.singleton;
    dataPointer = state.dataPointer;
    boundsPointer = state.boundsPointer;
  }
}
