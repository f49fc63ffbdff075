package io.m3lex.cli;

import io.m3lex.encoder.LongTexts;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What happens to texts longer than the model takes. */
final class LongTextOptions {

  @ArgGroup private Choice choice;

  LongTexts choice() {
    return choice != null && choice.truncate ? LongTexts.TRUNCATE : LongTexts.WINDOW;
  }

  private static final class Choice {
    @Option(
        names = "--window",
        description = "Read texts that are too long for the model through windows (default).")
    private boolean window;

    @Option(
        names = "--truncate",
        description = "Cut texts that are too long for the model, and count them.")
    private boolean truncate;
  }
}
