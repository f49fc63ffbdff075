/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.corpus.CorpusReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How far a run over some inputs is: committed together with what came of them, so that the next
 * run goes on exactly there.
 */
final class InputProgress {

  private final String inputs;
  private final boolean resumed;
  private int input;
  private long records;
  private String sha256;

  /** Of every input that is done: the number of its records and the hash up to the last. */
  private String finished;

  private InputProgress(
      String inputs, boolean resumed, int input, long records, String sha256, String finished) {
    this.inputs = inputs;
    this.resumed = resumed;
    this.input = input;
    this.records = records;
    this.sha256 = sha256;
    this.finished = finished;
  }

  /**
   * From the note of the last commit: what it says of these inputs, else the beginning.
   *
   * @param note empty if the last run ended
   */
  static InputProgress of(Map<String, String> note, List<Path> inputs) {
    return of(note, names(inputs));
  }

  /**
   * From the note of the last commit: what it says of these inputs, else the beginning.
   *
   * @param note empty if the last run ended
   * @param inputs by what the same inputs are known again
   */
  static InputProgress of(Map<String, String> note, String inputs) {
    try {
      if (inputs.equals(note.get("inputs"))) {
        return new InputProgress(
            inputs,
            true,
            Integer.parseInt(note.get("input")),
            Long.parseLong(note.get("records")),
            note.get("sha256"),
            note.getOrDefault("finished", ""));
      }
    } catch (NumberFormatException e) {
      throw new CommandException(
          "There is no readable note of the progress (%s). Add --restart to begin with the first record."
              .formatted(note));
    }
    return new InputProgress(inputs, false, 0, 0, "", "");
  }

  /**
   * By what inputs are known again: their places. A pipe has the place of any other; that it brings
   * the same is seen by the hash when it is resumed.
   */
  static String names(List<Path> inputs) {
    return String.join("\n", inputs.stream().map(InputProgress::name).toList());
  }

  private static String name(Path input) {
    return InputRun.isStandardInput(input)
        ? input.toString()
        : input.toAbsolutePath().normalize().toString();
  }

  boolean isResumed() {
    return resumed;
  }

  /** The input that is next, from 0. */
  int input() {
    return input;
  }

  /** Number of records of that input that are done. */
  long records() {
    return records;
  }

  /** Passes over what was done of an input, after making sure that it is the same input. */
  void resume(CorpusReader reader, int opened) {
    if (records == 0 || opened != input) {
      return;
    }
    reader.skip(records);
    if (!reader.sha256().equals(sha256)) {
      throw new CommandException(
          String.format(
              Locale.ROOT,
              "The input has changed since the run that was interrupted after its record %d. Add --restart to begin with the first record.",
              records));
    }
  }

  /** Passes over the records of an input that are not wanted. */
  void begin(CorpusReader reader, long first) {
    reader.skip(first);
    records = first;
    sha256 = reader.sha256();
  }

  /** One more record of the current input is done. */
  void advance(String hashSoFar) {
    records++;
    sha256 = hashSoFar;
  }

  /** The current input is done. */
  void nextInput() {
    finished += (finished.isEmpty() ? "" : " ") + records + ":" + sha256;
    input++;
    records = 0;
    sha256 = "";
  }

  /** Whether all inputs are done, unless they have changed since. */
  boolean isAtEnd(InputRun run) {
    return input >= run.inputs().size();
  }

  /**
   * Whether all inputs are done, and still hold the records that were done; takes a look at all of
   * them. It is not known of what can be read once only.
   */
  boolean isFinished(InputRun run) throws IOException {
    if (run.inputs().stream().anyMatch(InputRun::isReadOnce)) {
      return false;
    }
    String[] done = finished.split(" ");
    if (!isAtEnd(run) || done.length != run.inputs().size()) {
      return false;
    }
    for (int i = 0; i < done.length; i++) {
      String[] parts = done[i].split(":", 2);
      try (CorpusReader reader = run.open(run.inputs().get(i))) {
        reader.skip(Long.parseLong(parts[0]));
        String now = parts[0].equals("0") ? "" : reader.sha256();
        if (!now.equals(parts[1]) || reader.hasNext()) {
          return false;
        }
      }
    }
    return true;
  }

  /** What a commit keeps. */
  Map<String, String> note() {
    return Map.of(
        "inputs",
        inputs,
        "input",
        Integer.toString(input),
        "records",
        Long.toString(records),
        "sha256",
        sha256,
        "finished",
        finished);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "input %d, after %,d records", input + 1, records);
  }
}
