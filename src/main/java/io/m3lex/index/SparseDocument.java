package io.m3lex.index;

import io.m3lex.DocumentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the id is none ({@link DocumentId}), or a field has a name
   *     that m3lex uses itself
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
    fields = List.copyOf(fields);
    for (IndexableField field : fields) {
      if (IndexFields.isReserved(field.name())) {
        throw new IllegalArgumentException(
            "document \"%s\": the field name %s is reserved; choose another"
                .formatted(id, field.name()));
      }
    }
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
    return title.isEmpty() || text.startsWith(title) ? text : title + " " + text;
  }
}
