/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The means of some collections, averaged: every collection counts the same, however many queries
 * it has, as BEIR does it.
 *
 * @param language that the collections are in; empty for the average of all
 * @param collections number of collections
 * @param systems mean by system and measure, only what all of the collections have
 */
public record Average(
    Optional<String> language, int collections, Map<String, Map<Measure, Double>> systems) {

  /**
   * The average for each language of which there are several collections but not all, and that of
   * all collections, which is the last.
   *
   * @param collections at least one
   */
  public static List<Average> of(List<CollectionStatistics> collections) {
    Map<String, List<CollectionStatistics>> languages = new LinkedHashMap<>();
    for (CollectionStatistics collection : collections) {
      languages
          .computeIfAbsent(collection.result().language(), language -> new ArrayList<>())
          .add(collection);
    }
    List<Average> averages = new ArrayList<>();
    languages.forEach(
        (language, members) -> {
          if (members.size() > 1 && members.size() < collections.size()) {
            averages.add(average(Optional.of(language), members));
          }
        });
    averages.add(average(Optional.empty(), collections));
    return List.copyOf(averages);
  }

  private static Average average(Optional<String> language, List<CollectionStatistics> members) {
    Map<String, Map<Measure, Double>> sums = means(members.getFirst());
    for (CollectionStatistics member : members.subList(1, members.size())) {
      Map<String, Map<Measure, Double>> means = means(member);
      sums.keySet().retainAll(means.keySet());
      sums.forEach(
          (system, measures) -> {
            measures.keySet().retainAll(means.get(system).keySet());
            measures.replaceAll((measure, sum) -> sum + means.get(system).get(measure));
          });
    }
    sums.values().forEach(measures -> measures.replaceAll((measure, sum) -> sum / members.size()));
    return new Average(language, members.size(), sums);
  }

  private static Map<String, Map<Measure, Double>> means(CollectionStatistics collection) {
    Map<String, Map<Measure, Double>> means = new LinkedHashMap<>();
    List<SystemResult> systems = collection.result().systems();
    for (int i = 0; i < systems.size(); i++) {
      Map<Measure, Double> own = new LinkedHashMap<>();
      for (Measure measure : collection.result().measures()) {
        own.put(measure, collection.figures(measure).get(i).mean());
      }
      means.put(systems.get(i).run().name(), own);
    }
    return means;
  }
}
