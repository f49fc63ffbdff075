/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseEncoder;
import io.m3lex.WordEncoder;
import io.m3lex.index.Hit;
import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.search.SparseQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.DoublePoint;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.index.MultiReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TermRangeQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseQueryParserTest {

  private final SparseEncoder encoder = new WordEncoder();

  private SparseQueryParser.Builder builder(String defaultField) {
    return SparseQueryParser.builder(defaultField, new StandardAnalyzer(), encoder)
        .sparseField("sparse")
        .sparseField(IndexFields.SPARSE)
        .intField("year")
        .longField("bytes")
        .doubleField("price");
  }

  private final SparseQueryParser parser = builder("title").build();

  private SparseQuery sparse(String text) {
    return new SparseQuery("sparse", encoder.encodeQuery(text));
  }

  private static TermQuery word(String word) {
    return new TermQuery(new Term("title", word));
  }

  @Test
  void theExampleIsRead() throws QuerySyntaxException {
    Query expected =
        new BooleanQuery.Builder()
            .add(new PhraseQuery("title", "exact", "phrase"), Occur.MUST)
            .add(new BoostQuery(sparse("what is bge m3"), 2), Occur.MUST)
            .add(IntPoint.newRangeQuery("year", 2020, 2026), Occur.FILTER)
            .build();
    assertEquals(
        expected,
        parser.parse(
            "title:\"exact phrase\" AND sparse:\"what is bge m3\"^2 AND year:[2020 TO 2026]"));
  }

  @Test
  void sparseTextIsEncodedAsAWhole() throws QuerySyntaxException {
    assertEquals(sparse("one two"), parser.parse("sparse:\"one two\""));
    assertEquals(sparse("one two"), parser.parse("sparse:(one two)"));
    assertEquals(sparse("one"), parser.parse("+sparse:one"));
    SparseQueryParser sparseByDefault = builder("sparse").build();
    assertEquals(sparse("how does it work"), sparseByDefault.parse("how does it work"));
    assertEquals(sparse("c++ (old)"), sparseByDefault.parse("\"c++ (old)\""));
    assertEquals(sparse("…"), parser.parse("sparse:\"…\""));
  }

  @Test
  void numbersAreComparedAsNumbers() throws QuerySyntaxException {
    assertEquals(IntPoint.newExactQuery("year", 2024), parser.parse("year:2024"));
    assertEquals(IntPoint.newExactQuery("year", -5), parser.parse("year:\"-5\""));
    assertEquals(IntPoint.newRangeQuery("year", -4, 9), parser.parse("year:{-5 TO 10}"));
    assertEquals(
        LongPoint.newRangeQuery("bytes", 5_000_000_000L, Long.MAX_VALUE),
        parser.parse("bytes:[5000000000 TO *}"));
    assertEquals(
        DoublePoint.newRangeQuery("price", Double.NEGATIVE_INFINITY, 2.5),
        parser.parse("price:[* TO 2.5]"));
    assertEquals(
        DoublePoint.newRangeQuery("price", Math.nextUp(1e3), Math.nextDown(2e3)),
        parser.parse("price:{1e3 TO 2e3}"));
    assertEquals(
        TermRangeQuery.newStringRange("title", "1/1/2020", "b", true, true),
        parser.parse("[1/1/2020 TO b]"));
  }

  @Test
  void errorsNameTheColumn() {
    assertError("", 1, "it is empty");
    assertError("  \t ", 1, "it is empty");
    assertError("title:(a OR b", 7, "not closed");
    assertError("a) b", 2, "never opened");
    assertError("a AND AND b", 7, "AND cannot stand here");
    assertError("a AND", 6, "missing at the end");
    assertError("sparse:\"no end", 8, "quotation mark is not closed");
    assertError("word AND sparse:\"\"", 17, "sparse field sparse is empty");
    assertError("word sparse:\"  \"^3 more", 13, "is empty");
    assertError("word OR sparse:[a TO b]", 16, "cannot be searched with a range");
    assertError("sparse:wor*", 8, "with a wildcard");
    assertError("sparse:*", 8, "with a wildcard");
    assertError("sparse:w?rd", 8, "with a wildcard");
    assertError("sparse:word~1", 8, "with a fuzzy word");
    assertError("sparse:\"two words\"~3^2", 8, "with a distance of words");
    assertError(
        "a title:\"two words\"~-3", 9, "the distance of words (~) must not be negative: -3");
    assertError("sparse:/re/", 8, "with a regular expression");
    assertError("a year:soon", 8, "\"soon\" is no whole number");
    assertError("year:3000000000", 6, "no whole number from -2147483648");
    assertError("year:[2026 TO 2020]", 6, "no number lies in this range");
    assertError("bytes:{9223372036854775807 TO *]", 7, "no number lies in this range");
    assertError("price:NaN", 7, "is no number");
    assertError("year:20*", 6, "numeric field year cannot be searched with a wildcard");
    assertError("a *b", 3, "not allowed as first character");
    assertError("/a.*b/", 1, "regular expressions are not allowed");
    assertError("b " + "a".repeat(257) + "~1", 3, "fuzzy word (~) has more than 256");
    assertError("a\\", 2, "must follow the backslash");
    assertError("ab \\u12", 4, "unicode");
    assertError("a^99999999", 3, "a boost may be at most 1,000,000");
    assertError("(".repeat(101) + "a" + ")".repeat(101), 101, "more than 100 parentheses");
    assertError("a ".repeat(1025), 2049, "more than 1,024 clauses");
    assertError("title:\uD83D\uDE00 AND title:\uD83D", 20, "half of a character");
    assertError("a".repeat(8193), 8193, "more than 8,192 characters");
    assertError("\"" + "a ".repeat(1025) + "\"", 1, "1,025 words, more than 1,024");
    assertError("sparse:a ".repeat(33), 32 * 9 + 8, "more than 32 texts for sparse fields");
  }

  private void assertError(String query, int column, String reason) {
    QuerySyntaxException e =
        assertThrows(QuerySyntaxException.class, () -> parser.parse(query), query);
    assertTrue(e.getMessage().toLowerCase().contains(reason.toLowerCase()), e.getMessage());
    assertEquals(column, e.column(), e.getMessage());
  }

  @Test
  void messageShowsTheColumn() {
    QuerySyntaxException e =
        assertThrows(QuerySyntaxException.class, () -> parser.parse("old AND sparse:\"\""));
    assertEquals(
        List.of(
            "The query cannot be read at column 16: the text for the sparse field sparse is empty.",
            "  old AND sparse:\"\"",
            "                 ^"),
        e.getMessage().lines().toList());
  }

  @Test
  void whatIsAllowedIsStillBounded() throws QuerySyntaxException {
    SparseQueryParser open =
        builder("title").allowLeadingWildcards().allowRegularExpressions().build();
    open.parse("*tle AND /ti.*/");
    for (String bomb :
        List.of(
            "/(a|b)*a(a|b){200}/",
            "/((a{99}){99}){99}/",
            "/" + "(".repeat(300) + "/",
            "/[/",
            "a" + "?*b".repeat(400))) {
      assertThrows(QuerySyntaxException.class, () -> open.parse(bomb), bomb);
    }
  }

  @Test
  void aBuilderChangedLaterChangesNothing() throws QuerySyntaxException {
    SparseQueryParser.Builder builder = builder("title");
    SparseQueryParser before = builder.build();
    builder.intField("pages");
    assertEquals(new TermQuery(new Term("pages", "7")), before.parse("pages:7"));
    assertEquals(IntPoint.newExactQuery("pages", 7), builder.build().parse("pages:7"));
    assertThrows(IllegalArgumentException.class, () -> builder.sparseField("pages"));
  }

  /** A query and the text that must become it. */
  private record Written(String text, Query query) {}

  @Test
  void writtenQueriesAreReadAsTheyWereMeant() throws QuerySyntaxException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      Written written = written(random, 3);
      assertEquals(written.query, parser.parse(written.text), "seed " + seed + " " + written.text);
    }
  }

  private Written written(Random random, int depth) {
    int kind = random.nextInt(depth == 0 ? 5 : 8);
    String word = "w" + random.nextInt(30);
    String other = "w" + random.nextInt(30);
    int number = random.nextInt(100);
    return switch (kind) {
      case 0 -> new Written(word, word(word));
      case 1 ->
          new Written(
              "title:\"%s %s\"".formatted(word, other), new PhraseQuery("title", word, other));
      case 2 -> new Written("sparse:\"%s %s\"".formatted(word, other), sparse(word + " " + other));
      case 3 -> new Written("year:" + number, IntPoint.newExactQuery("year", number));
      case 4 ->
          new Written(
              "bytes:{%d TO %d]".formatted(number, number + 9),
              LongPoint.newRangeQuery("bytes", number + 1, number + 9));
      case 5 -> {
        Written inner = written(random, depth - 1);
        int boost = 1 + random.nextInt(9);
        yield inner.query instanceof BoostQuery || inner.query instanceof BooleanQuery
            ? inner
            : new Written(inner.text + "^" + boost, new BoostQuery(inner.query, boost));
      }
      default -> clauses(random, depth);
    };
  }

  private Written clauses(Random random, int depth) {
    StringBuilder text = new StringBuilder("(");
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    int count = 2 + random.nextInt(3);
    Written[] parts = new Written[count];
    Occur[] occurs = new Occur[count];
    boolean others = false;
    for (int i = 0; i < count; i++) {
      parts[i] = written(random, depth - 1);
      occurs[i] = List.of(Occur.MUST, Occur.SHOULD, Occur.MUST_NOT).get(random.nextInt(3));
      boolean number = parts[i].text.matches("(year|bytes):[^^]*");
      others |= occurs[i] != Occur.MUST_NOT && !number;
    }
    // Words beside each other would be analysed together.
    for (int i = 0; i < count; i++) {
      String sign = occurs[i] == Occur.MUST ? "+" : occurs[i] == Occur.SHOULD ? "" : "-";
      text.append(i == 0 ? "" : sign.isEmpty() ? " OR " : " ").append(sign).append(parts[i].text);
      boolean number = parts[i].text.matches("(year|bytes):[^^]*");
      query.add(
          parts[i].query, others && number && occurs[i] == Occur.MUST ? Occur.FILTER : occurs[i]);
    }
    return new Written(text.append(")").toString(), query.build());
  }

  @Test
  void hostileStringsGiveAQueryOrTheException(@TempDir Path folder) throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    index(folder, random);
    String[] pieces = {
      "\"",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      " TO ",
      "^",
      "~",
      "*",
      "?",
      "/",
      "\\",
      ":",
      "+",
      "-",
      "!",
      "&&",
      "||",
      " AND ",
      " OR ",
      " NOT ",
      " ",
      "\n",
      "\0",
      "sparse:",
      "year:",
      "price:",
      "title:",
      "_sparse:",
      "*:*",
      "w1",
      "w2",
      "12",
      "-3",
      "0.5",
      "\\u00e4",
      "\uD83D",
      "\uDE00",
      "e\u0301",
      "\u3000",
      "^2",
      "~2",
      "<=",
      ">",
      "w*",
      "w?3",
      "/w[0-9]/"
    };
    SparseQueryParser open =
        builder("sparse").allowLeadingWildcards().allowRegularExpressions().build();
    int read = 0;
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      for (int i = 0; i < 10_000; i++) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(random.nextInt(20) + 1); n >= 0; n--) {
          text.append(
              random.nextInt(4) == 0
                  ? Character.toString(random.nextInt(0x3000))
                  : pieces[random.nextInt(pieces.length)]);
        }
        try {
          Query query = (i % 2 == 0 ? parser : open).parse(text.toString());
          index.using(searcher -> searcher.search(query, 5));
          read++;
        } catch (QuerySyntaxException e) {
          assertTrue(e.column() >= 1 && e.column() <= text.length() + 1, e.getMessage());
        } catch (RuntimeException | Error e) {
          throw new AssertionError("seed " + seed + " query " + text, e);
        }
      }
    }
    assertTrue(read > 500 && read < 9_500, "seed " + seed + ": " + read);
  }

  private void index(Path folder, Random random) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (int i = 0; i < 300; i++) {
        StringBuilder text = new StringBuilder();
        for (int w = 0; w < 8; w++) {
          text.append('w').append(random.nextInt(30)).append(' ');
        }
        writer.put(
            SparseDocument.of("" + i, text.toString())
                .with(new IntPoint("year", 2000 + i % 20))
                .with(new DoublePoint("price", i / 10.0)));
      }
      writer.commit();
    }
  }

  @Test
  void scoresAreThoseOfTheIndex(@TempDir Path folder) throws Exception {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    index(folder, random);
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      for (int q = 0; q < 200; q++) {
        String text = "w" + random.nextInt(30) + " w" + random.nextInt(30);
        List<Hit> expected = index.search(text, 20);
        assertScores(index, expected, 1, "_sparse:\"%s\"".formatted(text), seed);
        assertScores(index, expected, 4, "_sparse:(%s)^4".formatted(text), seed);
        assertScores(
            index, expected, 1, "_sparse:\"%s\" AND year:[1999 TO *]".formatted(text), seed);
        List<Hit> filtered =
            index.search(encoder.encodeQuery(text), 20, IntPoint.newRangeQuery("year", 2003, 2007));
        assertScores(
            index, filtered, 1, "+_sparse:\"%s\" +year:[2003 TO 2007]".formatted(text), seed);
      }
    }
  }

  private void assertScores(
      SparseIndex index, List<Hit> expected, float boost, String query, long seed)
      throws Exception {
    Query parsed = parser.parse(query);
    List<String> wanted =
        expected.stream().map(hit -> hit.id() + " " + hit.score() * boost).toList();
    assertEquals(wanted, index.using(searcher -> found(searcher, parsed)), "seed " + seed);
    // And by Lucene's own searcher, which goes document by document.
    assertEquals(
        wanted,
        index.using(
            searcher ->
                found(new IndexSearcher(new MultiReader(searcher.getIndexReader())), parsed)),
        "seed " + seed);
  }

  private static List<String> found(IndexSearcher searcher, Query query) throws IOException {
    ScoreDoc[] hits = searcher.search(query, 20).scoreDocs;
    String[] found = new String[hits.length];
    for (int i = 0; i < hits.length; i++) {
      found[i] = searcher.storedFields().document(hits[i].doc).get("_id") + " " + hits[i].score;
    }
    return Arrays.asList(found);
  }

  @Test
  void aBoostOfZeroAddsNothing(@TempDir Path folder) throws Exception {
    index(folder, new Random(7));
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      Query query = parser.parse("_sparse:\"w1 w2\"^0");
      List<String> found = index.using(searcher -> found(searcher, query));
      List<String> lucene =
          index.using(
              searcher ->
                  found(new IndexSearcher(new MultiReader(searcher.getIndexReader())), query));
      assertEquals(lucene, found);
    }
  }

  @Test
  void stopWordsAloneMatchNothing() throws QuerySyntaxException {
    SparseQueryParser stopping =
        SparseQueryParser.builder(
                "title", new StandardAnalyzer(new CharArraySet(List.of("the"), false)), encoder)
            .build();
    assertTrue(
        stopping.parse("the") instanceof BooleanQuery none && none.clauses().isEmpty()
            || stopping.parse("the") instanceof MatchNoDocsQuery);
  }
}
