package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.FixedBitSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is looked at, and not only what is found: a bound that is too great costs time, and changes
 * no hit. The index and the queries are the same in every run, and so is the work.
 */
class BlockMaxTermsTest {

  private static final String FIELD = "sparse";
  private static final int DOCUMENTS = 20 * SUPERBLOCK + 777;
  private static final int VOCABULARY = 400;
  private static final int QUERIES = 60;

  private static Directory directory;
  private static DirectoryReader reader;

  /** By feature and document. */
  private static float[][] stored;

  /** What opening superblocks left, and what scoring left of that. */
  private record Work(int opened, int withCandidates, int candidates, int scored) {

    Work plus(Work other) {
      return new Work(
          opened + other.opened,
          withCandidates + other.withCandidates,
          candidates + other.candidates,
          scored + other.scored);
    }
  }

  /** Documents of one subject stand together; features are as unevenly frequent as words. */
  @BeforeAll
  static void index() throws IOException {
    Random random = new Random(4);
    stored = new float[VOCABULARY][DOCUMENTS];
    directory = new ByteBuffersDirectory();
    IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
    config.setRAMBufferSizeMB(512);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 0; i < DOCUMENTS; i++) {
        int subject = i / 300;
        Map<Integer, Float> vector = new HashMap<>();
        for (int j = 0; j < 24; j++) {
          boolean own = j % 3 == 0;
          int feature =
              own
                  ? (subject * 37 + random.nextInt(8)) % VOCABULARY
                  : random.nextInt(1 + random.nextInt(1 + random.nextInt(VOCABULARY)));
          float weight = (own ? 0.5f : 0.05f) * (1 + random.nextInt(20)) / 4;
          vector.merge(feature, PostingWeight.round(weight), Math::max);
        }
        Document document = new Document();
        for (Map.Entry<Integer, Float> feature : vector.entrySet()) {
          stored[feature.getKey()][i] = feature.getValue();
          document.add(new FeatureField(FIELD, "f" + feature.getKey(), feature.getValue()));
        }
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    reader = DirectoryReader.open(directory);
  }

  @AfterAll
  static void close() throws IOException {
    reader.close();
    directory.close();
  }

  @Test
  void boundsAreAsTightAsTheyWere() throws IOException {
    assertAll(
        () -> assertEquals(new Work(615, 444, 66_029, 11_596), work(1, 10, 1)),
        () -> assertEquals(new Work(966, 930, 500_789, 316_860), work(2, 1_000, 1)),
        () -> assertEquals(new Work(328, 142, 4_870, 191), work(3, 10, 0.8f)));
  }

  /** Opens what the k-th score leaves. */
  private static Work work(int seed, int k, float alpha) throws IOException {
    Random random = new Random(seed);
    Work all = new Work(0, 0, 0, 0);
    for (int i = 0; i < QUERIES; i++) {
      Map<Integer, Float> query = query(random);
      float[] scores = scores(query);
      float[] sorted = scores.clone();
      Arrays.sort(sorted);
      float least = sorted[DOCUMENTS - k];
      BlockMaxTerms terms = terms(query, alpha);
      int threshold = terms.threshold(least);
      for (int superblock = 0; superblock * SUPERBLOCK < DOCUMENTS; superblock++) {
        if (terms.superblockBounds()[superblock] >= threshold) {
          boolean any = terms.open(superblock, least);
          int candidates = candidates(terms);
          assertEquals(any, candidates > 0);
          terms.score();
          all = all.plus(new Work(1, any ? 1 : 0, candidates, candidates(terms)));
        }
        if (alpha == 1) {
          assertFound(terms, superblock, scores, least);
        }
        terms.clear();
      }
    }
    return all;
  }

