/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits texts into passages: at the end of a paragraph where there is one in the second half of
 * what a passage may hold, else of a sentence, else of a word, else between two characters as
 * people see them. White space around a passage does not belong to it.
 *
 * <p>No passage begins or ends in the middle of a surrogate pair or of a letter with its combining
 * marks; one such sequence that is longer than a passage may be is kept whole, which is the only
 * way in which a passage can exceed the maximum. Sentences and words are found by {@link
 * BreakIterator} for no language in particular.
 *
 * @param characters greatest length of a passage, in UTF-16 units, at least 16
 * @param overlap how much of a passage's end the next one may begin with, in UTF-16 units, at most
 *     half of {@code characters}. Less is repeated where no sentence or word begins there
 */
public record PassageSplitter(int characters, int overlap) {

  private static final int LEAST_CHARACTERS = 16;

  /** How far beyond a passage is looked, for what decides whether a sentence or word ends there. */
  private static final int LOOKAHEAD = 64;

  private static final Pattern PARAGRAPH = Pattern.compile("\\R[ \\t]*\\R\\s*");

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public PassageSplitter {
    if (characters < LEAST_CHARACTERS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a passage must be allowed %d characters at least: %d",
              LEAST_CHARACTERS,
              characters));
    }
    if (overlap < 0 || overlap > characters / 2) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the overlap must be from 0 to half a passage, %d: %d",
              characters / 2,
              overlap));
    }
  }

  /** A splitter whose passages overlap by an eighth. */
  public static PassageSplitter of(int characters) {
    return new PassageSplitter(characters, Math.max(0, characters) / 8);
  }

  /**
   * The passages of a text, in their order.
   *
   * @return one passage of the whole text if it is empty or white space alone
   */
  public List<Passage> split(String text) {
    List<Passage> passages = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      Window window = new Window(text, start);
      int end = window.end();
      Passage passage = window.trimmed(end);
      // What is only repeated, with white space behind it, is no further passage.
      if (passage != null && (passages.isEmpty() || passage.end() > passages.getLast().end())) {
        passages.add(passage);
      }
      start = end == text.length() ? end : window.next(end);
      if (!passages.isEmpty() && start <= passages.getLast().start()) {
        // White space before the passage would lead to its beginning again.
        start = end;
      }
    }
    return passages.isEmpty() ? List.of(new Passage(0, text.length(), text)) : passages;
  }

  /** What is encoded for each passage of a document: the passage behind the document's title. */
  public List<String> encodedTexts(SparseDocument document) {
    return split(document.text()).stream()
        .map(p -> SparseDocument.of(document.id(), document.title(), p.text()).encodedText())
        .toList();
  }

  /** For messages. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "passages of up to %,d characters that overlap by up to %,d",
        characters,
        overlap);
  }

  /**
   * The text from the beginning of a passage to a little beyond its greatest end. No more is looked
   * at, so that a text without any border takes no longer than another.
   */
  private final class Window {
    private final String text;
    private final int start;
    private final String part;
    private final BreakIterator letters = BreakIterator.getCharacterInstance(Locale.ROOT);
    private final BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);
    private final BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);

    Window(String text, int start) {
      this.text = text;
      this.start = start;
      this.part =
          text.substring(
              start, (int) Math.min(text.length(), (long) start + characters + LOOKAHEAD));
      letters.setText(part);
      words.setText(part);
      sentences.setText(part);
    }

    /** Where the passage ends. */
    int end() {
      if (text.length() - start <= characters) {
        return text.length();
      }
      int least = characters / 2 + 1;
      int end = lastParagraph(least);
      if (end < 0) {
        end = last(sentences, least);
      }
      if (end < 0) {
        end = last(words, least);
      }
      if (end < 0) {
        // In the first half only if what begins there is a letter that does not fit.
        end = last(letters, 1);
      }
      return end < 0 ? endOfLongLetter() : start + end;
    }

    private int lastParagraph(int least) {
      int last = -1;
      Matcher borders = PARAGRAPH.matcher(part);
      while (borders.find() && borders.end() <= characters) {
        if (borders.end() >= least && isBorder(borders.end())) {
          last = borders.end();
        }
      }
      return last;
    }

    /** The last border from a position on, -1 if there is none that fits. */
    private int last(BreakIterator borders, int least) {
      int border = part.length() > characters ? borders.preceding(characters + 1) : borders.last();
      while (border >= least && (border > characters || !isBorder(border))) {
        border = borders.previous();
      }
      return border >= least ? border : -1;
    }

    /** Whether a position is between two letters; sentences and words are cut by older rules. */
    private boolean isBorder(int position) {
      return position == part.length() || letters.isBoundary(position);
    }

    private int endOfLongLetter() {
      BreakIterator all = BreakIterator.getCharacterInstance(Locale.ROOT);
      all.setText(text.substring(start));
      int end = all.following(0);
      return end == BreakIterator.DONE ? text.length() : start + end;
    }

    /** Where the next passage begins. */
    int next(int end) {
      int least = Math.max(1, end - overlap - start);
      for (BreakIterator borders : List.of(sentences, words)) {
        int border = borders.following(Math.min(least - 1, part.length() - 1));
        while (border != BreakIterator.DONE && start + border < end) {
          if (border >= least && isBorder(border)) {
            return start + border;
          }
          border = borders.next();
        }
      }
      return end;
    }

    /** The passage without white space around it, null if nothing else is in it. */
    Passage trimmed(int end) {
      int last = end;
      while (last > start && Character.isWhitespace(text.charAt(last - 1))) {
        last--;
      }
      int first = start;
      while (first < last && Character.isWhitespace(text.charAt(first))) {
        first++;
      }
      if (first == last) {
        return null;
      }
      // A mark may be combined with a space.
      if (first - start < part.length() && !isBorder(first - start)) {
        first = start;
      }
      return new Passage(first, last, text.substring(first, last));
    }
  }
}
