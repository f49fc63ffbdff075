package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleCollectionTest {

  @Test
  void everyRecordIsADocumentAndEveryJudgmentNamesOne() throws IOException {
    BeirCollection sample = BeirCollection.sample();
    Set<String> ids = new HashSet<>();
    try (CorpusReader documents = sample.documents()) {
      while (documents.hasNext()) {
        CorpusEntry entry = documents.next();
        assertTrue(
            entry instanceof CorpusEntry.Document document && ids.add(document.id()),
            entry.toString());
      }
    }
    assertTrue(ids.size() >= 150);
    assertTrue(sample.judgedQueries().size() >= 25);
    for (String query : sample.qrels().queries()) {
      assertTrue(ids.containsAll(sample.qrels().grades(query).keySet()), query);
    }
  }

  @Test
  void defaultModelRanksAsItDidWhenItWasReleased() throws IOException {
    BeirCollection sample = BeirCollection.sample();
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        CorpusReader documents = sample.documents();
        SparseIndexWriter writer =
            SparseIndexWriter.open(new ByteBuffersDirectory(), "memory", encoder, 0)) {
      IndexRanker.index(documents, encoder, writer, 2, done -> {});
      try (SparseIndex index = writer.openIndex();
          Ranker ranker = new IndexRanker(index)) {
        assertEquals(0.766, Evaluation.mean(ranker, sample, Measure.NDCG_10), 0.002);
      }
    }
  }

  /** The figures of the README's table for BM25. */
  @ParameterizedTest
  @CsvSource({"cranfield,0.342", "xquad-en,0.965"})
  void bm25IsTheBaselineThatTheFiguresAreComparedWith(String name, double expected)
      throws IOException {
    Path folder = Path.of("..", "shared", "data", name);
    assumeTrue(Files.isDirectory(folder), "the collection " + folder + " is not here");
    BeirCollection collection = BeirCollection.open(folder);
    try (CorpusReader documents = collection.documents();
        Ranker bm25 = new Bm25Ranker(documents, new EnglishAnalyzer())) {
      assertEquals(expected, Evaluation.mean(bm25, collection, Measure.NDCG_10), 0.0005);
    }
  }
}
