/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.GeneratedModel;
import io.m3lex.Rounds;
import io.m3lex.TextRole;
import io.m3lex.checkpoint.Checkpoint;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.SafetensorsWriter;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.checkpoint.TorchCheckpointWriter;
import io.m3lex.checkpoint.TorchCheckpointWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model in the layout of the official BGE-M3 files, damaged in every way that users report. */
class OfficialLayoutTest {

  private static final String ENCODER = "pytorch_model.bin";
  private static final String HEAD = "sparse_linear.pt";
  private static final String OTHER_HEAD = "colbert_linear.pt";
  private static final String CONFIG = "config.json";
  private static final String TOKENIZER = "tokenizer.json";
  private static final int HIDDEN = 64;

  @TempDir static Path intactFolder;
  private static ModelManifest manifest;

  @TempDir Path folder;

  @BeforeAll
  static void generate() throws IOException {
    GeneratedModel.writeSmall(intactFolder, 1);
    manifest = lock(intactFolder);
  }

  @BeforeEach
  void copy() throws IOException {
    for (ModelFile file : manifest.files()) {
      Files.copy(intactFolder.resolve(file.path()), folder.resolve(file.path()));
    }
  }

  private static ModelManifest lock(Path folder) throws IOException {
    VerifiedModel examined =
        ModelLock.examine(GeneratedModel.draft(folder), ModelSource.folder(folder));
    Golden golden =
        new Golden(
            1e-4f, List.of(new GoldenText("a", TextRole.QUERY, new TreeMap<>(Map.of("5", 0.5f)))));
    return examined.manifest().withGolden(golden);
  }

  @Test
  void aWholeModelPassesWithEveryTensorChecked() {
    VerifiedModel model = verifier().verify(manifest, ModelSource.folder(folder));
    FileOutcome encoder = model.report().files().getFirst();
    assertEquals(5 + 3 * 16, encoder.tensors());
    assertEquals(5 + 3 * 16, model.encoderTensors().size());
    assertEquals(HIDDEN, model.architecture().orElseThrow().hiddenSize());
    assertEquals(1e-5, model.architecture().orElseThrow().layerNormEpsilon());
    assertEquals(2, model.headTensors().size());
    assertEquals(ElementType.F16, model.headTensors().get("weight").type());
    assertEquals(2, model.report().files().get(4).tensors());
  }

