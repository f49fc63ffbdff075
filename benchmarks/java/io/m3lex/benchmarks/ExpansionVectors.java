/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.SparseVector;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/**
 * Vectors like those of SPLADE, which adds features that the text does not have: real queries, and
 * documents made of them. A document begins with a query and goes on to others, each of which has a
 * feature of the document, drawn by weight; until there are 200 to 300 features. So features occur
 * together as they do in the queries. Every query's weights in a document are multiplied by 1, then
 * 0.8, 0.64 and so on down to 0.2, each by log-normal noise (sigma 0.3).
 */
final class ExpansionVectors implements VectorCorpus {

  private final List<SparseVector> queries = new ArrayList<>();
  private final Map<String, int[]> queriesOf = new HashMap<>();
  private final String description;

  private ExpansionVectors(List<Map<String, Float>> vectors, String description) {
    this.description = description;
    Map<String, List<Integer>> found = new HashMap<>();
    for (Map<String, Float> vector : vectors) {
      for (String feature : vector.keySet()) {
        found.computeIfAbsent(feature, any -> new ArrayList<>()).add(queries.size());
      }
      queries.add(SparseVector.of(vector));
    }
    found.forEach(
        (feature, numbers) ->
            queriesOf.put(feature, numbers.stream().mapToInt(Integer::intValue).toArray()));
  }

  /** Reads queries: an id, a tab, and every feature as often as a hundredth of its weight says. */
  static ExpansionVectors read(Path file) throws IOException {
    List<Map<String, Float>> vectors = new ArrayList<>();
    try (InputStream bytes = Files.newInputStream(file);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(bytes), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String feature : line.substring(line.indexOf('\t') + 1).split(" ")) {
          counts.merge(feature, 1, Integer::sum);
        }
        Map<String, Float> vector = new HashMap<>();
        counts.forEach((feature, count) -> vector.put(feature, count / 100f));
        vectors.add(vector);
      }
    }
    return new ExpansionVectors(vectors, "%,d real queries".formatted(vectors.size()));
  }

  /** Makes queries up: 15 to 45 features of one of 1,500 topics, the common ones likelier. */
  static ExpansionVectors generate(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] topics = new int[1_500][120];
    for (int[] topic : topics) {
      for (int i = 0; i < topic.length; i++) {
        topic[i] = (int) Math.pow(28_000, random.nextDouble());
      }
    }
    List<Map<String, Float>> vectors = new ArrayList<>();
    for (int q = 0; q < 7_000; q++) {
      int[] topic = topics[random.nextInt(topics.length)];
      Map<String, Float> vector = new HashMap<>();
      int size = 15 + random.nextInt(31);
      for (int i = 0; i < size; i++) {
        float weight = (float) (0.9 * Math.exp(-2.0 * i / size + 0.3 * random.nextGaussian()));
        int feature = topic[(int) (topic.length * Math.pow(random.nextDouble(), 2))];
        vector.merge(Integer.toString(feature), Math.max(0.01f, weight), Math::max);
      }
      vectors.add(vector);
    }
    return new ExpansionVectors(vectors, "7,000 queries made up by topic");
  }

  @Override
  public String family() {
    return "expansion-like";
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public SparseVector document(int number) {
    SplittableRandom random = new SplittableRandom(number);
    int size = 200 + random.nextInt(101);
    Map<String, Float> vector = new HashMap<>();
    SparseVector query = queries.get(random.nextInt(queries.size()));
    float factor = 1;
    while (true) {
      for (int i = 0; i < query.size() && vector.size() < size; i++) {
        float noise = (float) Math.exp(0.3 * random.nextGaussian());
        vector.merge(query.feature(i), factor * noise * query.weight(i), Math::max);
      }
      if (vector.size() >= size) {
        return SparseVector.of(vector);
      }
      String feature = draw(random.nextInt(8) == 0 ? any(random) : query, random);
      int[] others = queriesOf.get(feature);
      query = queries.get(others[random.nextInt(others.length)]);
      factor = Math.max(0.2f, factor * 0.8f);
    }
  }

  private SparseVector any(SplittableRandom random) {
    return queries.get(random.nextInt(queries.size()));
  }

  private static String draw(SparseVector query, SplittableRandom random) {
    double total = 0;
    for (int i = 0; i < query.size(); i++) {
      total += query.weight(i);
    }
    double rest = random.nextDouble() * total;
    int drawn = 0;
    while (drawn < query.size() - 1 && (rest -= query.weight(drawn)) > 0) {
      drawn++;
    }
    return query.feature(drawn);
  }

  @Override
  public List<SparseVector> queries(int count) {
    SplittableRandom random = new SplittableRandom(-1);
    List<SparseVector> drawn = new ArrayList<>(count);
    while (drawn.size() < count) {
      drawn.add(any(random));
    }
    return drawn;
  }
}
