package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the dependencies excluded that the README names, vectors made elsewhere are searched. */
class VectorsOnlyTest {

  private static final Pattern EXCLUSION =
      Pattern.compile(
          "<exclusion><groupId>(.*?)</groupId><artifactId>\\*</artifactId></exclusion>");

  /** What an application does that brings its own vectors. */
  static final class Program {

    private Program() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      ModelFingerprint model = ModelFingerprint.declared("elsewhere");
      try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, model)) {
        writer.put(
            SparseDocument.of("kettle", "text"), SparseVector.of(Map.of("scale", 2f)), model);
        writer.commit();
      }
      try (SparseIndex index = SparseIndex.openForVectors(folder, model)) {
        index
            .search(SparseVector.of(Map.of("scale", 1f, "pump", 1f)).from(model), 10)
            .forEach(hit -> System.out.println(hit.id() + " " + hit.score()));
      }
    }
  }

  @Test
  void indexAndSearchNeedNoNatives(@TempDir Path folder) throws Exception {
    List<String> excluded =
        EXCLUSION
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map((MatchResult match) -> match.group(1).replace('.', File.separatorChar))
            .toList();
    List<String> all =
        List.of(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)));
    for (String group : excluded) {
      assertTrue(all.stream().anyMatch(jar -> isOf(jar, group)), group + " is not there anyway");
    }
    String rest =
        all.stream()
            .filter(jar -> excluded.stream().noneMatch(group -> isOf(jar, group)))
            .collect(Collectors.joining(File.pathSeparator));
    for (String unwanted : List.of("pytorch", "onnxruntime", "tokenizers")) {
      assertTrue(
          Arrays.stream(rest.split(Pattern.quote(File.pathSeparator)))
              .noneMatch(jar -> Path.of(jar).getFileName().toString().contains(unwanted)),
          unwanted + " is still there");
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                rest,
                Program.class.getName(),
                folder.resolve("idx").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("kettle 2.0"), output);
  }

  private static boolean isOf(String jar, String group) {
    return jar.contains(File.separator + group + File.separator);
  }
}
