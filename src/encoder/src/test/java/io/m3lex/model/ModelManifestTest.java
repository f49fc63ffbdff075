/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.Rounds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelManifestTest {

  private static final ModelManifest MANIFEST =
      TestModel.draft(HeadForm.M3).withGolden(TestModel.GOLDEN);

  @Test
  void readsWhatItWrites() {
    byte[] json = MANIFEST.toJson();
    ModelManifest read = ManifestFormat.parse(json, "m.json");
    assertEquals(MANIFEST, read);
    assertArrayEquals(json, read.toJson());
  }

  @Test
  void writesForPeople() {
    String json = new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
    assertTrue(json.startsWith("{\n  \"formatVersion\": 1,\n  \"name\": \"test-model\",\n"), json);
    assertTrue(
        json.contains(
            """
              "head": {
                "feature": "token-id",
                "pooling": "max",
                "queries": "shared",
                "prior": "none"
              },
            """),
        json);
    assertTrue(json.contains("\"role\": \"encoder\""), json);
    assertTrue(
        json.endsWith(
            """
                  {
                    "text": "heat transfer",
                    "role": "document",
                    "weights": {
                      "3684": 0.5
                    }
                  }
                ]
              }
            }
            """),
        json);
  }

  @Test
  void absentHeadPropertiesAreTheFormOfM3() throws IOException {
    String json =
        new ObjectMapper()
            .readTree(MANIFEST.toJson())
            .toString()
            .replaceFirst("\"head\":\\{[^}]*\\}", "\"head\":{\"pooling\":\"saturated-sum\"}");
    HeadForm head = ManifestFormat.parse(json.getBytes(StandardCharsets.UTF_8), "m.json").head();
    assertEquals(new HeadForm(null, HeadForm.Pooling.SATURATED_SUM, null, null, null), head);
    assertEquals(HeadForm.Feature.TOKEN_ID, head.feature());
  }

  @Test
  void brokenManifestsAreRefusedWithTheirPlace() {
    assertRefused("(column 19)", "{\"formatVersion\": ");
    assertRefused("formatVersion is missing", "[]");
    assertRefused("formatVersion is missing", "{}");
    assertRefused("formatVersion is 2", changed("\"formatVersion\": 1", "\"formatVersion\": 2"));
    assertRefused("is empty", "");
    assertRefused("git lfs pull", "version https://git-lfs.github.com/spec/v1\n");
    assertRefused("Duplicate", changed("\"name\":", "\"name\": \"x\", \"name\":"));
    assertRefused("half of a character: \\ud83d", changed("the head is", "half \\ud83d is"));
    assertRefused("surrogate in field name", changed("\"command\"", "\"\\udc00x\""));
    assertRefused("follows the end", changed("\n}\n", "\n}\n{}"));
  }

  @Test
  void unknownPropertiesAreRefusedByName() {
    assertRefused(
        "unknown property \"pooling2\" (at head.pooling2)",
        changed("\"pooling\": \"max\"", "\"pooling\": \"max\", \"pooling2\": \"max\""));
    assertRefused(
        "unknown property \"md5\" (at files[0].md5)",
        changed("\"role\": \"encoder\"", "\"role\": \"encoder\", \"md5\": \"\""));
    assertRefused("(at head.pooling)", changed("\"pooling\": \"max\"", "\"pooling\": \"mean\""));
  }

  @Test
  void wrongValuesAreRefused() {
    assertRefused("(at files[0].role)", changed("\"role\": \"encoder\"", "\"role\": \"engine\""));
    assertRefused(
        "exactly one file of the role HEAD", changed("\"role\": \"head\"", "\"role\": \"config\""));
    assertRefused("sha256 of model.onnx", changed("\"sha256\": \"00", "\"sha256\": \"0G"));
    assertRefused(
        "hiddenSize must be positive", changed("\"hiddenSize\": 384", "\"hiddenSize\": 0"));
    assertRefused("hiddenSize", changed("\"hiddenSize\": 384", "\"hiddenSize\": 384.5"));
    assertRefused("hiddenSize", changed("\"hiddenSize\": 384", "\"hiddenSize\": null"));
    assertRefused("hiddenSize", changed("\"hiddenSize\": 384", "\"hiddenSize\": \"384\""));
    assertRefused("architecture must be one", changed("\"bert\"", "\" \""));
    assertRefused("output must be one", changed("\"last_hidden_state\"", "\"a\\nb\""));
    assertRefused(
        "vocabularySize must be", changed("\"vocabularySize\": 30522", "\"vocabularySize\": 0"));
    assertRefused("maxTokens must be", changed("\"maxTokens\": 512", "\"maxTokens\": 0"));
    assertEquals(1, new EncoderOutput("a", "b", 1, 1, 1).maxTokens());
    assertRefused("must be finite", changed("\"3684\": 0.5", "\"3684\": -0.5"));
    assertRefused("tolerance", changed("\"tolerance\": 1.0E-4", "\"tolerance\": -1"));
    assertRefused("name must consist", changed("\"test-model\"", "\"../test\""));
    assertRefused(
        "must hold finite numbers only", changed("\"nDCG@10\": 0.25", "\"a\": [1, 1e999]"));
    assertRefused(
        "config.json",
        changed("/bge-small-en-v1.5-q.onnx", "/x").replace("model.onnx", "model.bin"));
    assertRefused("name tokenizer.json twice", changed("\"model.onnx\"", "\"tokenizer.json\""));
  }

  @Test
  void pathsThatLeadOutOfTheFolderAreRefused() {
    for (String path :
        List.of(
            "../model.onnx",
            "a/../../b",
            "/etc/passwd",
            "C:model",
            "a\\\\b",
            "",
            ".",
            "a//b",
            "a/",
            "a=b",
            "a\\nb")) {
      assertRefused("path", changed("\"model.onnx\"", "\"" + path + "\""));
      if (!path.equals("/etc/passwd")) {
        assertRefused("", changed("\"/bge-small-en-v1.5-q.onnx\"", "\"/" + path + "\""));
      }
    }
    ModelFile nested = ModelFile.unmeasured("onnx/model..v2.onnx", null, FileRole.ENCODER);
    assertEquals("onnx/model..v2.onnx", nested.path());
  }

  @Test
  void folderWithoutManifestSaysWhatToDo(@TempDir Path folder) throws IOException {
    ModelVerificationException e =
        assertThrows(ModelVerificationException.class, () -> ModelManifest.ofFolder(folder));
    assertTrue(e.getMessage().contains("there is no such file"), e.getMessage());
    assertTrue(e.getMessage().contains("lock the folder"), e.getMessage());
    e =
        assertThrows(
            ModelVerificationException.class,
            () -> ModelManifest.ofFolder(folder.resolve("nowhere")));
    assertTrue(e.getMessage().contains("there is no such folder"), e.getMessage());
    Path file = Files.createDirectory(folder.resolve(ModelManifest.FILE_NAME));
    e = assertThrows(ModelVerificationException.class, () -> ModelManifest.ofFolder(folder));
    assertTrue(e.getMessage().contains("cannot be read"), e.getMessage());
    Files.delete(file);
    Files.write(file, MANIFEST.toJson());
    assertEquals(MANIFEST, ModelManifest.ofFolder(folder));
  }

  @Test
  void damagedManifestsEndCleanly() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] whole = MANIFEST.toJson();
    String[] values = {"null", "[]", "{}", "-1", "\"\"", "1e99", "[null]", "true"};
    int rounds = Rounds.of(2_000);
    int refused = 0;
    for (int round = 0; round < rounds; round++) {
      String json = new String(whole, StandardCharsets.UTF_8);
      int at = random.nextInt(json.length());
      if (random.nextBoolean()) {
        // Another value in place of the next one.
        int colon = json.indexOf(':', at);
        int end = json.indexOf('\n', Math.max(colon, 0));
        if (colon >= 0) {
          json =
              json.substring(0, colon + 1)
                  + values[random.nextInt(values.length)]
                  + (json.charAt(end - 1) == ',' ? "," : "")
                  + json.substring(end);
        }
      } else {
        json = json.substring(0, at) + (char) random.nextInt(256) + json.substring(at + 1);
      }
      try {
        ManifestFormat.parse(json.getBytes(StandardCharsets.ISO_8859_1), "m.json");
      } catch (ModelVerificationException e) {
        refused++;
        assertFalse(e.getMessage().contains("m.json: null"), "seed " + seed + ": " + e);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", round " + round + ": " + json, e);
      }
    }
    assertTrue(refused > rounds / 4, "seed " + seed + ": refused " + refused);
  }

  @Test
  void shippedCatalogueCanBeRead() {
    ModelCatalog catalog = ModelCatalog.shipped();
    assertFalse(catalog.manifests().isEmpty());
    for (ModelManifest manifest : catalog.manifests()) {
      assertEquals(manifest, catalog.manifest(manifest.name()));
    }
    NoSuchElementException e =
        assertThrows(NoSuchElementException.class, () -> catalog.manifest("no model"));
    assertTrue(e.getMessage().contains("\"no model\""), e.getMessage());
  }

  private static String changed(String from, String to) {
    String json = new String(MANIFEST.toJson(), StandardCharsets.UTF_8);
    assertTrue(json.contains(from), from + " is not in " + json);
    int at = json.indexOf(from);
    return json.substring(0, at) + to + json.substring(at + from.length());
  }

  private static void assertRefused(String reason, String json) {
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> ManifestFormat.parse(json.getBytes(StandardCharsets.UTF_8), "m.json"),
            reason);
    assertTrue(e.getMessage().contains("m.json"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), reason + " is not in " + e.getMessage());
    assertEquals(Fault.WrongManifest.class, e.report().faults().get(0).getClass());
  }
}
