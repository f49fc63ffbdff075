/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report's settings: what it takes to repeat the evaluation, once where it is the same. */
final class ReportSettings {

  private ReportSettings() {}

  static void write(List<CollectionStatistics> collections, Html html) {
    html.open("section", "id", "settings", "aria-labelledby", "settings-name");
    html.element("h2", "Settings", "id", "settings-name");
    html.element("p", "What it takes to get the same figures again.", "class", "facts").line();
    Map<String, String> common =
        common(collections.stream().map(c -> c.result().settings()).toList());
    Map<String, String> statistics = new LinkedHashMap<>(common);
    if (collections.stream().map(CollectionStatistics::seed).distinct().count() == 1) {
      statistics.putIfAbsent("seed", Long.toString(collections.getFirst().seed()));
    }
    statistics.put(
        "statistics",
        "intervals: BCa bootstrap, %s samples, %s; randomisation test: %s permutations; Holm"
            .formatted(
                Html.count(Significance.SAMPLES),
                MeasureTables.confidence(),
                Html.count(Significance.PERMUTATIONS)));
    table("Settings of all", null, statistics, html);
    Map<String, Map<String, String>> systems = bySystem(collections);
    systems.forEach((system, settings) -> table("Settings of " + system, system, settings, html));
    for (CollectionStatistics collection : collections) {
      CollectionResult result = collection.result();
      Map<String, String> own = new LinkedHashMap<>(result.settings());
      own.entrySet().removeAll(common.entrySet());
      for (SystemResult system : result.systems()) {
        String name = system.run().name();
        system
            .settings()
            .forEach(
                (setting, value) -> {
                  if (!value.equals(systems.get(name).get(setting))) {
                    own.put(name + ", " + setting, value);
                  }
                });
      }
      table("Settings of " + result.collection(), result.collection(), own, html);
    }
    html.close("section").line();
  }

  /** What is the same for a system in all collections, by its name. */
  private static Map<String, Map<String, String>> bySystem(List<CollectionStatistics> collections) {
    Map<String, List<Map<String, String>>> settings = new LinkedHashMap<>();
    for (CollectionStatistics collection : collections) {
      for (SystemResult system : collection.result().systems()) {
        List<Map<String, String>> own =
            settings.computeIfAbsent(system.run().name(), name -> new ArrayList<>());
        if (!system.settings().isEmpty()) {
          own.add(system.settings());
        }
      }
    }
    Map<String, Map<String, String>> common = new LinkedHashMap<>();
    settings.forEach((system, all) -> common.put(system, common(all)));
    return common;
  }

  /** What all of the settings have in common. */
  private static Map<String, String> common(List<Map<String, String>> settings) {
    Map<String, String> common = new LinkedHashMap<>();
    settings.stream().findFirst().ifPresent(common::putAll);
    settings.forEach(other -> common.entrySet().retainAll(other.entrySet()));
    return common;
  }

  private static void table(String label, String heading, Map<String, String> settings, Html html) {
    if (settings.isEmpty()) {
      return;
    }
    if (heading != null) {
      html.open("h3").name(heading).close("h3");
    }
    MeasureTables.openTable(label, "settings", html);
    html.open("tbody");
    settings.forEach(
        (name, value) ->
            html.open("tr")
                .element("th", name, "scope", "row", "dir", "auto")
                .open("td", "dir", "auto")
                .element("code", value)
                .close("td")
                .close("tr")
                .line());
    html.close("tbody");
    MeasureTables.closeTable(html);
  }
}
