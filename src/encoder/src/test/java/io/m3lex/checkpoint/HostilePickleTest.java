/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pickles that are no state dict, or want to be more than one. Written as Latin-1, byte by byte.
 */
class HostilePickleTest {

  private static final String PROTO = "\u0080\u0002";
  private static final String ORDERED_DICT = "ccollections\nOrderedDict\n)R";
  private static final String STORAGE =
      "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\u0006tQ";

  @TempDir Path folder;

  /** A tensor of the storage of six floats: offset, shape and strides as instructions. */
  private static String tensor(String offset, String shape, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n("
        + STORAGE
        + offset
        + shape
        + strides
        + "\u0089"
        + ORDERED_DICT
        + "tR";
  }

  private static String tensor() {
    return tensor("K\0", "K\2K\3\u0086", "K\3K\1\u0086");
  }

  private static String text(String text) {
    return "X" + (char) text.length() + "\0\0\0" + text;
  }

  private static String dict(String name, String value) {
    return PROTO + "}" + text(name) + value + "s.";
  }

  @Test
  void readsAStateDictWrittenByHand() throws IOException {
    for (String pickle :
        List.of(
            dict("w", tensor()),
            PROTO + ORDERED_DICT + "(" + text("w") + tensor() + "u.",
            dict("state_dict", "}" + text("w") + tensor() + "s"),
            dict("w", "ctorch._utils\n_rebuild_parameter\n(" + tensor() + "\u0088" + "}tR"),
            // As protocol 4 has it: frames, short strings, names from the stack, the memo.
            "\u0080\u0004\u0095\u00ff\0\0\0\0\0\0\0\u008c\u000bcollections\u0094\u008c\u000bOrderedDict"
                + "\u0094\u0093)R\u0094\u008c\1w\u0094"
                + tensor()
                + "\u0094s.",
            PROTO + ORDERED_DICT + text("w") + tensor() + "s}" + text("_metadata") + "}sb.")) {
      SortedMap<String, Tensor> tensors = read(pickle);
      assertEquals("[w F32[2, 3]]", tensors.values().toString());
      assertEquals(24, tensors.get("w").data().remaining());
    }
  }

  @Test
  void refusesWhatWantsToRunCodeByItsName() {
    String nothing = "such a file could run any program; nothing was executed";
    for (String[] call :
        new String[][] {
          {"os.system", PROTO + "cos\nsystem\n(" + text("id") + "tR."},
          {"posix.system", dict("w", "cposix\nsystem\n" + text("id") + "\u0085R")},
          {"builtins.eval", PROTO + "cbuiltins\neval\n" + text("1") + "\u0085R."},
          {"__builtin__.getattr", PROTO + "}" + text("w") + tensor() + "sc__builtin__\ngetattr\n."},
          {"nt.system", PROTO + text("nt") + text("system") + "\u0093."},
          {"os.system", PROTO + "(" + text("id") + "ios\nsystem\n."},
          {"torch.load", PROTO + "ctorch\nload\n."},
          {
            "torch._utils._rebuild_tensor_v2.__globals__",
            PROTO + "ctorch._utils\n" + "_rebuild_tensor_v2.__globals__\n."
          },
          {"collections.OrderedDict.update", PROTO + "ccollections\nOrderedDict.update\n."},
          {
            "numpy.core.multiarray._reconstruct",
            dict("w", "cnumpy.core.multiarray\n_reconstruct\n")
          },
        }) {
      assertRefused("asks for " + call[0] + ", ", call[1]);
      assertRefused(nothing, call[1]);
    }
  }

  @Test
  void refusesInstructionsThatNoStateDictNeeds() {
    assertRefused("instruction 0x6f", PROTO + "(ccollections\nOrderedDict\no.");
    assertRefused("instruction 0x81", PROTO + "ccollections\nOrderedDict\n)\u0081.");
    assertRefused("instruction 0x82", PROTO + "\u0082\1.");
    assertRefused("instruction 0x50", PROTO + "P1\n.");
    assertRefused("instruction 0x32", PROTO + "}2.");
    assertRefused("instruction 0x69", PROTO + "(icollections\nOrderedDict\n.");
    assertRefused("does not start with its protocol", "(dp0\n.");
    assertRefused("protocol 9", "\u0080\u0009}.");
  }

  @Test
  void refusesCallsThatDoNotFit() {
    assertRefused("a call of torch.FloatStorage", PROTO + "ctorch\nFloatStorage\n)R.");
    assertRefused(
        "a call of collections.OrderedDict with 1",
        PROTO + "ccollections\nOrderedDict\n" + "]\u0085R.");
    assertRefused("a call of text", PROTO + text("os.system") + ")R.");
    assertRefused("instead of its arguments", PROTO + "ccollections\nOrderedDict\n]R.");
    assertRefused(
        "a call of torch._utils._rebuild_parameter",
        PROTO + "ctorch._utils\n_rebuild_parameter\n(NNNtR.");
    assertRefused("no storage", PROTO + "ctorch._utils\n_rebuild_tensor_v2\n(NNNNNNtR.");
    assertRefused("attributes of a dictionary", PROTO + ORDERED_DICT + "}" + text("a") + "Nsb.");
    assertRefused("attributes of a dictionary", PROTO + "}}b.");
    assertRefused("attributes of a tensor", dict("w", tensor() + "}b"));
    assertRefused("adds to a dictionary, and finds a list", PROTO + "]" + text("a") + "Ns.");
    assertRefused("and finds a dictionary", PROTO + "}Na.");
    assertRefused("key without a value", PROTO + "}(" + text("a") + "u.");
    assertRefused("two values named \"a\"", PROTO + "}(" + text("a") + "N" + text("a") + "Nu.");
    assertRefused("refer to a storage", PROTO + text("0") + "Q.");
    assertRefused("refer to a storage", PROTO + "(" + text("storage") + "NNNNtQ.");
    assertRefused("name of a function is not text", PROTO + "NN\u0093.");
    assertRefused("leaves something over", PROTO + "}}.");
    assertRefused("leaves something over", PROTO + "}.}");
    assertRefused("more than there is on the stack", PROTO + ".");
    assertRefused("more than there is on the stack", PROTO + "}(s.");
    assertRefused("needs a mark", PROTO + "t.");
    assertRefused("place 3 of the memo is empty", PROTO + "h\3.");
    assertRefused("bytes should follow", PROTO + "}");
  }

  @Test
  void refusesLengthsBeyondTheFile() {
    assertRefused("4294967295 bytes should follow", PROTO + "X\u00ff\u00ff\u00ff\u00ff.");
    assertRefused(
        "18446744073709551615 bytes should follow", PROTO + "\u008d" + "\u00ff".repeat(8));
    assertRefused("4294967295 bytes should follow", PROTO + "T\u00ff\u00ff\u00ff\u00ffx");
    assertRefused("a number has 255 bytes", PROTO + "\u008a\u00ff" + "x".repeat(300));
    assertRefused("no more than 1000000 places", PROTO + "}r\u00ff\u00ff\u00ff\u007f.");
    assertRefused("more than 1000 characters", PROTO + "c" + "x".repeat(5_000));
    assertRefused("not UTF-8", PROTO + "X\1\0\0\0\u00ff.");
  }

  @Test
  void endsNestingCyclesAndBombsInTime() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertRefused("places on the stack", PROTO + "(".repeat(1_000_000));
          assertRefused("places on the stack", PROTO + "}".repeat(1_000_000));
          assertRefused("holds a tuple", PROTO + ")" + "\u0085".repeat(1_000_000) + ".");
          // A tuple of ten times the tuple before it, and so on: 10^100 elements, if followed.
          StringBuilder bomb = new StringBuilder(PROTO).append("(]q\0");
          for (int i = 0; i < 100; i++) {
            bomb.append('(').append("h\0".repeat(10)).append("tq\0");
          }
          assertRefused("holds a tuple", bomb.append("t.").toString());
          assertRefused("the value \"a\" is a dictionary", PROTO + "}q\0" + text("a") + "h\0s.");
          assertRefused(
              "the value \"state_dict\" is a dictionary",
              PROTO + "}q\0" + text("state_dict") + "h\0s.");
          assertRefused("instructions", PROTO + "}" + "q\0".repeat(4_000_001) + ".");
        });
  }

  @Test
  void refusesValuesThatAreNoTensorsByTheirNames() {
    assertRefused("the value \"epoch\" is a number", dict("epoch", "K\3"));
    assertRefused("the value \"a\" is text", dict("a", text("b")));
    assertRefused("the value \"a\" is None", dict("a", "N"));
    assertRefused("the value \"a\" is a list", dict("a", "](K\1K\2e"));
    assertRefused("the value \"a\" is a storage", dict("a", STORAGE));
    assertRefused("the value \"a\" is torch.FloatStorage", dict("a", "ctorch\nFloatStorage\n"));
    assertRefused(
        "the value \"epoch\" is a number",
        PROTO + "}(" + text("w") + tensor() + text("epoch") + "K\1u.");
    assertRefused("the file holds a tensor", PROTO + tensor() + ".");
    assertRefused("the key of a dictionary is a number", PROTO + "}K\1Ns.");
    assertRefused("a tensor has the name", dict("", tensor()));
  }

  @Test
  void refusesTensorsBeyondTheirStorageByTheirNames() {
    String minus = "J\u00ff\u00ff\u00ff\u00ff";
    String huge = "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f";
    String within = "tensor \"w\": its elements do not all lie within";
    assertRefused(within, dict("w", tensor("K\1", "K\2K\3\u0086", "K\3K\1\u0086")));
    assertRefused(within, dict("w", tensor(minus, "K\1\u0085", "K\1\u0085")));
    assertRefused(within, dict("w", tensor("K\6", ")", ")")));
    assertRefused(within, dict("w", tensor(huge, ")", ")")));
    assertRefused(within, dict("w", tensor("K\5", "K\2\u0085", minus + "\u0085")));
    assertRefused(within, dict("w", tensor("K\0", "K\2\u0085", huge + "\u0085")));
    assertRefused(within, dict("w", tensor("K\0", "K\2K\2\u0086", huge + huge + "\u0086")));
    assertRefused("do not fit together", dict("w", tensor("K\0", "K\6\u0085", ")")));
    assertRefused("do not fit together", dict("w", tensor("K\0", minus + "\u0085", "K\1\u0085")));
    assertRefused(
        "do not fit together", dict("w", tensor("K\0", huge + huge + "\u0086", "K\0K\0\u0086")));
    // Repeated by a stride of 0.
    assertRefused("would need 40 bytes", dict("w", tensor("K\0", "K\n\u0085", "K\0\u0085")));
    assertRefused(
        "more than the 2 GiB",
        dict("w", tensor("K\0", "J\u00ff\u00ff\u00ff\u007f\u0085", "K\0\u0085")));
    assertRefused(
        "more than 64 dimensions",
        dict("w", tensor("K\0", "(" + "K\1".repeat(65) + "t", "(" + "K\1".repeat(65) + "t")));
    assertRefused("hold None", dict("w", tensor("K\0", "N\u0085", "K\1\u0085")));
  }

  @Test
  void refusesStoragesThatAreNotWhatTheArchiveHolds() {
    assertRefused("has no entry \"x/data/7\"", dict("w", tensor().replace(text("0"), text("7"))));
    assertRefused(
        "has no entry \"x/data/../0\"", dict("w", tensor().replace(text("0"), text("../0"))));
    assertRefused("should have 5 elements", dict("w", tensor().replace("K\6tQ", "K\5tQ")));
    assertRefused("of type F64", dict("w", tensor().replace("FloatS", "DoubleS")));
    assertRefused("belongs to no tensor", PROTO + "}.");
  }

  private SortedMap<String, Tensor> read(String pickle) throws IOException {
    Path file = folder.resolve("x.pt");
    new TorchCheckpointWriter("x")
        .writeItems(
            file,
            List.of(
                TorchCheckpointWriter.item("data.pkl", pickle),
                TorchCheckpointWriter.item("data/0", new byte[24])));
    return Checkpoint.read(FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(file))), "x.pt");
  }

  private void assertRefused(String reason, String pickle) {
    assertTrue(StandardCharsets.ISO_8859_1.newEncoder().canEncode(pickle));
    CheckpointFormatException e =
        assertThrows(CheckpointFormatException.class, () -> read(pickle), reason);
    assertTrue(e.getMessage().startsWith("x.pt"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), reason + " | " + e.getMessage());
  }
}
