/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.IOException;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;

/**
 * What a passage's Lucene document has beside the fields of a document: where it lies, and which
 * document it belongs to. A document's passages are written as one block and replaced as one,
 * because all of them have its id. Nothing depends on their order or on their lying side by side.
 */
final class PassageFields {

  /** The document's id: doc values, by which passages are collapsed. */
  static final String OF = "_passage_of";

  /** Where the passage begins in the document's text: stored. */
  static final String START = "_passage_start";

  /** Present, with the term {@code true}, in one passage of each document. */
  static final String FIRST = "_first_passage";

  /** In that passage: the document's text, stored. */
  static final String WHOLE_TEXT = "_whole_text";

  static final Set<String> NAMES = Set.of(OF, START, FIRST, WHOLE_TEXT);

  /** Finds one passage of each document. */
  static final Query FIRST_PASSAGES = new TermQuery(new Term(FIRST, "true"));

  private PassageFields() {}

  /** Adds a passage's fields. */
  static void add(Document fields, String id, Passage passage) {
    fields.add(new SortedDocValuesField(OF, new BytesRef(id)));
    fields.add(new StoredField(START, passage.start()));
  }

  /** Adds what the first passage has besides. */
  static void addFirst(Document fields, String wholeText) {
    fields.add(new StringField(FIRST, "true", Store.NO));
    fields.add(new StoredField(WHOLE_TEXT, wholeText));
  }

  /** Number of documents that were put as passages. */
  static int documents(IndexSearcher searcher) throws IOException {
    return searcher.count(FIRST_PASSAGES);
  }

  /** Whether a stored document is a passage. */
  static boolean isPassage(Document stored) {
    return stored.getField(START) != null;
  }

  /** The passage that a stored document is; all of its text if it is none. */
  static Passage passage(Document stored) {
    String text = stored.get(IndexFields.TEXT);
    int start = isPassage(stored) ? stored.getField(START).numericValue().intValue() : 0;
    return new Passage(start, start + text.length(), text);
  }
}
