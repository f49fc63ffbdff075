/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.DocumentId;
import io.m3lex.util.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.lucene.index.IndexableField;

/**
 * A document to be indexed. Its weights are those of the title and the text together. Immutable.
 *
 * @param id what the document is called; a later document of the same id replaces it
 * @param title may be empty
 * @param text may be empty
 * @param fields the caller's own Lucene fields, for filters, facets or other queries
 */
public record SparseDocument(String id, String title, String text, List<IndexableField> fields) {

  private static final Pattern TITLE_END =
      Pattern.compile(
          "[.:;,!?)\\]\u2026\"'\u2019\u201D\u00BB]*(?:[\\s\\p{Z}]|\\z)|[\u3001\u3002\uFF01\uFF09\uFF0C\uFF1A\uFF1B\uFF1F]");

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the id is none ({@link DocumentId}), the title or the text
   *     holds half of a surrogate pair, or a field has a name that m3lex uses itself
   */
  public SparseDocument {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(text, "text");
    DocumentId.fault(id)
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException(fault);
            });
    requireUnicode(id, "title", title);
    requireUnicode(id, "text", text);
    fields = List.copyOf(fields);
    for (IndexableField field : fields) {
      if (IndexFields.isReserved(field.name())) {
        throw new IllegalArgumentException(
            "document \"%s\": the field name %s is reserved; choose another"
                .formatted(id, field.name()));
      }
    }
  }

  /** What is stored must be what was encoded. */
  private static void requireUnicode(String id, String what, String text) {
    Utf8.fault(text)
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException(
                  "document \"%s\": the %s %s".formatted(id, what, fault));
            });
  }

  /** A document of a text alone. */
  public static SparseDocument of(String id, String text) {
    return of(id, "", text);
  }

  /** A document with a title. */
  public static SparseDocument of(String id, String title, String text) {
    return new SparseDocument(id, title, text, List.of());
  }

  /** The same document with one more field of the caller's own. */
  public SparseDocument with(IndexableField field) {
    List<IndexableField> more = new ArrayList<>(fields);
    more.add(field);
    return new SparseDocument(id, title, text, more);
  }

  /** What is encoded: the text behind its title, unless it begins with the title already. */
  public String encodedText() {
    return title.isBlank() || repeatsTitle(title, text) ? text : title + " " + text;
  }

  /**
   * Whether a text begins with a title as a whole, so that no word is lost if the title is not put
   * before it: behind it the text ends, or white space follows, perhaps after a full stop, comma,
   * colon, question mark or closing bracket. "Pump" is so repeated by "Pump: a manual" and "Pump
   * failures", and not by "Pumpkin", "Pump-driven" and "Pump's", which are other words to some
   * model. Where words have no spaces between them, only punctuation or a line end tells, so that
   * titles rather stand twice than not at all.
   *
   * @param title false if it is blank
   */
  public static boolean repeatsTitle(String title, String text) {
    String whole = title.strip();
    return !whole.isEmpty()
        && text.startsWith(whole)
        && TITLE_END.matcher(text).region(whole.length(), text.length()).lookingAt();
  }
}
