/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows on the terminal how far long work is, with its rate and the time left. Shows nothing where
 * standard error is no terminal.
 */
final class Progress implements AutoCloseable {

  private final ProgressBar bar;

  private Progress(ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * Begins.
   *
   * @param task what is done, in a word or two
   * @param unit what is counted
   * @param total number of units, -1 if that is not known
   */
  static Progress of(String task, String unit, long total) {
    if (!isShown()) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(TerminalOutput.visible(task))
            .setInitialMax(total)
            .setUnit(" " + unit, 1)
            .showSpeed()
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            .setConsumer(
                // Not System.err, which lets no control character through.
                new ConsoleProgressBarConsumer(
                    new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8)))
            .clearDisplayOnFinish()
            .build());
  }

  /** Whether a person watches standard error, which the launcher knows and Java 21 does not. */
  static boolean isShown() {
    return Boolean.getBoolean("m3lex.terminal");
  }

  /** So many units are done. */
  void at(long done) {
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
