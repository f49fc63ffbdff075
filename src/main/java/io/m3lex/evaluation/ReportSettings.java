package io.m3lex.evaluation;

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
    for (CollectionStatistics collection : collections) {
      CollectionResult result = collection.result();
      if (collections.size() > 1) {
        Map<String, String> own = new LinkedHashMap<>(result.settings());
        own.entrySet().removeAll(common.entrySet());
        table("Settings of " + result.collection(), result.collection(), own, html);
      }
      for (SystemResult system : result.systems()) {
        String heading =
            collections.size() == 1
                ? system.run().name()
                : system.run().name() + " on " + result.collection();
        table("Settings of " + heading, heading, system.settings(), html);
      }
    }
    html.close("section").line();
  }

  /** What all of the settings have in common. */
  private static Map<String, String> common(List<Map<String, String>> settings) {
    Map<String, String> common = new LinkedHashMap<>(settings.getFirst());
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
