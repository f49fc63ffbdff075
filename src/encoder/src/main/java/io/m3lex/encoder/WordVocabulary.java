/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.tartarus.snowball.ext.PorterStemmer;

/**
 * What a WordPiece vocabulary knows about words: which pieces continue one, and which token stands
 * for a stem (Porter, 1980). Immutable; safe for use by several threads.
 */
public final class WordVocabulary {

  /** Stands for a stem of no single token. */
  public static final int RARE = -1;

  private static final String CONTINUES = "##";
  private static final Pattern ENGLISH_WORD = Pattern.compile("[a-z]{3,}");

  private final String[] pieces;
  private final String[] stems;
  private final Map<String, Integer> firstOfStem = new HashMap<>();

  /**
   * Reads a vocabulary.
   *
   * @param piece the text of each token id, with {@code ##} where it continues a word
   * @param size number of token ids
   */
  public WordVocabulary(IntFunction<String> piece, int size) {
    pieces = new String[size];
    stems = new String[size];
    for (int id = 0; id < size; id++) {
      pieces[id] = piece.apply(id);
      if (!continuesWord(id) && isWord(pieces[id])) {
        stems[id] = stem(pieces[id]);
        firstOfStem.putIfAbsent(stems[id], id);
      }
    }
  }

  /** Whether a token continues the word before it. */
  boolean continuesWord(int id) {
    return pieces[id].startsWith(CONTINUES) && pieces[id].length() > CONTINUES.length();
  }

  /** What a token adds to the word that it begins or continues. */
  String partOfWord(int id) {
    return continuesWord(id) ? pieces[id].substring(CONTINUES.length()) : pieces[id];
  }

  /** Whether a token can stand for an English word: three letters at least, and nothing else. */
  public boolean isEnglishWord(int id) {
    return ENGLISH_WORD.matcher(pieces[id]).matches();
  }

  /** The text of a token. */
  public String piece(int id) {
    return pieces[id];
  }

  /** The stem of a word of one token; null for a piece that is no word. */
  public String stem(int id) {
    return stems[id];
  }

  /** Number of token ids. */
  public int size() {
    return pieces.length;
  }

  /** The smallest token id whose word has a stem, {@link #RARE} if no single token has it. */
  public int firstOfStem(String stem) {
    return firstOfStem.getOrDefault(stem, RARE);
  }

  /**
   * The stems of the words that tokens make, in their order.
   *
   * @param ids of a whole text, none of them special
   */
  public List<String> stems(int[] ids) {
    List<String> words = new ArrayList<>();
    words(ids, (start, end, stem) -> words.add(stem));
    return words;
  }

  /**
   * The words that tokens make, in their order.
   *
   * @param ids none of them special
   * @param consumer takes the stem of each word and the tokens that it is made of
   */
  void words(int[] ids, WordConsumer consumer) {
    for (int i = 0; i < ids.length; ) {
      int end = i + 1;
      while (end < ids.length && continuesWord(ids[end])) {
        end++;
      }
      String stem = stemOfTokens(ids, i, end);
      if (stem != null) {
        consumer.accept(i, end, stem);
      }
      i = end;
    }
  }

  private String stemOfTokens(int[] ids, int start, int end) {
    if (end == start + 1 && !continuesWord(ids[start])) {
      return stems[ids[start]];
    }
    StringBuilder word = new StringBuilder();
    for (int i = start; i < end; i++) {
      word.append(partOfWord(ids[i]));
    }
    return isWord(word) ? stem(word.toString()) : null;
  }

  /** Takes the stem of a word and the positions of its tokens. */
  @FunctionalInterface
  interface WordConsumer {
    void accept(int start, int end, String stem);
  }

  static boolean isWord(CharSequence text) {
    return text.codePoints().anyMatch(Character::isLetterOrDigit);
  }

  static String stem(String word) {
    if (!ENGLISH_WORD.matcher(word).matches()) {
      return word;
    }
    PorterStemmer stemmer = new PorterStemmer();
    stemmer.setCurrent(word);
    stemmer.stem();
    return stemmer.getCurrent();
  }
}