  @Test
  void theFirstSuperblockLeavesWhatCanBeAmongItsBest() throws IOException {
    Random random = new Random(5);
    int all = 0;
    for (int i = 0; i < QUERIES; i++) {
      Map<Integer, Float> query = query(random);
      float[] scores = scores(query);
      int superblock = random.nextInt(DOCUMENTS / SUPERBLOCK);
      int first = superblock * SUPERBLOCK;
      int k = 1 + random.nextInt(200);
      FixedBitSet accepted = new FixedBitSet(DOCUMENTS);
      for (int document = 0; document < DOCUMENTS; document++) {
        if (i % 2 == 0 || random.nextInt(4) > 0) {
          accepted.set(document);
        }
      }
      float[] own = new float[SUPERBLOCK];
      for (int document = 0; document < SUPERBLOCK; document++) {
        own[document] = accepted.get(first + document) ? scores[first + document] : 0;
      }
      Arrays.sort(own);
      BlockMaxTerms terms = terms(query, 1);
      assertEquals(own[SUPERBLOCK - 1] > 0, terms.openFirst(superblock, k, accepted));
      all += candidates(terms);
      terms.score();
      float least = Math.max(own[SUPERBLOCK - k], Float.MIN_VALUE);
      for (int document = 0; document < SUPERBLOCK; document++) {
        float score = scores[first + document];
        if (accepted.get(first + document) && score >= least) {
          assertTrue(isCandidate(terms, document), "document " + document);
          assertEquals(score, (float) terms.sums()[document]);
        }
      }
      FixedBitSet filter = new FixedBitSet(DOCUMENTS);
      for (int document = first; document < first + SUPERBLOCK; document += 3) {
        filter.set(document);
      }
      int kept = 0;
      for (int document = 0; document < SUPERBLOCK; document += 3) {
        kept += isCandidate(terms, document) ? 1 : 0;
      }
      assertEquals(kept > 0, terms.filter(filter));
      assertEquals(kept, candidates(terms));
      terms.clear();
    }
    assertEquals(94_370, all);
  }

  /** What reaches the least score is a candidate and has its score; what is none does not. */
  private static void assertFound(
      BlockMaxTerms terms, int superblock, float[] scores, float least) {
    int first = superblock * SUPERBLOCK;
    for (int i = 0; i < SUPERBLOCK && first + i < DOCUMENTS; i++) {
      if (scores[first + i] >= Math.max(least, Float.MIN_VALUE)) {
        assertTrue(isCandidate(terms, i), "document " + (first + i));
        assertEquals(scores[first + i], (float) terms.sums()[i]);
      }
    }
  }

  private static boolean isCandidate(BlockMaxTerms terms, int document) {
    int block = document / BLOCK;
    return (terms.candidateBlocks() >>> block & 1) != 0
        && (terms.candidates(block) >>> document & 1) != 0;
  }

  private static int candidates(BlockMaxTerms terms) {
    int number = 0;
    for (long blocks = terms.candidateBlocks(); blocks != 0; blocks &= blocks - 1) {
      number += Integer.bitCount(terms.candidates(Long.numberOfTrailingZeros(blocks)));
    }
    return number;
  }

  private static Map<Integer, Float> query(Random random) {
    int size = 1 + random.nextInt(1 + random.nextInt(40));
    Map<Integer, Float> query = new HashMap<>();
    while (query.size() < size) {
      query.put(random.nextInt(VOCABULARY + 5), (1 + random.nextInt(30)) / 16f);
    }
    return query;
  }

  private static float[] scores(Map<Integer, Float> query) {
    double[] sums = new double[DOCUMENTS];
    query.forEach(
        (feature, weight) -> {
          for (int i = 0; feature < VOCABULARY && i < DOCUMENTS; i++) {
            sums[i] += weight * stored[feature][i];
          }
        });
    float[] scores = new float[DOCUMENTS];
    for (int i = 0; i < DOCUMENTS; i++) {
      scores[i] = (float) sums[i];
    }
    return scores;
  }

  private static BlockMaxTerms terms(Map<Integer, Float> query, float alpha) throws IOException {
    Map<String, Float> named = new HashMap<>();
    query.forEach((feature, weight) -> named.put("f" + feature, weight));
    SparseQuery sparse = new SparseQuery(FIELD, SparseVector.of(named));
    LeafReaderContext leaf = reader.leaves().getFirst();
    return new SparseWeight(
            alpha == 1 ? sparse : sparse.approximate(alpha),
            new IndexSearcher(reader),
            ScoreMode.TOP_SCORES,
            1)
        .terms(leaf);
  }
}
