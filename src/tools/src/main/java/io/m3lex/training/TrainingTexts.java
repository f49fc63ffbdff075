/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passages and the queries made for them, without any human judgment: a text's title; one of its
 * sentences, which is taken out of the passage (the inverse cloze task of Lee, Chang and Toutanova,
 * 2019); one that stays in it, as it stands or as the keywords that someone might remember of it.
 */
final class TrainingTexts {

  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?;])\\s+(?=[A-Z0-9(\"'])");
  private static final Pattern WORD = Pattern.compile("[A-Za-z][\\w'-]*");
  private static final Pattern COUNTED_WORD = Pattern.compile("[A-Za-z]{2,}");
  private static final Set<String> STOP_WORDS =
      Set.of(
          ("a an and are as at be but by for if in into is it no not of on or such that the their then"
                  + " there these they this to was will with can may which from has have its also"
                  + " other than when all any one")
              .split(" "));

  private static final int MOST_WORDS = 160;
  private static final int FEWEST_WORDS = 30;
  private static final int FEWEST_WORDS_OF_DEFINITION = 8;
  private static final double CLOZE_SHARE = 0.7;
  private static final double PROSE_SHARE = 0.85;

  private final Random random;
  private final List<String> passages = new ArrayList<>();
  private final List<TrainingPair> pairs = new ArrayList<>();
  private final Set<String> beginnings = new HashSet<>();

  TrainingTexts(long seed) {
    random = new Random(seed);
  }

  /** The passages, each at the position that pairs refer to. */
  List<String> passages() {
    return passages;
  }

  /** The pairs, in the order of their passages. */
  List<TrainingPair> pairs() {
    return pairs;
  }

  /**
   * Makes a passage and its queries of a text, unless the text is too short, begins like one before
   * it, or is no prose.
   *
   * @param title of the text, may be empty
   * @return whether a passage was made
   */
  boolean add(String title, String text) {
    String beginning = text.substring(0, Math.min(60, text.length()));
    if (!isPassage(text) || !beginnings.add(beginning)) {
      return false;
    }
    int passage = passages.size();
    List<String> sentences = new ArrayList<>(List.of(SENTENCE_END.split(firstWords(text))));
    if (!title.isBlank()) {
      pairs.add(new TrainingPair(title, passage));
    }
    List<String> candidates = new ArrayList<>(sentences.stream().filter(this::isQuery).toList());
    if (sentences.size() >= 3 && !candidates.isEmpty() && random.nextDouble() < CLOZE_SHARE) {
      String cloze = candidates.get(random.nextInt(candidates.size()));
      List<String> rest = new ArrayList<>(sentences);
      rest.remove(cloze);
      if (words(String.join(" ", rest)) >= FEWEST_WORDS) {
        sentences = rest;
        candidates.remove(cloze);
        pairs.add(new TrainingPair(cloze, passage));
      }
    }
    if (!candidates.isEmpty()) {
      String kept = candidates.get(random.nextInt(candidates.size()));
      String query = random.nextBoolean() ? kept : keywords(kept);
      if (!query.isEmpty()) {
        pairs.add(new TrainingPair(query, passage));
      }
    }
    passages.add(String.join(" ", sentences));
    return true;
  }

  /** Adds a text as it stands, with its title as query. */
  void addDefinition(TrainingText definition) {
    pairs.add(new TrainingPair(definition.title(), passages.size()));
    passages.add(definition.text());
  }

  /**
   * Whether a text may be the definition of its title: prose, but shorter than a passage. In a
   * dictionary it is.
   */
  static boolean isDefinition(TrainingText text) {
    int words = words(text.text());
    return !text.title().isBlank()
        && words >= FEWEST_WORDS_OF_DEFINITION
        && words < FEWEST_WORDS
        && proseShare(text.text()) >= PROSE_SHARE;
  }

  /** Whether a text is prose and long enough. */
  static boolean isPassage(String text) {
    return words(text) >= FEWEST_WORDS && proseShare(text) >= PROSE_SHARE;
  }

  private boolean isQuery(String sentence) {
    int words = words(sentence);
    return words >= 6 && words <= 35 && proseShare(sentence) > PROSE_SHARE;
  }

  /** Three to twelve of a sentence's content words and some of its stop words, in their order. */
  private String keywords(String sentence) {
    List<String> words = WORD.matcher(sentence).results().map(match -> match.group()).toList();
    List<Integer> content = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (!isStopWord(words.get(i))) {
        content.add(i);
      }
    }
    if (content.size() < 3) {
      return "";
    }
    Collections.shuffle(content, random);
    Set<Integer> kept =
        new HashSet<>(content.subList(0, Math.min(content.size(), 3 + random.nextInt(10))));
    List<String> query = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (kept.contains(i) || isStopWord(words.get(i)) && random.nextDouble() < 0.3) {
        query.add(words.get(i));
      }
    }
    return String.join(" ", query);
  }

  private static boolean isStopWord(String word) {
    return STOP_WORDS.contains(word.toLowerCase(Locale.ROOT));
  }

  private static String firstWords(String text) {
    String[] words = text.strip().split("\\s+");
    return String.join(" ", List.of(words).subList(0, Math.min(words.length, MOST_WORDS)));
  }

  private static int words(String text) {
    Matcher matcher = COUNTED_WORD.matcher(text);
    int count = 0;
    while (matcher.find()) {
      count++;
    }
    return count;
  }

  /** The share of letters and spaces, which tells prose from tables and code. */
  private static double proseShare(String text) {
    long prose = text.chars().filter(c -> Character.isLetter(c) || c == ' ').count();
    return (double) prose / Math.max(1, text.length());
  }
}
