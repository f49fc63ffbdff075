/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.evaluation.Evaluation;
import io.m3lex.evaluation.Measure;
import io.m3lex.evaluation.Qrels;
import io.m3lex.evaluation.Queries;
import io.m3lex.evaluation.Run;
import io.m3lex.evaluation.RunCheck;
import io.m3lex.evaluation.TrecEval;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * The time to evaluate a run beside trec_eval's own program: both as a process of their own that
 * reads the same files, start included, in turns. The means must be the same to four decimals. Run
 * by {@code benchmarks/measures}.
 */
@CommandLine.Command(name = "measures", mixinStandardHelpOptions = true)
public final class MeasuresBenchmark implements Callable<Integer> {

  /** What is measured, and how trec_eval calls it as an option and in its output. */
  private static final Map<String, List<String>> MEASURES =
      Map.of(
          "nDCG@10", List.of("ndcg_cut.10", "ndcg_cut_10"),
          "nDCG", List.of("ndcg", "ndcg"),
          "AP", List.of("map", "map"),
          "RR", List.of("recip_rank", "recip_rank"),
          "R@1000", List.of("recall.1000", "recall_1000"));

  private static final int ROUNDS = 3;
  private static final int COLLECTION = 9_000_000;
  private static final int JUDGED = 40;

  /** How the run is read. */
  enum Reading {
    STREAMED,
    KEPT
  }

  @Option(names = "--queries", description = "how many (default: 7000)")
  private int queries = 7_000;

  @Option(names = "--depth", description = "documents found for each (default: 1000)")
  private int depth = 1_000;

  @Option(
      names = "--folder",
      description = "where the files are written (default: a temporary one)")
  private Path folder;

  @Option(names = "--heap", description = "greatest heap of m3lex (default: 512m)")
  private String heap = "512m";

  @Option(names = "--seed", description = "of the files (default: 1)")
  private long seed = 1;

