/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link String#formatted} takes no locale: numbers would come out in the digits and with the
 * decimal signs of the one that the program runs in. Only texts are written with it; {@link
 * TextRulesTest} sees to the calls that could take a locale.
 */
class FormattedTextTest {

  private static final Pattern CONVERSION =
      Pattern.compile("%(?:\\d+\\$)?[-#+ 0,(<]*\\d*(?:\\.\\d+)?([tT]?.)");

  /** The conversions that are the same in every locale; %S would not be. */
  private static final String PLAIN = "sbcn%";

  @Test
  void numbersAreNotWrittenInTheDigitsOfTheLocale() throws IOException {
    List<JavaFileObject> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Checkout.file("src"))) {
      for (Path file : files.filter(FormattedTextTest::isMain).toList()) {
        sources.add(new Source(file.toUri(), Files.readString(file)));
      }
    }
    assertEquals(List.of(), faults(sources), "use String.format(Locale.ROOT, …)");
  }

  private static boolean isMain(Path path) {
    return path.toString().contains(Path.of("src", "main", "java").toString())
        && path.toString().endsWith(".java");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"%d of them\".formatted(n)",
        "\"%s: %,d\".formatted(n, n)",
        "\"%2$.4f\".formatted(n, n)",
        "\"%-8.3e\".formatted(n)",
        "\"%g\".formatted(n)",
        "\"%04x\".formatted(n)",
        "\"%S\".formatted(n)",
        "\"%tY\".formatted(n)",
        "\"%,(010d\".formatted(n)",
        "(\"%s\" + \" and %d\").formatted(n, n)",
        "\"\"\"\n  %d\n  \"\"\".formatted(n)",
        "Stream.of(1).map(\"%d\"::formatted)",
        "text.formatted(n)",
        "(\"%s\" + text).formatted(n)",
      })
  void aNumberIsFound(String expression) throws IOException {
    assertEquals(1, faults(List.of(planted(expression))).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"%s, %-20s and 100 %%d%n\".formatted(n, n)",
        "(\"%1$s\" + \"d\").formatted(n)",
        "Stream.of(text).map(\"%s\"::formatted)",
        "String.format(Locale.ROOT, \"%d\", n)",
        "\"\\\"%d\\\".formatted(n)\"",
        "text.length() /* \"%d\".formatted(n) */",
      })
  void textIsNot(String expression) throws IOException {
    assertEquals(List.of(), faults(List.of(planted(expression))));
  }

  private static JavaFileObject planted(String expression) {
    return new Source(
        URI.create("string:///Planted.java"),
        "class Planted { Object of(int n, String text) { return " + expression + "; } }");
  }

  /** The calls that could write a number, each with its file and line. */
  private static List<String> faults(List<JavaFileObject> sources) throws IOException {
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, List.of("-proc:none"), null, sources);
    SourcePositions positions = Trees.instance(task).getSourcePositions();
    List<String> faults = new ArrayList<>();
    for (CompilationUnitTree unit : task.parse()) {
      new Calls(unit, positions, faults).scan(unit, null);
    }
    return faults;
  }

  private static final class Calls extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> faults;

    Calls(CompilationUnitTree unit, SourcePositions positions, List<String> faults) {
      this.unit = unit;
      this.positions = positions;
      this.faults = faults;
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree select, Void nothing) {
      if (select.getIdentifier().contentEquals("formatted")) {
        check(select.getExpression());
      }
      return super.visitMemberSelect(select, nothing);
    }

    @Override
    public Void visitMemberReference(MemberReferenceTree reference, Void nothing) {
      if (reference.getName().contentEquals("formatted")) {
        check(reference.getQualifierExpression());
      }
      return super.visitMemberReference(reference, nothing);
    }

    /** A format that does not stand where it is used cannot be checked, so it is a fault. */
    private void check(ExpressionTree format) {
      if (!text(format).map(Calls::isPlain).orElse(false)) {
        long line = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, format));
        faults.add(unit.getSourceFile().getName() + ":" + line + ": " + format);
      }
    }

    private static Optional<String> text(ExpressionTree format) {
      return switch (format) {
        case LiteralTree literal -> Optional.of(String.valueOf(literal.getValue()));
        case ParenthesizedTree inner -> text(inner.getExpression());
        case BinaryTree sum ->
            text(sum.getLeftOperand())
                .flatMap(left -> text(sum.getRightOperand()).map(right -> left + right));
        default -> Optional.empty();
      };
    }

    private static boolean isPlain(String format) {
      return CONVERSION.matcher(format).results().allMatch(c -> PLAIN.contains(c.group(1)));
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String code;

    Source(URI uri, String code) {
      super(uri, Kind.SOURCE);
      this.code = code;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return code;
    }
  }
}
