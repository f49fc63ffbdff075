/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.Cancellation;
import io.m3lex.HybridText;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code /documents}: what is in the index, and changes of it. */
final class DocumentsEndpoint {

  private static final int MOST = 1_000;

  private final ServedIndex served;
  private final IndexHealth health;

  DocumentsEndpoint(ServedIndex served, IndexHealth health) {
    this.served = served;
    this.health = health;
  }

  /** The body of a {@code POST}; absent fields are null. */
  record PutRequest(List<NewDocument> documents, String fingerprint) {}

  /** A document in it; absent fields are null. */
  record NewDocument(String id, String title, String text, Map<String, BigDecimal> vector) {}

  static SparseDocument existing(SparseIndex index, String id) throws IOException {
    return index
        .document(id)
        .orElseThrow(() -> new RequestException(404, "There is no document \"%s\".".formatted(id)));
  }

  Answer get(String id) throws IOException {
    SparseDocument document = existing(served.index(), id);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", id);
    answer.put("title", document.title());
    answer.put("text", document.text());
    return Answer.json(answer);
  }

  /** Refuses writing unless the server was told to write. */
  void requireWritable() {
    if (served.writer() == null) {
      throw new RequestException(
          403, "This server does not write. Start it with --writable to change documents.");
    }
  }

  /** Puts documents; they are committed and visible when this returns. */
  Answer put(byte[] body) throws IOException {
    PutRequest request = Json.read(body, PutRequest.class);
    if (request.documents == null || request.documents.isEmpty()) {
      throw new RequestException(400, "Field \"documents\" is missing or empty.");
    }
    if (request.documents.size() > MOST) {
      throw new RequestException(
          413,
          String.format(
              Locale.ROOT,
              "Field \"documents\" has %d documents, more than %d; send several requests.",
              request.documents.size(),
              MOST));
    }
    List<SparseDocument> documents = new ArrayList<>();
    List<List<HybridText>> vectors = new ArrayList<>();
    // Everything is checked first: a request is taken whole or not at all.
    for (int i = 0; i < request.documents.size(); i++) {
      NewDocument document = request.documents.get(i);
      documents.add(document(i, document));
      Cancellation.check();
      vectors.add(vectors(i, document, request.fingerprint));
    }
    // From here on it is taken whole, also if the client hangs up.
    Cancellation.check();
    health.change(
        writer -> {
          for (int i = 0; i < documents.size(); i++) {
            put(writer, documents.get(i), vectors.get(i));
          }
        });
    return Answer.json(Map.of("written", documents.size()));
  }

  private static void put(
      SparseIndexWriter writer, SparseDocument document, List<HybridText> vectors)
      throws IOException {
    if (writer.splitter().isPresent()) {
      writer.putPassages(
          document,
          writer.splitter().get(),
          vectors.stream().map(text -> text.encoded().vector()).toList());
    } else {
      writer.put(document, vectors.getFirst());
    }
  }

  private static SparseDocument document(int i, NewDocument document) {
    if (document == null || document.id == null || document.text == null) {
      throw new RequestException(
          400,
          String.format(
              Locale.ROOT, "Field \"documents[%d]\" must have an \"id\" and a \"text\".", i));
    }
    try {
      return SparseDocument.of(
          document.id, document.title == null ? "" : document.title, document.text);
    } catch (IllegalArgumentException e) {
      throw new RequestException(
          400, String.format(Locale.ROOT, "Field \"documents[%d]\": %s", i, e.getMessage()));
    }
  }

  /** The vectors of a document, or of each of its passages. */
  private List<HybridText> vectors(int i, NewDocument document, String fingerprint) {
    String field = String.format(Locale.ROOT, "documents[%d].vector", i);
    if (served.encoder() == null) {
      if (document.vector == null) {
        throw new RequestException(
            400,
            "Field \"%s\" is missing: this index takes vectors that were made elsewhere."
                .formatted(field));
      }
      SearchEndpoint.requireFingerprint(served, fingerprint);
      SparseVector vector = SearchEndpoint.sparse(field, document.vector);
      try {
        SparseIndexWriter.requireTerms(document.id, vector);
      } catch (IllegalArgumentException e) {
        throw new RequestException(400, "Field \"%s\": %s".formatted(field, e.getMessage()));
      }
      return List.of(HybridText.of(vector.from(served.index().fingerprint())));
    }
    if (document.vector != null) {
      throw new RequestException(
          400, "Field \"%s\": this server encodes documents itself.".formatted(field));
    }
    SparseDocument whole = document(i, document);
    return served
        .writer()
        .contents()
        .encode(
            served
                .writer()
                .splitter()
                .map(splitter -> splitter.encodedTexts(whole))
                .orElseGet(() -> List.of(whole.encodedText())),
            served.encoder(),
            TextRole.DOCUMENT);
  }

  /** Deletes a document; that is committed and visible when this returns. */
  Answer delete(String id) throws IOException {
    existing(served.index(), id);
    health.change(writer -> writer.delete(id));
    return Answer.json(Map.of("deleted", id));
  }
}
