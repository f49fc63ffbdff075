/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.EncodedText;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.codec.ModelStatement;
import io.m3lex.search.SparseQuery;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FilterLeafReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SegmentReader;

/**
 * m3lex's weights in an index that the application writes itself: as one field among others, of any
 * number of documents, with the model's identity and its witness texts in the index's commits.
 *
 * <pre>{@code
 * SparseField field = SparseField.of("body_sparse", encoder);
 * config.setCodec(new BlockMaxCodec(field.name()));   // faster; any other codec will do
 * field.begin(writer);                                // before the first document
 * field.fields(text).forEach(document::add);
 * …
 * field.verify(reader);                               // before the first query
 * new SparseSearcher(reader).search(field.query("what is it"), 10);
 * }</pre>
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class SparseField {

  private static final String PREFIX = "field.";

  private final String name;
  private final SparseEncoder encoder;
  private final float tolerance;
  private final SparsePostings postings;

  private SparseField(String name, SparseEncoder encoder, float tolerance) {
    this.name = name;
    this.encoder = encoder;
    this.tolerance = tolerance;
    postings = new SparsePostings(name, encoder.fingerprint());
  }

  /**
   * A field of the weights of an encoder, of which witness texts may differ by {@link
   * SparseIndexWriter#WITNESS_TOLERANCE}.
   *
   * @param name the field's, which nothing else in the index has
   * @param encoder stays open
   */
  public static SparseField of(String name, SparseEncoder encoder) {
    return of(name, encoder, SparseIndexWriter.WITNESS_TOLERANCE);
  }

  /**
   * A field of the weights of an encoder.
   *
   * @param tolerance greatest difference of a witness's weight that an index begun with this field
   *     accepts, when it is opened on another machine
   */
  public static SparseField of(String name, SparseEncoder encoder, float tolerance) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the field needs a name");
    }
    if (ModelStatement.isStatement(name)) {
      throw new IllegalArgumentException(
          "a field named %s states which model another one came from; choose another name"
              .formatted(name));
    }
    return new SparseField(name, encoder, tolerance);
  }

  /** The field's name. */
  public String name() {
    return name;
  }

  /**
   * Puts the model's identity into what the writer commits next, beside the user data that are
   * there; or, if the index has the field already, holds the encoder to it. To be called once for a
   * writer, before documents are added. Whoever sets other user data later must keep these entries.
   *
   * @throws ModelMismatchException if the field has the weights of another model, or they drifted
   * @throws IndexFormatException if the identity in the index cannot be read
   */
  public void begin(IndexWriter writer) throws IOException {
    Map<String, String> userData = SparseIndexWriter.userData(writer);
    Map<String, String> own = own(userData);
    if (own.isEmpty()) {
      requireNone(
          writer.getFieldNames().contains(name)
              || writer.getFieldNames().contains(ModelStatement.fieldOf(name)));
      ModelIdentity.of(encoder, tolerance)
          .toUserData()
          .forEach((key, value) -> userData.put(prefix() + key, value));
      writer.setLiveCommitData(userData.entrySet());
    } else {
      ModelIdentity.of(own, location()).require(encoder, location());
    }
  }

  private void requireNone(boolean present) throws IndexFormatException {
    if (present) {
      throw new IndexFormatException(
          "The index has a field \"%s\" already, but its commit does not say which model its weights came from. Choose another name, or build the index again."
              .formatted(name));
    }
  }

  /**
   * Holds the encoder to an index.
   *
   * @return how far the witness texts' weights are from those recorded; 0 if they came out bit for
   *     bit
   * @throws ModelMismatchException if the field has the weights of another model, or they drifted
   * @throws IndexFormatException if the index does not say which model the weights came from, or
   *     its files were overwritten since the reader was opened; {@link SparseIndex} notices that in
   *     every search, other readers do not
   */
  public float verify(DirectoryReader reader) throws IOException {
    Map<String, String> own = own(reader.getIndexCommit().getUserData());
    if (own.isEmpty()) {
      throw new IndexFormatException(
          "The index's commit does not say which model the weights of field \"%s\" came from. Call SparseField.begin before it is written."
              .formatted(name));
    }
    ModelIdentity identity = ModelIdentity.of(own, location());
    identity.requireStatements(reader, List.of(name), location());
    for (LeafReaderContext leaf : reader.leaves()) {
      if (FilterLeafReader.unwrap(leaf.reader()) instanceof SegmentReader segment) {
        SegmentFiles.of(segment, location()).close();
      }
    }
    return identity.require(encoder, location());
  }

  private Map<String, String> own(Map<String, String> userData) {
    Map<String, String> own = new HashMap<>();
    // Not all that begin like them: those of a field "body.de" begin like those of "body".
    for (String key : ModelIdentity.KEYS) {
      String value = userData.get(prefix() + key);
      if (value != null) {
        own.put(key, value);
      }
    }
    return own;
  }

  private String prefix() {
    return PREFIX + name + ".";
  }

  private String location() {
    return "(field \"%s\")".formatted(name);
  }

  /**
   * The postings of a text and the statement which model they came from, all of which are to be
   * added to one document, in their order. Once per document: weights of two texts would add up
   * there, so {@link #verify} and every search refuse an index with such a document. Put the texts
   * into one, or take a field for each.
   *
   * @return none for a text without features
   */
  public List<IndexableField> fields(String text) {
    EncodedText encoded = encoder.encode(text, TextRole.DOCUMENT);
    return fields(encoded.vector());
  }

  /**
   * The same of a vector.
   *
   * @throws ModelMismatchException if the vector states another model than the encoder's, or none
   */
  public List<IndexableField> fields(SparseVector vector) {
    encoder
        .fingerprint()
        .require(vector, "Field \"%s\" holds weights of".formatted(name), "the vector");
    return postings.of(vector, "a feature of field \"" + name + "\"");
  }

  /** The query for a text. */
  public SparseQuery query(String text) {
    return new SparseQuery(name, encoder.encodeQuery(text));
  }
}
