/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.SparseEncoder;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.evaluation.CachedEncoder;
import io.m3lex.evaluation.CollectionEvaluation;
import io.m3lex.evaluation.CollectionResult;
import io.m3lex.evaluation.CollectionStatistics;
import io.m3lex.evaluation.EvaluationSettings;
import io.m3lex.evaluation.HtmlReport;
import io.m3lex.evaluation.IdenticalIds;
import io.m3lex.evaluation.JsonReport;
import io.m3lex.evaluation.Measure;
import io.m3lex.evaluation.SystemResult;
import io.m3lex.evaluation.TestCollection;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.Signal;
import io.m3lex.util.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.apache.lucene.util.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code m3lex eval}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "Measure how well a test collection's queries are answered, beside BM25.",
      "Encodes and indexes the documents, asks the judged queries, measures as trec_eval does, and"
          + " tells which differences are significant. With --run and --qrels alone, measures runs."
          + " What is encoded is kept: an interrupted evaluation goes on where it was.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex eval scifact nfcorpus                 BEIR folders",
      "  m3lex eval miracl/ --report miracl.html     a folder of collections, with a report",
      "  m3lex eval --corpus docs/ --topics topics.301-450 --qrels qrels.txt",
      "  m3lex eval --run bm25.txt --run mine.txt --qrels qrels.txt --measures nDCG@20,AP"
    })
final class EvalCommand implements Callable<Integer> {

  /** How the names of the runs end that are written. */
  private static final String RUN = ".run";

  @Spec private CommandSpec spec;

  @Mixin private CollectionOptions collectionOptions;

  @Mixin private EncoderOptions encoderOptions;

  @Mixin private WeightOptions weightOptions;

  @Mixin private CacheOptions cacheOptions;

  @Option(
      names = "--run",
      paramLabel = "FILE",
      description = "A TREC run file, as a further system; may be given several times.")
  private List<Path> runs = List.of();

  @Option(
      names = "--measures",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "nDCG@10,RR@10,AP,R@100,Judged@10",
      description =
          "nDCG@k, RR@k, R@k, P@k, Success@k, AP@k, Judged@k; nDCG, RR and AP also of the whole"
              + " ranking. Queries are compared by the first. Default: ${DEFAULT-VALUE}.")
  private List<String> measures;

  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Documents that each system gives for a query. Default: ${DEFAULT-VALUE}.")
  private int depth;

  @Option(
      names = "--approximate",
      split = ",",
      paramLabel = "ALPHA",
      description = "Also search approximately: more is left out the less alpha is (0 to 1).")
  private List<Float> approximate = List.of();

  @Option(
      names = "--pruned",
      split = ",",
      paramLabel = "BETA",
      description = "Also search with this share of each query's features (0 to 1).")
  private List<Float> pruned = List.of();

  @Option(
      names = "--fuse",
      paramLabel = "METHOD[:SIGNALS]",
      description =
          "Also search by several signals together, as \"m3lex search --fuse\" has it; for instance"
              + " rrf, sum:dense or normalized:sparse,dense=0.5. Default signals: sparse, bm25,"
              + " dense. Several times.")
  private List<String> fused = List.of();

  @Option(
      names = "--identical-ids",
      paramLabel = "MODE",
      defaultValue = "auto",
      description =
          "What becomes of a document that has the query's id. auto: leave it out if it has the"
              + " query's text, too (ArguAna, Quora); leave-out: always, as BEIR does; keep: never,"
              + " as trec_eval. Default: ${DEFAULT-VALUE}.")
  private String identicalIds;

  @Option(names = "--no-bm25", description = "Leave out BM25.")
  private boolean withoutBm25;

  @Option(
      names = "--language",
      paramLabel = "TAG",
      description =
          "The collections' language (en, zh, …), by which BM25's analyzer is chosen. Default: by"
              + " the end of the collection's name (xquad-zh), else by its texts.")
  private String language;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of randomisation test and bootstrap. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Worst queries, and best ones, that the report tells about. Default: ${DEFAULT-VALUE}.")
  private int examples;

