/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.index.WitnessText;
import io.m3lex.index.WitnessText.Drift;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * What the machines that encoded the shards of a file were, and how far apart the weights are that
 * they gave to the witness texts: files of the same hash can still come out differently on another
 * processor or with another engine.
 */
final class ShardWitnesses {

  private final Map<List<WitnessText>, List<Integer>> byWeights = new LinkedHashMap<>();
  private final Map<SortedMap<String, String>, List<Integer>> byEnvironment = new LinkedHashMap<>();

  void add(ShardManifest manifest) {
    int shard = manifest.shard().number();
    byWeights.computeIfAbsent(manifest.witnessTexts(), w -> new ArrayList<>()).add(shard);
    byEnvironment.computeIfAbsent(manifest.environment(), e -> new ArrayList<>()).add(shard);
  }

  /** The shards that were computed with each environment. */
  Map<SortedMap<String, String>, List<Integer>> environments() {
    return byEnvironment;
  }

  /**
   * Holds all shards to each other.
   *
   * @param tolerance greatest difference of a weight that is accepted
   * @return the greatest that there is
   * @throws CommandException if it is not accepted, with the numbers
   */
  float require(float tolerance) {
    List<Map.Entry<List<WitnessText>, List<Integer>>> kinds = List.copyOf(byWeights.entrySet());
    float greatest = 0;
    for (int i = 0; i < kinds.size(); i++) {
      for (int j = i + 1; j < kinds.size(); j++) {
        List<Integer> here = kinds.get(i).getValue();
        List<Integer> there = kinds.get(j).getValue();
        Drift drift = drift(kinds.get(i).getKey(), kinds.get(j).getKey(), here, there);
        if (drift.difference() > tolerance) {
          throw new CommandException(message(drift, here, there, tolerance));
        }
        greatest = Math.max(greatest, drift.difference());
      }
    }
    return greatest;
  }

  private static Drift drift(
      List<WitnessText> one, List<WitnessText> other, List<Integer> here, List<Integer> there) {
    Drift greatest = null;
    for (int i = 0; i < one.size() && one.size() == other.size(); i++) {
      WitnessText witness = one.get(i);
      if (!witness.text().equals(other.get(i).text()) || witness.role() != other.get(i).role()) {
        break;
      }
      Drift drift = witness.drift(other.get(i).vector());
      if (greatest == null || drift.difference() > greatest.difference()) {
        greatest = drift;
      }
    }
    if (greatest == null) {
      throw new CommandException(
          "%s and %s were written by versions of m3lex with other witness texts, so that their weights cannot be compared. Encode all shards with the same version."
              .formatted(ShardFaults.name(here), ShardFaults.name(there)));
    }
    return greatest;
  }

  private String message(Drift drift, List<Integer> here, List<Integer> there, float tolerance) {
    StringBuilder message =
        new StringBuilder(
            "The shards come from the files of the same model, but their machines give other weights: feature %s of \"%s\" (%s) weighs %s in %s and %s in %s, a difference of %s where %s is accepted."
                .formatted(
                    drift.feature(),
                    drift.witness().text(),
                    drift.witness().role().name().toLowerCase(Locale.ROOT),
                    drift.recorded(),
                    ShardFaults.name(here),
                    drift.computed(),
                    ShardFaults.name(there),
                    drift.difference(),
                    tolerance));
    byEnvironment.forEach(
        (environment, shards) ->
            message.append("%n  %s: %s".formatted(ShardFaults.name(shards), environment)));
    message.append(
        "%nEncode all shards on machines of one kind, or state with --witness-tolerance how much difference you accept."
            .formatted());
    return message.toString();
  }
}