  /** With three arguments it is the process that is measured: how to read, qrels, run. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 3 && !arguments[0].startsWith("-")) {
      evaluate(Reading.valueOf(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
    } else {
      System.exit(new CommandLine(new MeasuresBenchmark()).execute(arguments));
    }
  }

  private static void evaluate(Reading reading, Path qrelsFile, Path runFile) throws IOException {
    List<Measure> measures = MEASURES.keySet().stream().map(Measure::parse).toList();
    Qrels qrels = Qrels.read(qrelsFile);
    Map<Measure, Map<String, Double>> values;
    if (reading == Reading.STREAMED) {
      values = Evaluation.measure(runFile, qrels, measures, Queries.JUDGED, id -> true).values();
    } else {
      Run run = Run.read(runFile);
      RunCheck.of(run, qrels);
      values = Evaluation.perQuery(run, qrels, measures, Queries.JUDGED);
    }
    values.forEach(
        (measure, perQuery) -> System.out.println(measure + "\t" + Evaluation.mean(perQuery)));
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      try (Stream<String> lines = Files.lines(status)) {
        lines.filter(line -> line.startsWith("VmHWM:")).forEach(System.out::println);
      }
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path temporary = Files.createTempDirectory("m3lex-measures");
    Path to = folder == null ? temporary : Files.createDirectories(folder);
    Path qrels = to.resolve("qrels.txt");
    Path run = to.resolve("run.txt");
    Path apart = to.resolve("run-apart.txt");
    TrecEval trecEval = TrecEval.unpack(temporary).orElse(null);
    if (trecEval == null) {
      System.err.println("There is no trec_eval for this platform to compare with.");
      return 1;
    }
    try {
      generate(qrels, run, apart);
      System.out.printf(
          "%d queries × %d documents, %.0f MB, seed %d; seconds, the best of %d%n",
          queries, depth, Files.size(run) / 1e6, seed, ROUNDS);
      compare(trecEval, Reading.STREAMED, "streamed", qrels, run);
      compare(trecEval, Reading.KEPT, "kept in memory", qrels, run);
      compare(trecEval, Reading.STREAMED, "lines of a query apart", qrels, apart);
      return 0;
    } finally {
      try (Stream<Path> left = Files.list(temporary)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(temporary);
    }
  }

  private void compare(TrecEval trecEval, Reading reading, String what, Path qrels, Path run)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("-c"));
    MEASURES.values().forEach(names -> options.addAll(List.of("-m", names.getFirst())));
    double theirs = Double.POSITIVE_INFINITY;
    double ours = Double.POSITIVE_INFINITY;
    String memory = "";
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      Map<String, Map<String, Double>> expected =
          trecEval.values(qrels, run, options.toArray(String[]::new));
      long middle = System.nanoTime();
      Map<String, String> actual = measure(reading, qrels, run);
      long end = System.nanoTime();
      theirs = Math.min(theirs, (middle - start) / 1e9);
      ours = Math.min(ours, (end - middle) / 1e9);
      memory = actual.getOrDefault("VmHWM:", "unknown").strip();
      MEASURES.forEach(
          (measure, names) -> {
            double mean = expected.get(names.getLast()).get(TrecEval.MEAN);
            if (Math.abs(mean - Double.parseDouble(actual.get(measure))) > 0.5e-4 + 1e-9) {
              throw new IllegalStateException(
                  "%s is %s, trec_eval has %s".formatted(measure, actual.get(measure), mean));
            }
          });
    }
    System.out.printf(
        "%-23s trec_eval %.2f, m3lex %.2f, ratio %.2f, peak memory %s%n",
        what, theirs, ours, ours / theirs, memory);
  }

  private Map<String, String> measure(Reading reading, Path qrels, Path run)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                MeasuresBenchmark.class.getName(),
                reading.name(),
                qrels.toString(),
                run.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Map<String, String> values = new LinkedHashMap<>();
    try (Stream<String> lines = process.inputReader(StandardCharsets.UTF_8).lines()) {
      lines.map(line -> line.split("\t", 2)).forEach(columns -> values.put(columns[0], columns[1]));
    }
    if (process.waitFor() != 0) {
      throw new IOException("m3lex failed on " + run);
    }
    return values;
  }

  /** A run, the same with its lines in another order, and its judgments. */
  private void generate(Path qrelsFile, Path runFile, Path apartFile) throws IOException {
    Random random = new Random(seed);
    try (BufferedWriter qrels = Files.newBufferedWriter(qrelsFile);
        BufferedWriter run = Files.newBufferedWriter(runFile);
        BufferedWriter apart = Files.newBufferedWriter(apartFile)) {
      // Two halves of the queries take turns: enough to bring every query back.
      List<String> lines = new ArrayList<>();
      for (int q = 0; q < queries; q++) {
        String query = Integer.toString(1_000_000 + 37 * q);
        List<Integer> documents = new ArrayList<>();
        int document = random.nextInt(COLLECTION);
        for (int i = 0; i < depth; i++) {
          documents.add(document);
          document = (document + 1 + random.nextInt(COLLECTION / (depth + 1))) % COLLECTION;
        }
        Collections.shuffle(documents, random);
        double score = 30;
        for (int i = 0; i < depth; i++) {
          score -= random.nextInt(4) * 0.0042;
          String line =
              query + " Q0 " + documents.get(i) + " " + (i + 1) + " " + (float) score + " m3lex\n";
          run.write(line);
          lines.add(line);
        }
        if (q % 2 == 1 || q == queries - 1) {
          for (int i = 0; i < depth; i++) {
            for (int from = i; from < lines.size(); from += depth) {
              apart.write(lines.get(from));
            }
          }
          lines.clear();
        }
        for (int i = 0; i < JUDGED; i++) {
          // Some are found; the others lie beyond the collection.
          int judged = i < 8 ? documents.get(i * depth / 8) : COLLECTION + i;
          qrels.write(query + " 0 " + judged + " " + random.nextInt(4) + "\n");
        }
      }
    }
  }
}
