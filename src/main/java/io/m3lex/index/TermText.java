package io.m3lex.index;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.lucene.index.IndexWriter;

/** What text can be a term of Lucene, such as an id or a feature. */
final class TermText {

  private TermText() {}

  /** Whether a text is valid Unicode: what is not would be taken for another text's term. */
  static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /**
   * Refuses text that is too long for a term, and text with half a surrogate pair: UTF-8 has no
   * bytes for that, so that two different ids or features would become the same term.
   *
   * @param what what the text is, for the message
   * @throws IllegalArgumentException with a message that begins with what the text is
   */
  static void require(String what, String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > IndexWriter.MAX_TERM_LENGTH) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s that begins with \"%s\" has %d bytes, more than %d",
              what,
              text.substring(0, 40),
              bytes,
              IndexWriter.MAX_TERM_LENGTH));
    }
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int character = text.codePointAt(i);
      if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s is not valid Unicode: half a surrogate pair (\\u%04x) at position %d",
                what,
                character,
                i));
      }
    }
  }
}
