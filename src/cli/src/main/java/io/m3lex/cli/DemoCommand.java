/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.evaluation.Bm25Ranker;
import io.m3lex.evaluation.Evaluation;
import io.m3lex.evaluation.IndexRanker;
import io.m3lex.evaluation.Measure;
import io.m3lex.evaluation.Ranker;
import io.m3lex.evaluation.TestCollection;
import io.m3lex.index.DocumentHit;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.model.FileRole;
import io.m3lex.model.ModelDraft;
import io.m3lex.model.ModelFile;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code m3lex demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "See m3lex work: indexes a sample collection, searches it, tries to search it with a tampered"
            + " model, and measures the ranking against BM25. Leaves nothing behind.")
final class DemoCommand implements Callable<Integer> {

  private static final List<String> QUERIES =
      List.of(
          "is RAID a replacement for backups",
          "database does not use the index I created",
          "electric car loses range in winter");
  private static final int SHOWN_HITS = 2;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (TemporaryFolder temporary = TemporaryFolder.create("m3lex-demo-");
        LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      Path folder = temporary.path();
      out.println(
          "Model " + encoder.fingerprint() + ": files, tensors and golden weights verified.");
      TestCollection collection = TestCollection.sample();
      Path index = folder.resolve("index");
      index(out, collection, encoder, index);
      search(out, encoder, index);
      boolean refused = tamper(out, encoder.model(), folder, index);
      measure(out, collection, encoder, index);
      return refused ? Main.GOOD : Main.PROBLEM;
    }
  }

  private void index(
      PrintWriter out, TestCollection collection, LexicalEncoder encoder, Path folder)
      throws IOException {
    long start = System.nanoTime();
    try (CorpusReader documents = collection.documents();
        SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder);
        Progress progress = Progress.of("Indexing", "documents", -1)) {
      IndexRanker.index(
          documents, encoder, writer, Runtime.getRuntime().availableProcessors(), progress::at);
      writer.commit();
      out.println(
          String.format(
              Locale.ROOT,
              "Indexed %d documents in %.1f s.",
              writer.documents(),
              (System.nanoTime() - start) / 1e9));
    }
  }

  private void search(PrintWriter out, LexicalEncoder encoder, Path folder) throws IOException {
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      for (String query : QUERIES) {
        out.println();
        out.println("> " + query);
        SparseVector vector = encoder.encodeQuery(query);
        for (DocumentHit hit : index.searchDocuments(vector, SHOWN_HITS, null)) {
          SearchCommand.print(out, hit, index.explain(vector, hit.id()), encoder);
        }
      }
    }
  }

  /** Shows that a changed head is refused, twice. Returns whether it was. */
  private boolean tamper(PrintWriter out, VerifiedModel model, Path folder, Path index)
      throws IOException {
    Path tampered = Files.createDirectory(folder.resolve("tampered-model"));
    for (ModelFile file : model.manifest().files()) {
      byte[] bytes = bytes(model.bytes(file));
      if (file.role() == FileRole.HEAD) {
        // The lowest bit of the first number behind the header: one weight changes a very little.
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        bytes[Math.toIntExact(Long.BYTES + header)] ^= 1;
      }
      Files.write(tampered.resolve(file.path()), bytes);
    }
    Path manifest = tampered.resolve(ModelManifest.FILE_NAME);
    Files.write(manifest, model.manifest().toJson());
    out.println();
    out.println("Now with one bit of the head flipped:");
    boolean refused = false;
    try (LexicalEncoder encoder = LexicalEncoder.open(tampered)) {
      out.println("  NOT REFUSED: " + encoder.fingerprint());
    } catch (ModelVerificationException e) {
      refused = true;
      quote(out, e.getMessage());
    }
    out.println("And if somebody vouches for that head as a model of its own:");
    Files.delete(manifest);
    LexicalEncoder.lock(
        ModelDraft.ofFolder(
            tampered,
            "tampered",
            model.manifest().encoder().maxTokens(),
            SparseIndexWriter.WITNESS_TOLERANCE),
        ModelSource.folder(tampered),
        manifest,
        model.manifest().golden().tolerance());
    try (LexicalEncoder encoder = LexicalEncoder.open(tampered);
        SparseIndex opened = SparseIndex.open(index, encoder)) {
      out.println("  NOT REFUSED: " + opened.fingerprint());
      return false;
    } catch (ModelMismatchException e) {
      quote(out, e.getMessage());
      return refused;
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static void quote(PrintWriter out, String message) {
    message.lines().forEach(line -> out.println("  | " + line));
  }

  private void measure(
      PrintWriter out, TestCollection collection, LexicalEncoder encoder, Path folder)
      throws IOException {
    try (CorpusReader documents = collection.documents();
        Ranker bm25 = new Bm25Ranker(documents, new EnglishAnalyzer());
        Ranker m3lex = new IndexRanker(SparseIndex.open(folder, encoder), encoder)) {
      out.println();
      Table table =
          new Table(
              Measure.NDCG_10 + " over " + collection.judgedQueries().size() + " queries",
              ">" + m3lex.name(),
              ">" + bm25.name());
      table.add(
          "sample collection",
          String.format(Locale.ROOT, "%.3f", Evaluation.mean(m3lex, collection, Measure.NDCG_10)),
          String.format(Locale.ROOT, "%.3f", Evaluation.mean(bm25, collection, Measure.NDCG_10)));
      table.print(out);
    }
  }
}