  @Test
  void theSameTensorsInSafetensorsAreAcceptedInTheirPlaceAndAreTheSameModel() throws IOException {
    SortedMap<String, Tensor> tensors = read(ENCODER);
    Path safetensors = folder.resolve("model.safetensors");
    SafetensorsWriter.write(safetensors, List.copyOf(tensors.values()), Map.of());
    Files.delete(folder.resolve(ENCODER));
    FileBytes content = FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(safetensors)));
    ModelManifest both =
        with(
            ENCODER,
            file ->
                new ModelFile(
                    file.path(),
                    null,
                    file.bytes(),
                    file.sha256(),
                    file.role(),
                    null,
                    null,
                    null,
                    List.of(
                        new ModelFile.Alternative(
                            "model.safetensors", content.size(), hash(content)))));
    VerifiedModel model = verifier().verify(both, ModelSource.folder(folder));
    assertEquals("model.safetensors", model.report().files().getFirst().file().path());
    assertEquals(
        verifier().verify(manifest, ModelSource.folder(intactFolder)).fingerprintComponents(),
        model.fingerprintComponents());

    Files.delete(safetensors);
    assertEquals(
        List.of(ENCODER + ": missing"),
        refused(both).stream().map(fault -> fault.message().substring(0, 26)).toList());
  }

  private static String hash(FileBytes content) {
    try {
      return content.sha256();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aMissingHeadIsNamedAsTheCauseOfRandomWeights() throws IOException {
    Files.delete(folder.resolve(HEAD));
    String message = onlyFault(Fault.Missing.class).message();
    assertTrue(message.startsWith("sparse_linear.pt: missing from " + folder), message);
    assertTrue(message.contains("random numbers"), message);
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> verifier().sparseOnly().verify(manifest, ModelSource.folder(folder)));
    assertEquals(1, e.report().faults().size());
  }

  @Test
  void aMissingOtherHeadIsAFaultUnlessOnlySparseWeightsAreWanted() throws IOException {
    Files.delete(folder.resolve(OTHER_HEAD));
    String message = onlyFault(Fault.Missing.class).message();
    assertTrue(message.startsWith("colbert_linear.pt: missing from " + folder), message);
    assertTrue(message.contains("known random weights"), message);
    assertTrue(message.contains("--sparse-only"), message);

    VerifiedModel model = verifier().sparseOnly().verify(manifest, ModelSource.folder(folder));
    assertEquals("absent", model.fingerprintComponents().get("file:colbert_linear.pt"));
    VerifiedModel whole = verifier().verify(manifest, ModelSource.folder(intactFolder));
    assertFalse(model.fingerprintComponents().equals(whole.fingerprintComponents()));
  }

  @Test
  void aDamagedOtherHeadIsAFaultInAnyCase() throws IOException {
    flip(OTHER_HEAD, 2_000);
    assertEquals(OTHER_HEAD, onlyFault(Fault.WrongHash.class).file());
    assertThrows(
        ModelVerificationException.class,
        () -> verifier().sparseOnly().verify(manifest, ModelSource.folder(folder)));
  }

  @Test
  void everyMissingTruncatedEmptyOrSwappedFileIsNamed() throws IOException {
    for (ModelFile file : manifest.files()) {
      Path path = folder.resolve(file.path());
      byte[] whole = Files.readAllBytes(path);

      Files.delete(path);
      assertEquals(file.path(), onlyFault(Fault.Missing.class).file());
      Files.write(path, new byte[0]);
      assertTrue(onlyFault(Fault.NotDownloaded.class).message().contains("is empty"));
      Files.write(path, Arrays.copyOf(whole, whole.length / 2));
      assertTrue(
          refused(manifest).getFirst().message().startsWith(file.path() + ": truncated"),
          refused(manifest).toString());
      Files.writeString(
          path,
          "version https://git-lfs.github.com/spec/v1\noid sha256:" + file.sha256() + "\nsize 1\n");
      String pointer = onlyFault(Fault.NotDownloaded.class).message();
      assertTrue(pointer.contains("Git-LFS pointer") && pointer.contains("git lfs pull"), pointer);
      Files.writeString(path, "<!DOCTYPE html><html>Sign in</html>");
      assertTrue(onlyFault(Fault.NotDownloaded.class).message().contains("web page"));
      Files.write(path, whole);
    }
    Files.copy(folder.resolve(HEAD), folder.resolve("third"));
    Files.delete(folder.resolve(HEAD));
    Files.copy(folder.resolve(OTHER_HEAD), folder.resolve(HEAD));
    Files.delete(folder.resolve(OTHER_HEAD));
    Files.copy(folder.resolve("third"), folder.resolve(OTHER_HEAD));
    List<Fault> swapped = refused(manifest);
    assertTrue(
        swapped.stream().filter(Fault.ForeignFile.class::isInstance).count() == 2,
        swapped.toString());
  }

  @Test
  void anUnreadableFileAndAFolderInItsPlaceAreNamed() throws IOException {
    Files.delete(folder.resolve(ENCODER));
    Files.createDirectory(folder.resolve(ENCODER));
    assertEquals(ENCODER, onlyFault(Fault.NotAFile.class).file());
    Files.delete(folder.resolve(ENCODER));
    Files.copy(intactFolder.resolve(ENCODER), folder.resolve(ENCODER));
    Files.setPosixFilePermissions(
        folder.resolve(ENCODER), PosixFilePermissions.fromString("---------"));
    Assumptions.assumeFalse(
        Files.isReadable(folder.resolve(ENCODER)), "this user reads what it may not read");
    assertTrue(onlyFault(Fault.Unreadable.class).message().contains("permission denied"));
  }

  @Test
  void everyFlippedBitIsFound() throws IOException {
    for (ModelFile file : manifest.files()) {
      for (double place : new double[] {0.3, 0.6, 0.9}) {
        flip(file.path(), (int) (file.bytes() * place));
        assertTrue(
            refused(manifest).stream()
                .anyMatch(fault -> fault.file().equals(file.path()) && isOfHash(fault)),
            refused(manifest).toString());
        flip(file.path(), (int) (file.bytes() * place));
      }
    }
  }

  private static boolean isOfHash(Fault fault) {
    return fault instanceof Fault.WrongHash;
  }

  @Test
  void theHeadOfAnotherModelIsRefusedEvenIfSomebodyLocksIt() throws IOException {
    GeneratedModel.writeHead(folder, HIDDEN, 99);
    assertEquals(HEAD, onlyFault(Fault.WrongHash.class).file());
    GeneratedModel.writeHead(folder, 1024, 1);
    ModelVerificationException e =
        assertThrows(ModelVerificationException.class, () -> lock(folder));
    assertTrue(e.getMessage().contains("[1, 1024]"), e.getMessage());
    assertTrue(e.getMessage().contains("belongs to another model"), e.getMessage());
  }

  @Test
  void anEncoderTensorThatIsMissingRenamedLeftOverOrMisshapenIsNamed() throws IOException {
    String name = "encoder.layer.1.intermediate.dense.weight";
    rewriteEncoder(tensors -> without(tensors, name));
    assertOnlyLockFault("tensor \"" + name + "\" [160, 64] is missing");
    rewriteEncoder(
        tensors -> {
          SortedMap<String, Tensor> renamed = without(tensors, name);
          Tensor tensor = tensors.get(name);
          renamed.put("x", new Tensor("x", tensor.type(), tensor.shape(), tensor.data()));
          return renamed;
        });
    assertOnlyLockFault("tensor \"" + name + "\" [160, 64] is missing", "tensor \"x\"");
    rewriteEncoder(
        tensors -> {
          SortedMap<String, Tensor> extra = new TreeMap<>(tensors);
          extra.put("extra", Tensor.of("extra", new long[] {2}, 1, 2));
          return extra;
        });
    assertOnlyLockFault("tensor \"extra\" F32[2] is left over");
    rewriteEncoder(tensors -> replaced(tensors, name, new long[] {64, 160}, null));
    assertOnlyLockFault("has the shape [64, 160] instead of [160, 64]");
  }

  @Test
  void encoderTensorsThatAreNotFiniteOrAllTheSameAreNamed() throws IOException {
    String name = "encoder.layer.2.attention.self.key.weight";
    rewriteEncoder(tensors -> replaced(tensors, name, null, values -> values[77] = Float.NaN));
    assertOnlyLockFault(name, "NaN or infinite at element 77");
    rewriteEncoder(
        tensors -> replaced(tensors, name, null, values -> values[5] = Float.POSITIVE_INFINITY));
    assertOnlyLockFault(name, "NaN or infinite at element 5");
    rewriteEncoder(tensors -> replaced(tensors, name, null, values -> Arrays.fill(values, 0)));
    assertOnlyLockFault(name, "all elements", "never assigned");
  }

  @Test
  void encoderTensorsOfOtherTypesAreNamed() throws IOException {
    String name = "encoder.layer.0.output.dense.bias";
    rewriteEncoder(
        tensors -> {
          SortedMap<String, Tensor> wrong = new TreeMap<>(tensors);
          ByteBuffer bytes = ByteBuffer.allocate(HIDDEN * 4);
          for (int i = 0; i < HIDDEN; i++) {
            bytes.putInt(i);
          }
          wrong.put(name, new Tensor(name, ElementType.I32, new long[] {HIDDEN}, bytes.flip()));
          return wrong;
        });
    assertOnlyLockFault(name, "elements of type I32 instead of F32, F16 or BF16");
  }

  @Test
  void otherHeadsThatAreNotFiniteAreNamed() throws IOException {
    SortedMap<String, Tensor> tensors = read(OTHER_HEAD);
    String name = tensors.firstKey();
    tensors = replaced(tensors, name, null, values -> values[3] = Float.NEGATIVE_INFINITY);
    TorchCheckpointWriter.write(
        folder.resolve(OTHER_HEAD), "archive", tensors.values().stream().map(Entry::of).toList());
    String message =
        assertThrows(ModelVerificationException.class, () -> lock(folder)).getMessage();
    assertTrue(message.contains(OTHER_HEAD), message);
    assertTrue(message.contains(name), message);
    assertTrue(message.contains("NaN or infinite at element 3"), message);
  }

  /** Loading begins early, but never with tensors of a file that is known to be another. */
  @Test
  void theEncodersTensorsAreHandedOverOnlyIfNothingIsWrongWithThem() throws IOException {
    Passed passed = new Passed();
    VerifiedModel model = verifier().verify(manifest, ModelSource.folder(folder), passed);
    assertEquals(List.of(model.architecture().orElseThrow()), passed.architectures);
    assertEquals(List.of(model.encoderTensors().keySet()), passed.tensors);
    assertEquals(
        manifest.files().stream()
            .map(ModelFile::path)
            .filter(path -> !path.equals(ENCODER))
            .toList(),
        passed.files.stream().filter(path -> !path.equals(ENCODER)).toList());

    String name = "encoder.layer.2.attention.self.key.weight";
    rewriteEncoder(tensors -> replaced(tensors, name, null, values -> values[77] = Float.NaN));
    assertNotHandedOver();
    rewriteEncoder(tensors -> without(tensors, name));
    assertNotHandedOver();
    Files.copy(
        intactFolder.resolve(ENCODER),
        folder.resolve(ENCODER),
        StandardCopyOption.REPLACE_EXISTING);
    Files.write(folder.resolve(ENCODER), new byte[] {0}, StandardOpenOption.APPEND);
    assertNotHandedOver();
  }

  private void assertNotHandedOver() {
    Passed passed = new Passed();
    assertThrows(
        ModelVerificationException.class,
        () -> verifier().verify(manifest, ModelSource.folder(folder), passed));
    assertEquals(List.of(), passed.tensors);
  }

  /** Remembers what passed. */
  private static final class Passed implements VerificationListener {
    private final List<String> files = new ArrayList<>();
    private final List<TransformerArchitecture> architectures = new ArrayList<>();
    private final List<Set<String>> tensors = new ArrayList<>();

    @Override
    public void passed(ModelFile file, ByteBuffer content) {
      files.add(file.path());
    }

    @Override
    public void tensorsPassed(
        TransformerArchitecture architecture, SortedMap<String, Tensor> encoder) {
      architectures.add(architecture);
      tensors.add(encoder.keySet());
    }
  }

  @Test
  void configsOfOtherArchitecturesAreRefusedByTheProperty() throws IOException {
    String config = Files.readString(folder.resolve(CONFIG));
    for (String epsilon : List.of("0", "1", "\"1e-5\"")) {
      Files.writeString(
          folder.resolve(CONFIG),
          config.replace("\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": " + epsilon));
      assertTrue(
          refused(manifest).stream()
              .anyMatch(fault -> fault.message().contains("a number between 0 and 1")));
    }
    Map<String, String> changes =
        Map.of(
            "\"xlm-roberta\"", "\"deberta-v2\"",
            "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"",
            "\"absolute\"", "\"relative_key\"",
            "\"num_attention_heads\": 4", "\"num_attention_heads\": 5",
            "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 16777216",
            "\"vocab_size\": ", "\"vocab_size\": 9999999",
            "\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": -1",
            "\"max_position_embeddings\": 132", "\"max_position_embeddings\": 1");
    for (Map.Entry<String, String> change : changes.entrySet()) {
      String wrong = config.replace(change.getKey(), change.getValue());
      assertFalse(wrong.equals(config), change.getKey());
      Files.writeString(folder.resolve(CONFIG), wrong);
      String property = change.getValue().contains(":") ? change.getValue().split("\"")[1] : "";
      String message =
          refused(manifest).stream()
              .filter(Fault.WrongFormat.class::isInstance)
              .findFirst()
              .orElseThrow()
              .message();
      assertTrue(message.startsWith(CONFIG) && message.contains(property), message);
    }
    Files.writeString(
        folder.resolve(CONFIG), config.replace("\"hidden_size\": 64", "\"hidden_size\": 128"));
    assertTrue(
        refused(manifest).stream().anyMatch(Fault.WrongManifest.class::isInstance),
        refused(manifest).toString());
  }

  @Test
  void aHostileHeadIsRefusedByTheNameOfWhatItAsksFor() throws IOException {
    byte[] head = Files.readAllBytes(folder.resolve(HEAD));
    // A pickle that calls os.system("id"), in a file that is no archive.
    byte[] legacy = "\u0080\u0002cos\nsystem\nX\u0002\0\0\0idR.".getBytes("ISO-8859-1");
    Files.write(folder.resolve(HEAD), legacy);
    assertTrue(
        refused(manifest).stream().anyMatch(Fault.WrongSize.class::isInstance),
        refused(manifest).toString());
    Files.write(folder.resolve(HEAD), head);
  }

  @Test
  void extrasAreVerifiedOnlyWhenAskedFor() throws IOException {
    List<ModelFile> files = new ArrayList<>(manifest.files());
    files.add(
        new ModelFile(
            "notes.txt", null, 3, "0".repeat(64), FileRole.EXTRA, null, null, null, null));
    ModelManifest more = manifest.withFiles(files);
    verifier().verify(more, ModelSource.folder(folder));
    VerifiedModel model = verifier().withExtras().verify(more, ModelSource.folder(folder));
    assertEquals(-1, model.report().files().getLast().bytesFound());
    assertFalse(model.fingerprintComponents().containsKey("file:notes.txt"));
    Files.writeString(folder.resolve("notes.txt"), "abc");
    verifier().verify(more, ModelSource.folder(folder));
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> verifier().withExtras().verify(more, ModelSource.folder(folder)));
    assertEquals("notes.txt", e.report().faults().getFirst().file());
  }

  @Test
  @Timeout(120)
  void damagedModelsAreRefusedOrVerifyWhole() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> names = manifest.files().stream().map(ModelFile::path).toList();
    int rounds = Rounds.of(1_000);
    int refused = 0;
    for (int round = 0; round < rounds; round++) {
      String name = names.get(random.nextInt(names.size()));
      byte[] whole = Files.readAllBytes(intactFolder.resolve(name));
      byte[] damaged = damaged(whole, random);
      Files.write(folder.resolve(name), damaged);
      String place = "-Dm3lex.seed=" + seed + ", round " + round + ", " + name;
      try {
        VerifiedModel model = verifier().verify(manifest, ModelSource.folder(folder));
        assertTrue(Arrays.equals(whole, damaged), place + ": taken for whole");
        assertTrue(model.report().passed());
      } catch (ModelVerificationException e) {
        assertFalse(e.report().faults().isEmpty(), place);
        refused++;
      }
      try {
        // Whoever vouches for the files as they are gets a model with all its tensors, or none.
        VerifiedModel own =
            ModelLock.examine(GeneratedModel.draft(folder), ModelSource.folder(folder));
        assertEquals(5 + 3 * 16, own.encoderTensors().size(), place);
      } catch (ModelVerificationException | IOException e) {
        // A wrong number in the settings shows in the tensors that do not fit them.
        String blamed = name.equals(CONFIG) && !e.getMessage().contains(CONFIG) ? ENCODER : name;
        assertTrue(e.getMessage().contains(blamed), place + ": " + e.getMessage());
      }
      Files.write(folder.resolve(name), whole);
    }
    assertTrue(refused > rounds * 9 / 10, refused + " were refused");
  }

  private static byte[] damaged(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    int place = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> bytes[place] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        return Arrays.copyOf(bytes, place);
      }
      case 2 -> {
        byte[] noise = new byte[Math.min(64, bytes.length - place)];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, place, noise.length);
      }
      default -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
        System.arraycopy(
            bytes, place, longer, longer.length - (bytes.length - place), bytes.length - place);
        return longer;
      }
    }
    return bytes;
  }

  private static ModelVerifier verifier() {
    return new ModelVerifier(new ModelCatalog(List.of()));
  }

  private List<Fault> refused(ModelManifest model) {
    return assertThrows(
            ModelVerificationException.class,
            () -> verifier().verify(model, ModelSource.folder(folder)))
        .report()
        .faults();
  }

  private <T extends Fault> T onlyFault(Class<T> type) {
    List<Fault> faults = refused(manifest);
    assertEquals(1, faults.size(), faults.toString());
    return type.cast(faults.getFirst());
  }

  /** The tensors are at fault whatever the hashes are: also for a model that is locked just now. */
  private void assertOnlyLockFault(String... words) {
    ModelVerificationException e =
        assertThrows(ModelVerificationException.class, () -> lock(folder));
    List<Fault> faults = e.report().faults();
    assertTrue(faults.size() <= 2, faults.toString());
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
    for (Fault fault : faults) {
      assertEquals(ENCODER, fault.file());
    }
  }

  private ModelManifest with(String path, UnaryOperator<ModelFile> change) {
    return manifest.withFiles(
        manifest.files().stream()
            .map(file -> file.path().equals(path) ? change.apply(file) : file)
            .toList());
  }

  private void flip(String path, int position) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(path));
    bytes[position] ^= 0x10;
    Files.write(folder.resolve(path), bytes);
  }

  private static SortedMap<String, Tensor> read(String path) throws IOException {
    return Checkpoint.read(
        FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(intactFolder.resolve(path)))), path);
  }

  private void rewriteEncoder(UnaryOperator<SortedMap<String, Tensor>> change) throws IOException {
    List<Entry> entries = change.apply(read(ENCODER)).values().stream().map(Entry::of).toList();
    TorchCheckpointWriter.write(folder.resolve(ENCODER), "archive", entries);
  }

  private static SortedMap<String, Tensor> without(SortedMap<String, Tensor> tensors, String name) {
    SortedMap<String, Tensor> rest = new TreeMap<>(tensors);
    rest.remove(name);
    return rest;
  }

  private interface Change {
    void apply(float[] values);
  }

  private static SortedMap<String, Tensor> replaced(
      SortedMap<String, Tensor> tensors, String name, long[] shape, Change change) {
    SortedMap<String, Tensor> all = new TreeMap<>(tensors);
    float[] values = tensors.get(name).toFloats();
    if (change != null) {
      change.apply(values);
    }
    all.put(name, Tensor.of(name, shape == null ? tensors.get(name).shape() : shape, values));
    return all;
  }
}
