/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.corpus.QueryFile.Query;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryFileTest {

  @Test
  void readsJsonLinesAndTsv() throws IOException {
    Map<String, Query> expected = Map.of("1", new Query("a pump", 1), "2", new Query(" ", 3));
    assertEquals(
        expected,
        read("{\"_id\": \"1\", \"text\": \"a pump\"}\n\n{\"_id\": 2, \"text\": \" \"}\n"));
    assertEquals(expected, read("1\ta pump\n\n2\t \n"));
  }

  @Test
  void readsTopicsOfTrecWithAndWithoutEndTags() throws IOException {
    assertEquals(
        Map.of(
            "301", new Query("International Organized Crime", 1),
            "302", new Query("Poliomyelitis & Post-Polio", 10),
            "7", new Query("coronavirus origin", 14)),
        read(
            """
            <top>

            <num> Number: 301
            <title> International
            Organized Crime

            <desc> Description:
            Identify organizations.
            </top>
            <top><num>302</num>
            <title>Topic: Poliomyelitis &amp; Post-Polio</title>
            <narr> x </narr>
            </top>
            <topic number="7">
            <query>coronavirus origin</query>
            <question>what is it</question>
            </topic>
            """));
  }

  /** Only the first topic of a line was once read. */
  @Test
  void topicsMayStandOnOneLine() throws IOException {
    Map<String, Query> expected =
        Map.of("1", new Query("limescale", 1), "2", new Query("pump drain", 1));
    for (String between : List.of("", " ", "\t")) {
      String topics =
          "<topics>%s<topic number=\"1\"><title>limescale</title></topic>%s<TOPIC type='x' number='2'><title lang=\"en\">pump drain</title></TOPIC>%s</topics>"
              .replace("%s", between);
      assertEquals(expected, read(topics));
    }
    assertEquals(
        Map.of("1", new Query("a", 1), "2", new Query("b", 2)),
        read("<top><num>1<title>a\n</top><top><num>2<title>b</top>"));
    assertEquals(
        Map.of("3", new Query("a patient with limescale", 1)),
        read("<topic\n  number=\"3\">\na patient\nwith limescale\n</topic>"));
  }

  /** A title once ended at any less-than sign. */
  @Test
  void aLessThanSignIsText() throws IOException {
    Map<String, Query> expected = Map.of("1", new Query("kettle < 5 kg, p<0.05 limescale", 1));
    for (String end : List.of("", "</title>", "\n<desc> Description:", "<narr> x", "\n<other>y")) {
      assertEquals(
          expected,
          read(
              "<top>\n<num> Number: 1\n<title> kettle < 5 kg, p<0.05 limescale"
                  + end
                  + "\n</top>"));
    }
  }

  /** The whole topic was once looked through again for every line. */
  @Test
  void timeGrowsWithTheLengthOfATopicThatIsNeverEnded() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertThrows(IOException.class, () -> read("<top>\n" + "x\n".repeat(500_000))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1\ta\n1\tb\n|test:2: query \"1\" occurs twice, first on line 1",
        "1 a pump\n|test:1: 1 columns instead of id<TAB>text",
        "1\ta\tb\n|test:1: 3 columns instead of id<TAB>text",
        " \ta\n|test:1: the id is empty",
        "{\"_id\": \"1\"}\n|test:1: the query has no \"text\"",
        "<top>\n<num>1\n|test:1: the file ends within this topic: it has no </top>",
        "<t>\n<top>\n<title> x\n</top>\n|test:2: this topic has no <num>",
        "<top>\n<num> 1\n</top>\n|test:1: this topic has no <title>",
        "<top>\n"
            + "<num> 1 <title> a <top> <num> 2 <title> b </top>\n"
            + "|test:1: this topic has no </top>",
        "<top><num>1<title>a</top>\n<top><num>1<title>b</top>|test:2: query \"1\" occurs twice",
        "<queries>\n<query>a</query>\n</queries>|test holds no topic",
      })
  void badLinesAreNamed(String content) {
    int bar = content.lastIndexOf('|');
    IOException e = assertThrows(IOException.class, () -> read(content.substring(0, bar)));
    assertTrue(e.getMessage().contains(content.substring(bar + 1)), e.getMessage());
  }

  private static Map<String, Query> read(String text) throws IOException {
    return QueryFile.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "test");
  }
}
