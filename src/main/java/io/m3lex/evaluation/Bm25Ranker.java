package io.m3lex.evaluation;

import io.m3lex.corpus.CorpusEntry;
import io.m3lex.index.SparseDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * Lucene's BM25 over title and text, in memory: the baseline, with k1 0.9 and b 0.4 as Anserini has
 * them. A query is the disjunction of its terms; a term that occurs twice counts twice.
 */
public final class Bm25Ranker implements Ranker {

  private static final String ID = "id";
  private static final String TEXT = "text";

  private final Analyzer analyzer;
  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  /**
   * Indexes documents; a later one replaces an earlier of its id, as in an index of m3lex.
   *
   * @param documents of a collection; faults are passed over
   * @param analyzer for documents and queries
   */
  public Bm25Ranker(Iterator<CorpusEntry> documents, Analyzer analyzer) throws IOException {
    this.analyzer = analyzer;
    directory = new ByteBuffersDirectory();
    BM25Similarity similarity = new BM25Similarity(0.9f, 0.4f);
    IndexWriterConfig config =
        new IndexWriterConfig(analyzer)
            .setSimilarity(similarity)
            // Keeps the order of the documents, and with it that of equal scores.
            .setMergePolicy(new LogByteSizeMergePolicy());
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      while (documents.hasNext()) {
        if (documents.next() instanceof CorpusEntry.Document document) {
          SparseDocument indexed =
              SparseDocument.of(document.id(), document.title(), document.text());
          Document fields = new Document();
          fields.add(new StringField(ID, document.id(), Store.YES));
          fields.add(new TextField(TEXT, indexed.encodedText(), Store.NO));
          writer.updateDocument(new Term(ID, document.id()), fields);
        }
      }
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
    searcher.setSimilarity(similarity);
  }

  @Override
  public String name() {
    return "BM25";
  }

  @Override
  public List<ScoredDocument> rank(String query, int k) throws IOException {
    Map<String, Integer> counts = new LinkedHashMap<>();
    try (TokenStream tokens = analyzer.tokenStream(TEXT, query)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) {
        counts.merge(term.toString(), 1, Integer::sum);
      }
      tokens.end();
    }
    List<Query> terms = new ArrayList<>();
    counts.forEach(
        (term, count) -> terms.add(new BoostQuery(new TermQuery(new Term(TEXT, term)), count)));
    TopDocs top =
        terms.size() <= IndexSearcher.getMaxClauseCount()
            ? searcher.search(disjunction(terms), k)
            : searchInParts(terms, k);
    StoredFields stored = searcher.storedFields();
    List<ScoredDocument> ranking = new ArrayList<>();
    for (ScoreDoc found : top.scoreDocs) {
      ranking.add(new ScoredDocument(stored.document(found.doc, Set.of(ID)).get(ID), found.score));
    }
    return ranking;
  }

  private static Query disjunction(List<Query> terms) {
    BooleanQuery.Builder clauses = new BooleanQuery.Builder();
    terms.forEach(term -> clauses.add(term, Occur.SHOULD));
    return clauses.build();
  }

  /** A query of more terms than Lucene takes at once: the scores of its parts, added up. */
  private TopDocs searchInParts(List<Query> terms, int k) throws IOException {
    float[] scores = new float[reader.maxDoc()];
    int most = IndexSearcher.getMaxClauseCount();
    for (int from = 0; from < terms.size(); from += most) {
      Query part = disjunction(terms.subList(from, Math.min(terms.size(), from + most)));
      for (ScoreDoc found : searcher.search(part, Math.max(1, reader.maxDoc())).scoreDocs) {
        scores[found.doc] += found.score;
      }
    }
    ScoreDoc[] ranked =
        IntStream.range(0, scores.length)
            .filter(doc -> scores[doc] > 0)
            .mapToObj(doc -> new ScoreDoc(doc, scores[doc]))
            .sorted(Comparator.comparingDouble(found -> -found.score))
            .limit(k)
            .toArray(ScoreDoc[]::new);
    return new TopDocs(new TotalHits(ranked.length, TotalHits.Relation.EQUAL_TO), ranked);
  }

  @Override
  public void close() throws IOException {
    try (directory) {
      reader.close();
    }
  }
}
