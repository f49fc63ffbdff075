/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.m3lex.ModelFingerprint.Difference;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ModelFingerprintTest {

  @Test
  void hashIsOverTheComponentsInOrderOfTheirNames() {
    // printf 'a=1\nb=2\n' | sha256sum
    assertEquals(
        "4a73850fde34aad40ff8649b93a66523a5fe744357a3931caea0f10609d0d930",
        fingerprint("x", Map.of("b", "2", "a", "1")).sha256());
  }

  @Test
  void nameDoesNotCount() {
    assertEquals(fingerprint("x", Map.of("a", "1")), fingerprint("y", Map.of("a", "1")));
    assertNotEquals(fingerprint("x", Map.of("a", "1")), fingerprint("x", Map.of("a", "2")));
  }

  @Test
  void differencesNameTheComponents() {
    assertEquals(
        List.of(new Difference("b", "2", "3"), new Difference("c", null, "4")),
        fingerprint("x", Map.of("a", "1", "b", "2"))
            .differencesTo(fingerprint("x", Map.of("a", "1", "b", "3", "c", "4"))));
  }

  @Test
  void componentsCannotBeForgedByLineBreaks() {
    assertThrows(IllegalArgumentException.class, () -> fingerprint("x", Map.of("a", "1\nb=2")));
    assertThrows(IllegalArgumentException.class, () -> fingerprint("x", Map.of("a=1", "2")));
    assertThrows(IllegalArgumentException.class, () -> fingerprint("x", Map.of()));
    assertThrows(IllegalArgumentException.class, () -> ModelFingerprint.declared(" "));
  }

  /** UTF-8, over which the hash is, has no bytes for half a surrogate pair. */
  @Test
  void halvesOfSurrogatePairsAreRefused() {
    for (String half : List.of("model \ud800", "model \udc00", "\ude00\ud83d")) {
      assertThrows(IllegalArgumentException.class, () -> ModelFingerprint.declared(half));
      assertThrows(IllegalArgumentException.class, () -> fingerprint("x", Map.of(half, "1")));
    }
    assertNotEquals(
        ModelFingerprint.declared("\ud83d\ude00").sha256(),
        ModelFingerprint.declared("?").sha256());
  }

  private static ModelFingerprint fingerprint(String model, Map<String, String> components) {
    return new ModelFingerprint(model, new TreeMap<>(components));
  }
}