  @Option(
      names = "--write-runs",
      paramLabel = "DIR",
      description = "Write what each system found as TREC run files.")
  private Path runFolder;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description =
          "Write a report to look at in a browser: tables, plots, queries, and how to repeat it.")
  private Path report;

  @Option(names = "--json", description = "Print all figures as JSON.")
  private boolean json;

  @Option(
      names = "--strict",
      description = "Stop at the first thing that is doubtful about a file.")
  private boolean strict;

  @Override
  public Integer call() throws IOException {
    String fault = collectionOptions.fault(runs.size());
    if (fault != null) {
      throw wrong(fault);
    }
    if (!fused.isEmpty() && (collectionOptions.runsAlone() || collectionOptions.vectors())) {
      throw wrong("--fuse needs a collection of texts.");
    }
    EvaluationSettings settings = settings();
    // First, so that no signal ends the program while an engine is at work.
    try (Interruption interruption = new Interruption()) {
      return call(settings, interruption);
    }
  }

  private int call(EvaluationSettings settings, Interruption interruption) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    try (EvaluationConsole console = new EvaluationConsole(err, strict, interruption)) {
      Results results = new Results();
      try {
        evaluate(settings, console, results);
      } catch (IOException | RuntimeException e) {
        // What was measured by then may have taken hours.
        publish(results);
        throw e;
      }
      publish(results);
      return results.faults.isEmpty() ? Main.GOOD : Main.PROBLEM;
    } catch (CancellationException e) {
      // While the interruption still keeps the program alive.
      err.println(
          "m3lex: interrupted; what was encoded is kept. Run the same command again to go on.");
      err.flush();
      return Main.PROBLEM;
    }
  }

  /** What is finished: collections that were measured, and files that could not be written. */
  private static final class Results {
    private final List<CollectionStatistics> collections = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
  }

  /** Shows what several collections have in common; the figures of each stand there already. */
  private void publish(Results results) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<CollectionStatistics> all = results.collections;
    if (!all.isEmpty()) {
      if (json) {
        JsonReport.write(all, out);
        out.println();
      } else {
        if (all.size() > 1) {
          tables().printAverages(all);
        }
        tables().printLegend(all.getFirst());
      }
      out.flush();
      if (report != null) {
        try {
          writeReport(all);
        } catch (IOException e) {
          results.faults.add("The report %s was not written: %s".formatted(report, reason(e)));
        }
      }
    }
    results.faults.forEach(fault -> spec.commandLine().getErr().println("m3lex: " + fault));
    spec.commandLine().getErr().flush();
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException system && system.getReason() != null
        ? system.getReason()
        : e.getMessage();
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private EvaluationTables tables() {
    return new EvaluationTables(spec.commandLine().getOut());
  }

  private EvaluationSettings settings() {
    for (Path file : runs) {
      if (!Files.exists(file) || Files.isDirectory(file)) {
        throw new CommandException("There is no run %s.".formatted(file));
      }
    }
    requirePlaces();
    requireShares("--approximate", approximate);
    requireShares("--pruned", pruned);
    if (depth < 1) {
      throw wrong("--depth must be at least 1: " + depth);
    }
    if (examples < 0) {
      throw wrong("--examples must not be negative: " + examples);
    }
    List<Measure> parsed = new ArrayList<>();
    for (String measure : measures) {
      try {
        parsed.add(Measure.parse(measure.strip()));
      } catch (IllegalArgumentException e) {
        throw wrong(e.getMessage());
      }
    }
    return new EvaluationSettings(
        parsed.stream().distinct().toList(),
        depth,
        !withoutBm25,
        approximate,
        pruned,
        fused.stream().map(this::fused).toList(),
        runs,
        identicalIds(),
        language,
        examples,
        encoderOptions.threads(),
        notes());
  }

  /** Before hours of work: whether there is a place for what is to be written. */
  private void requirePlaces() {
    if (report != null && !Files.isDirectory(report.toAbsolutePath().getParent())) {
      throw new CommandException(
          "The folder of the report %s does not exist; make it first.".formatted(report));
    }
    if (report != null && Files.isDirectory(report)) {
      throw new CommandException(
          "The report %s would be a file, but it is a folder; name a file in it."
              .formatted(report));
    }
    if (runFolder != null) {
      try {
        Files.createDirectories(runFolder);
      } catch (IOException e) {
        throw new CommandException(
            "Runs cannot be written to %s: it is no folder, and none can be made there. Name another by --write-runs."
                .formatted(runFolder));
      }
    }
  }

  private IdenticalIds identicalIds() {
    for (IdenticalIds mode : IdenticalIds.values()) {
      if (mode.toString().equals(identicalIds)) {
        return mode;
      }
    }
    throw wrong("--identical-ids: use auto, leave-out or keep, not \"%s\"".formatted(identicalIds));
  }

  private HybridSearch fused(String text) {
    try {
      return HybridSearch.parse(
          text,
          List.of(Signal.values()),
          List.of(Signal.SPARSE, Signal.BM25, Signal.DENSE),
          Math.max(depth, HybridSearch.CANDIDATES));
    } catch (IllegalArgumentException e) {
      throw wrong("--fuse %s: %s".formatted(text, e.getMessage()));
    }
  }

  private void requireShares(String option, List<Float> values) {
    for (float value : values) {
      if (!(value > 0 && value <= 1)) {
        throw wrong("%s must be greater than 0 and at most 1: %s".formatted(option, value));
      }
    }
  }

  /** What it takes to repeat the evaluation. */
  private Map<String, String> notes() {
    Map<String, String> notes = new LinkedHashMap<>();
    notes.put(
        "command", "m3lex " + String.join(" ", spec.commandLine().getParseResult().originalArgs()));
    String version = Main.class.getPackage().getImplementationVersion();
    notes.put("m3lex", version == null ? "not packaged" : version);
    notes.put("Lucene", Version.LATEST.toString());
    notes.put("Java", Runtime.version() + ", " + System.getProperty("java.vendor"));
    notes.put(
        "machine",
        String.format(
            Locale.ROOT,
            "%s %s, %d processors, heap of at most %,d MiB",
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors(),
            Runtime.getRuntime().maxMemory() >> 20));
    notes.put("seed", Long.toString(seed));
    notes.put(
        "times",
        "encoding of the query, as measured when it was encoded, and search; one query at a time,"
            + " one thread, after a warm-up");
    return notes;
  }

  private void evaluate(EvaluationSettings settings, EvaluationConsole console, Results results)
      throws IOException {
    if (collectionOptions.runsAlone()) {
      finish(
          new CollectionEvaluation(settings, console)
              .evaluateRuns(
                  collectionOptions.name(),
                  collectionOptions.judgments(),
                  collectionOptions.queries()),
          console,
          results);
      return;
    }
    // All of them first: what is wrong with the last is no reason to have encoded the others.
    List<TestCollection> collections = collectionOptions.collections(notDocuments());
    if (collections.size() > 1 && !runs.isEmpty()) {
      throw wrong("--run belongs to one collection, but there are " + collections.size() + ".");
    }
    if (collectionOptions.vectors()) {
      evaluateVectors(collections.getFirst(), settings, console, results);
      return;
    }
    try (LexicalEncoder encoder =
        encoderOptions.open(
            weightOptions.applyTo(encoderOptions.settings()).withoutCloseOnExit())) {
      if (!encoder.hasTokenVectors()
          && settings.fused().stream()
              .anyMatch(search -> search.weights().containsKey(Signal.TOKENS))) {
        throw new CommandException(
            "--fuse: model %s has no head for token vectors; leave tokens out, or take --model bge-m3."
                .formatted(encoder.fingerprint().model()));
      }
      Optional<CachedEncoder> cache = cacheOptions.open(encoder);
      try {
        for (TestCollection collection : collections) {
          evaluate(
              collection, cache.isPresent() ? cache.get() : encoder, settings, console, results);
        }
        cache.ifPresent(this::printCache);
      } finally {
        cache.ifPresent(CachedEncoder::close);
      }
    }
  }

  /** What the command writes, or reads as something else, wherever it lies. */
  private Predicate<Path> notDocuments() {
    Predicate<Path> others = cacheOptions.folder().map(OwnOutput::folder).orElse(OwnOutput.NONE);
    for (Path run : runs) {
      others = others.or(OwnOutput.file(run));
    }
    if (runFolder != null) {
      others = others.or(OwnOutput.files(runFolder, RUN));
    }
    if (report != null) {
      others = others.or(OwnOutput.file(report));
    }
    return others;
  }

  private void printCache(CachedEncoder cache) {
    spec.commandLine()
        .getErr()
        .println(
            String.format(
                Locale.ROOT,
                "m3lex: %,d texts encoded, %,d taken from the cache",
                cache.encoded(),
                cache.found()));
  }

  private void evaluate(
      TestCollection collection,
      SparseEncoder encoder,
      EvaluationSettings settings,
      EvaluationConsole console,
      Results results)
      throws IOException {
    try (TemporaryFolder scratch = TemporaryFolder.create("m3lex-eval-")) {
      finish(
          new CollectionEvaluation(settings, console).evaluate(collection, encoder, scratch.path()),
          console,
          results);
    }
  }

  private void evaluateVectors(
      TestCollection collection,
      EvaluationSettings settings,
      EvaluationConsole console,
      Results results)
      throws IOException {
    try (TemporaryFolder scratch = TemporaryFolder.create("m3lex-eval-")) {
      finish(
          new CollectionEvaluation(settings, console)
              .evaluateVectors(
                  collection,
                  collectionOptions.corpus(),
                  collectionOptions.declared(),
                  scratch.path()),
          console,
          results);
    }
  }

  /** Computes the statistics of a collection, and shows it before the next is begun. */
  private void finish(CollectionResult result, EvaluationConsole console, Results results) {
    console.endCollection(result.collection());
    CollectionStatistics statistics = CollectionStatistics.of(result, seed);
    results.collections.add(statistics);
    if (!json) {
      tables().print(statistics);
      spec.commandLine().getOut().flush();
    }
    if (runFolder != null) {
      result.systems().forEach(system -> writeRun(result.collection(), system, results));
    }
  }

  private void writeReport(List<CollectionStatistics> all) throws IOException {
    StringWriter page = new StringWriter();
    HtmlReport.write(all, page);
    byte[] bytes = page.toString().getBytes(StandardCharsets.UTF_8);
    WholeFile.write(report, List.of(ByteBuffer.wrap(bytes)));
    spec.commandLine().getErr().println("m3lex: the report is in " + report);
  }

  /** A run that cannot be written is no reason to lose figures. */
  private void writeRun(String collection, SystemResult system, Results results) {
    String name = collection + "." + system.run().name();
    Path file = runFolder.resolve(name.replaceAll("[^\\p{L}\\p{M}\\p{N}._=-]", "_") + RUN);
    try {
      WholeFile.write(
          file,
          channel -> {
            Writer writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            system.run().write(writer);
          });
    } catch (IOException e) {
      results.faults.add("The run %s was not written: %s".formatted(file, reason(e)));
    }
  }
}
