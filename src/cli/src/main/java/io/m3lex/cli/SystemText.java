/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Text that the system hands over: arguments, environment, the names of folders. Java reads it by
 * the locale, and puts a character of its own in the place of what the locale does not have. Under
 * plain C, which is also what a locale counts as that is not installed, that is every letter beyond
 * ASCII.
 */
final class SystemText {

  private static final char REPLACEMENT = '\uFFFD';

  private SystemText() {}

  /** What was not read as it was written, and what to do; empty if all was. */
  static Optional<String> fault(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      if (isDamaged(arguments.get(i))) {
        return Optional.of(problem("argument " + (i + 1) + ", \"" + arguments.get(i) + "\","));
      }
    }
    String folder = System.getProperty("user.dir");
    return (isDamaged(folder) || folder.indexOf('?') >= 0) && !isCurrent(folder)
        ? Optional.of(problem("the current folder's name, \"" + folder + "\","))
        : Optional.empty();
  }

  /**
   * A variable of the environment, or anything else that the system hands over.
   *
   * @param what it is, for the message
   * @return the text, null if it is
   */
  static String require(String what, String text) {
    if (text != null && isDamaged(text)) {
      throw new CommandException(problem(what));
    }
    return text;
  }

  /** The user's home folder. */
  static Path home() {
    String what = "the name of your home folder";
    String home = require(what, System.getProperty("user.home"));
    // Java's native code puts a question mark for what the locale does not have.
    if (home.indexOf('?') >= 0 && !Files.isDirectory(Path.of(home))) {
      throw new CommandException(problem(what));
    }
    return Path.of(home);
  }

  private static boolean isDamaged(String text) {
    return text.indexOf(REPLACEMENT) >= 0;
  }

  /** Whether a path leads to where the program is, as far as that can be known. */
  private static boolean isCurrent(String folder) {
    try {
      return Files.isSameFile(Path.of("/proc/self/cwd"), Path.of(folder));
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }

  private static String problem(String what) {
    String charset = System.getProperty("sun.jnu.encoding");
    return charset.equalsIgnoreCase("UTF-8")
        ? what + " is not UTF-8. Give it in UTF-8."
        : what
            + " could not be read: it is not in the character set of the locale, "
            + charset
            + ". Set LC_ALL to an installed locale of UTF-8, such as C.UTF-8; the launcher ./m3lex"
            + " does so by itself.";
  }
}
