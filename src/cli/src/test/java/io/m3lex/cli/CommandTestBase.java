/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs the command in this program. */
public abstract class CommandTestBase {

  /** What the last command printed. */
  protected String out;

  /** What the last command said beside it. */
  protected String err;

  /** Runs a command and gives its exit code. */
  protected int run(String... arguments) {
    StringWriter output = new StringWriter();
    StringWriter errors = new StringWriter();
    int code = Main.run(new PrintWriter(output, true), new PrintWriter(errors, true), arguments);
    out = output.toString();
    err = errors.toString();
    return code;
  }
}
