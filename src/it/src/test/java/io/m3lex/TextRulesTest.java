/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.Executable;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Text is read strictly, and written alike in every locale. */
@AnalyzeClasses(packages = "io.m3lex", importOptions = MainClasses.class)
class TextRulesTest {

  /** Jackson takes bytes that are no UTF-8, and guesses at UTF-16. */
  @ArchTest
  static final ArchRule JSON_IS_READ_FROM_TEXT =
      noClasses()
          .should()
          .callMethodWhere(
              describe(
                  "reads JSON from bytes",
                  call ->
                      Set.of("readTree", "readValue", "createParser", "readValues")
                              .contains(call.getName())
                          && (call.getTargetOwner().isAssignableTo(ObjectMapper.class)
                              || call.getTargetOwner().isAssignableTo(ObjectReader.class)
                              || call.getTargetOwner().isAssignableTo(JsonFactory.class))
                          && call.getTarget().getRawParameterTypes().stream()
                              .anyMatch(
                                  type ->
                                      type.isEquivalentTo(byte[].class)
                                          || type.isAssignableTo(InputStream.class)
                                          || type.isAssignableTo(File.class))));

  /** Arabic has other digits, German another decimal sign, Turkish two more letters. */
  @ArchTest
  static final ArchRule NOTHING_DEPENDS_ON_THE_LOCALE =
      noClasses()
          .should()
          .callCodeUnitWhere(
              describe(
                  "takes the locale of the machine, though it could be told one",
                  call ->
                      !takesLocale(call.getTarget().getRawParameterTypes())
                          && overloads(call).anyMatch(TextRulesTest::takesLocale)))
          .orShould()
          .callConstructor(DecimalFormat.class)
          .orShould()
          .callConstructor(DecimalFormat.class, String.class)
          .orShould()
          .callMethod(Locale.class, "getDefault")
          .orShould()
          .callMethod(Locale.class, "getDefault", Locale.Category.class);

  /** Every call of {@link Planted} is found. */
  @ArchTest
  static void theLocaleIsSeenWhereItIsUsed(JavaClasses classes) {
    JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
    List<String> found =
        NOTHING_DEPENDS_ON_THE_LOCALE.evaluate(planted).getFailureReport().getDetails();
    assertEquals(Planted.CALLS, found.size(), () -> String.join("\n", found));
  }

  private static boolean takesLocale(List<JavaClass> parameters) {
    return parameters.stream().anyMatch(type -> type.isEquivalentTo(Locale.class));
  }

  private static boolean takesLocale(Executable overload) {
    return List.of(overload.getParameterTypes()).contains(Locale.class);
  }

  /** What has the same name in the same class of Java's. */
  private static Stream<Executable> overloads(JavaCall<?> call) {
    if (!call.getTargetOwner().getPackageName().startsWith("java.")) {
      return Stream.of();
    }
    Class<?> owner = call.getTargetOwner().reflect();
    return call.getName().equals(JavaConstructor.CONSTRUCTOR_NAME)
        ? Stream.of(owner.getConstructors())
        : Stream.<Executable>of(owner.getMethods())
            .filter(method -> method.getName().equals(call.getName()));
  }

  /** Calls that depend on the locale, and some that do not. */
  private static final class Planted {
    static final int CALLS = 11;

    static Object wrong(String text, PrintStream out, PrintWriter writer) throws IOException {
      out.printf("%d", 1);
      out.format("%s", text);
      writer.printf("%.4f", 1.0);
      try (Formatter formatter = new Formatter(new StringBuilder())) {
        formatter.format("%e", 1.0);
      }
      return List.of(
          String.format("%,d", 1),
          text.toUpperCase(),
          NumberFormat.getInstance(),
          new DecimalFormat("0.0"),
          new SimpleDateFormat("yyyy"),
          DateTimeFormatter.ofPattern("yyyy"));
    }

    static Object right(String text, PrintStream out) {
      out.printf(Locale.ROOT, "%d", 1);
      out.println(1);
      return List.of(
          String.format(Locale.ROOT, "%,d", 1),
          text.toUpperCase(Locale.ROOT),
          NumberFormat.getInstance(Locale.ROOT),
          new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)),
          "%s".formatted(text));
    }
  }
}
