/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What keeps shards from being joined: all of it, so that it can be mended at once. */
final class ShardFaults {

  private final Map<String, List<Integer>> shards = new LinkedHashMap<>();

  /** A shard has a fault; those that have the same are named together. */
  void add(int shard, String fault) {
    shards.computeIfAbsent(fault, f -> new ArrayList<>()).add(shard);
  }

  /** Shards that should have something in common do not. */
  void addDifference(String what, Map<String, List<Integer>> byValue) {
    List<String> parts = new ArrayList<>();
    byValue.forEach((value, numbers) -> parts.add("%s in %s".formatted(value, name(numbers))));
    shards.put("%s is %s".formatted(what, String.join(", ", parts)), List.of());
  }

  /** Ends with all faults, if there are any. */
  void throwIfAny(Path whole) {
    if (shards.isEmpty()) {
      return;
    }
    StringBuilder message = new StringBuilder("%s is not joined:".formatted(whole));
    shards.forEach(
        (fault, numbers) ->
            message.append(
                numbers.isEmpty()
                    ? "%n  %s".formatted(fault)
                    : "%n  %s: %s".formatted(name(numbers), fault)));
    message.append(
        ("%nEncode what is missing or damaged with \"m3lex encode … --to %s --shard I/N\", and what is of"
                + " another run with --restart besides; then join again.")
            .formatted(whole));
    throw new CommandException(message.toString());
  }

  /**
   * Shards as people name them.
   *
   * @param numbers rising, at least one
   */
  static String name(List<Integer> numbers) {
    List<String> runs = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= numbers.size(); i++) {
      if (i == numbers.size() || numbers.get(i) != numbers.get(i - 1) + 1) {
        int first = numbers.get(start);
        int last = numbers.get(i - 1);
        runs.add(
            first == last
                ? Integer.toString(first)
                : first + (last == first + 1 ? ", " : " to ") + last);
        start = i;
      }
    }
    return (numbers.size() == 1 ? "shard " : "shards ") + String.join(", ", runs);
  }
}
