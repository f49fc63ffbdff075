package io.m3lex;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.io.InputStream;
import java.util.Set;

/** Text is read strictly, and written alike in every locale. */
@AnalyzeClasses(packages = "io.m3lex", importOptions = ImportOption.DoNotIncludeTests.class)
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

  @ArchTest
  static final ArchRule CASE_DOES_NOT_DEPEND_ON_THE_LOCALE =
      noClasses()
          .should()
          .callMethod(String.class, "toLowerCase")
          .orShould()
          .callMethod(String.class, "toUpperCase");
}
