/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.m3lex.index.ModelIdentity;
import java.io.ObjectInputStream;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/** What SECURITY.md says that no class does. */
@AnalyzeClasses(packages = "io.m3lex", importOptions = MainClasses.class)
class SecurityRulesTest {

  @ArchTest
  static final ArchRule OBJECTS_ARE_NOT_DESERIALISED =
      noClasses().should().dependOnClassesThat().areAssignableTo(ObjectInputStream.class);

  @ArchTest
  static final ArchRule JSON_DOES_NOT_CHOOSE_CLASSES =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("com.fasterxml.jackson.annotation.JsonTypeInfo")
          .orShould()
          .callMethodWhere(
              describe(
                  "lets JSON name classes",
                  call ->
                      call.getName().contains("efaultTyping")
                          && call.getTargetOwner().isAssignableTo(ObjectMapper.class)));

  /**
   * But for one class of ours by its own name, which Java cannot load without its vector module.
   */
  @ArchTest
  static final ArchRule CLASSES_AND_METHODS_ARE_NOT_LOOKED_UP_BY_NAME =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.m3lex.codec.BlockArithmetic")
          .should()
          .callMethod(Class.class, "forName", String.class)
          .orShould()
          .callMethod(Class.class, "forName", String.class, boolean.class, ClassLoader.class)
          .orShould()
          .callMethod(ClassLoader.class, "loadClass", String.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Method.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Constructor.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(AccessibleObject.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(URLClassLoader.class);

  @ArchTest
  static final ArchRule NO_PROGRAM_IS_STARTED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ProcessBuilder.class)
          .orShould()
          .callMethod(Runtime.class, "exec", String.class)
          .orShould()
          .callMethod(Runtime.class, "exec", String[].class);

  @ArchTest
  static final ArchRule NO_ARCHIVE_IS_INFLATED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ZipFile.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(ZipInputStream.class);

  /** Models are compared in one place, and a mismatch has one exception. */
  @ArchTest
  static final ArchRule MODELS_ARE_COMPARED_IN_ONE_PLACE =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(ModelFingerprint.class.getName())
          .and()
          .doNotHaveFullyQualifiedName(ModelIdentity.class.getName())
          .and()
          .doNotHaveFullyQualifiedName("io.m3lex.search.SegmentModel")
          .should()
          .callConstructor(ModelMismatchException.class, String.class)
          .orShould()
          .callMethod(ModelFingerprint.class, "equals", Object.class)
          .orShould()
          .callMethod(ModelFingerprint.class, "differencesTo", ModelFingerprint.class);
}
