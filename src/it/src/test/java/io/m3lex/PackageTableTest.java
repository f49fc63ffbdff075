/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Holds the table of ARCHITECTURE.md: who may depend on whom. */
@AnalyzeClasses(packages = "io.m3lex", importOptions = MainClasses.class)
class PackageTableTest {

  private static final String[] JACKSON = {"com.fasterxml.jackson.."};
  private static final String[] LUCENE = {"org.apache.lucene.."};
  private static final String[] STEMMER = {"org.tartarus.snowball.."};

  @ArchTest static final ArchRule ROOT = only("io.m3lex", List.of("io.m3lex.util"));

  @ArchTest static final ArchRule UTIL = only("io.m3lex.util", List.of(), JACKSON);

  @ArchTest
  static final ArchRule CHECKPOINT = only("io.m3lex.checkpoint", List.of("io.m3lex.util"), JACKSON);

  @ArchTest
  static final ArchRule MODEL =
      only("io.m3lex.model", List.of("io.m3lex", "io.m3lex.util", "io.m3lex.checkpoint"), JACKSON);

  @ArchTest
  static final ArchRule ENCODER =
      only(
          "io.m3lex.encoder",
          List.of("io.m3lex", "io.m3lex.util", "io.m3lex.model", "io.m3lex.checkpoint"),
          JACKSON,
          new String[] {"ai.djl..", "ai.onnxruntime..", "org.slf4j.."},
          STEMMER);

  @ArchTest
  static final ArchRule PYTORCH =
      only(
          "io.m3lex.pytorch",
          List.of("io.m3lex.util", "io.m3lex.model", "io.m3lex.checkpoint", "io.m3lex.encoder"),
          new String[] {"ai.djl..", "org.slf4j.."});

  @ArchTest
  static final ArchRule CODEC =
      only("io.m3lex.codec", List.of(), LUCENE, new String[] {"jdk.incubator.vector.."});

  @ArchTest
  static final ArchRule SEARCH =
      only("io.m3lex.search", List.of("io.m3lex", "io.m3lex.codec"), LUCENE);

  @ArchTest
  static final ArchRule QUERY =
      only("io.m3lex.query", List.of("io.m3lex", "io.m3lex.util", "io.m3lex.search"), LUCENE);

  @ArchTest
  static final ArchRule INDEX =
      only(
          "io.m3lex.index",
          List.of("io.m3lex", "io.m3lex.util", "io.m3lex.codec", "io.m3lex.search"),
          LUCENE,
          new String[] {"com.fasterxml.jackson.core.."});

  @ArchTest
  static final ArchRule BM25 =
      only("io.m3lex.bm25", List.of("io.m3lex.index", "io.m3lex.search"), LUCENE);

  @ArchTest
  static final ArchRule CORPUS =
      only("io.m3lex.corpus", List.of("io.m3lex", "io.m3lex.util"), JACKSON);

  @ArchTest
  static final ArchRule EVALUATION =
      only(
          "io.m3lex.evaluation",
          List.of(
              "io.m3lex",
              "io.m3lex.util",
              "io.m3lex.index",
              "io.m3lex.search",
              "io.m3lex.bm25",
              "io.m3lex.corpus"),
          LUCENE,
          JACKSON,
          new String[] {"org.apache.commons.numbers.."});

  @ArchTest
  static final ArchRule OPENSEARCH =
      only(
          "io.m3lex.opensearch",
          List.of(
              "io.m3lex", "io.m3lex.util", "io.m3lex.codec", "io.m3lex.index", "io.m3lex.search"),
          JACKSON,
          new String[] {"javax.net.ssl.."});

  @ArchTest
  static final ArchRule LANGCHAIN4J =
      only(
          "io.m3lex.langchain4j",
          List.of("io.m3lex.index"),
          new String[] {"dev.langchain4j.data..", "dev.langchain4j.rag.."});

  @ArchTest
  static final ArchRule SPRING_AI =
      only(
          "io.m3lex.springai",
          List.of("io.m3lex.index"),
          new String[] {"org.springframework.ai.."});

  @ArchTest
  static final ArchRule TRAINING =
      only(
          "io.m3lex.training",
          List.of(
              "io.m3lex.util",
              "io.m3lex.checkpoint",
              "io.m3lex.model",
              "io.m3lex.encoder",
              "io.m3lex.corpus"));

  @ArchTest
  static final ArchRule SERVER =
      only(
          "io.m3lex.server",
          List.of(
              "io.m3lex",
              "io.m3lex.util",
              "io.m3lex.model",
              "io.m3lex.index",
              "io.m3lex.search",
              "io.m3lex.bm25"),
          LUCENE,
          JACKSON,
          new String[] {"org.eclipse.jetty..", "io.prometheus..", "org.slf4j.."});

  @ArchTest
  static final ArchRule OPENSEARCH_PLUGIN =
      only(
          "io.m3lex.opensearch.plugin",
          List.of(
              "io.m3lex",
              "io.m3lex.util",
              "io.m3lex.model",
              "io.m3lex.encoder",
              "io.m3lex.codec",
              "io.m3lex.search",
              "io.m3lex.index"),
          LUCENE,
          new String[] {"org.opensearch..", "org.apache.logging.log4j.."});

  @ArchTest
  static final ArchRule NO_CYCLES = slices().matching("io.m3lex.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_PRINTS =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.m3lex.cli")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  @ArchTest
  static final ArchRule NOTHING_IS_DESERIALISED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream");

  private static ArchRule only(String owner, List<String> packages, String[]... libraries) {
    String[] allowed =
        Stream.of(
                Stream.of(owner, "java.."),
                packages.stream(),
                Arrays.stream(libraries).flatMap(Arrays::stream))
            .flatMap(stream -> stream)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(owner)
        .should()
        .dependOnClassesThat(outside(allowed));
  }

  private static DescribedPredicate<JavaClass> outside(String[] allowed) {
    return JavaClass.Predicates.resideOutsideOfPackages(allowed)
        .and(
            DescribedPredicate.describe(
                "are no primitives or arrays of them",
                type -> !type.isPrimitive() && !type.getBaseComponentType().isPrimitive()));
  }
}
