/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.util.Map;
import java.util.Optional;

/**
 * Whether an index holds documents as wholes or by passages. That is decided by the first document
 * and carried in the user data of every commit, because a search over both would compare what
 * cannot be compared. Safe for use by several threads.
 */
final class DocumentForm {

  private static final String KEY = "m3lex.passages";

  private final String location;
  private boolean decided;

  /** Null if documents are put as wholes. */
  private PassageSplitter splitter;

  /**
   * The form of an index.
   *
   * @param userData of its last commit
   * @param empty whether nothing was ever put
   */
  DocumentForm(Map<String, String> userData, boolean empty, String location)
      throws IndexFormatException {
    this.location = location;
    String form = userData.get(KEY);
    decided = form != null || !empty;
    if (form != null) {
      try {
        String[] numbers = form.split(" ", 2);
        splitter = new PassageSplitter(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw new IndexFormatException(
            "Index %s is damaged: its commit says \"%s\" of its passages. Restore it from a copy, or build it again."
                .formatted(location, form),
            e);
      }
    }
  }

  /** The entries of a commit's user data. */
  synchronized Map<String, String> toUserData() {
    return splitter == null
        ? Map.of()
        : Map.of(KEY, splitter.characters() + " " + splitter.overlap());
  }

  /** Empty if documents are put as wholes, or nothing is decided. */
  synchronized Optional<PassageSplitter> splitter() {
    return Optional.ofNullable(splitter);
  }

  synchronized boolean isByPassages() {
    return splitter != null;
  }

  /**
   * Decides, or holds to what was decided.
   *
   * @param wanted null for wholes
   * @throws IndexFormatException if the index has another form
   */
  synchronized void require(PassageSplitter wanted) throws IndexFormatException {
    if (!decided) {
      decided = true;
      splitter = wanted;
    } else if (wanted == null ? splitter != null : !wanted.equals(splitter)) {
      throw new IndexFormatException(
          "Index %s holds %s, not %s. The first document decides: go on as it was begun, or build another index."
              .formatted(location, shown(splitter), shown(wanted)));
    }
  }

  private static String shown(PassageSplitter splitter) {
    return splitter == null ? "whole documents" : splitter.toString();
  }
}
