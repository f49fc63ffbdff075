/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.SparseVector;
import java.util.List;
import java.util.Map;

/**
 * A document of an index, or one of its passages, with exactly the weights that its postings hold.
 *
 * @param number its number in the index's commit, from 0; greater than that of all before it
 * @param id the document's id, which its passages share
 * @param title may be empty
 * @param passage the passage and where it lies in the document's text; all of the text if the
 *     document was put as a whole
 * @param whole whether it was put as a whole
 * @param fields the stored ones of the caller's own, by name: texts, numbers and {@code byte[]}, in
 *     the order in which they were added
 * @param vector the weights, as the postings have them rounded; states the index's model
 */
public record StoredDocument(
    int number,
    String id,
    String title,
    Passage passage,
    boolean whole,
    Map<String, List<Object>> fields,
    SparseVector vector) {}
