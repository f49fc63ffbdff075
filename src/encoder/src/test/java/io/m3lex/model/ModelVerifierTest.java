/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.checkpoint.BadDownload;
import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.OnnxInitializers;
import io.m3lex.checkpoint.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelVerifierTest {

  @TempDir static Path intactFolder;
  private static ModelManifest manifest;

  @TempDir Path folder;

  @BeforeAll
  static void createModel() throws IOException {
    manifest = TestModel.create(intactFolder);
  }

  @BeforeEach
  void copyModel() throws IOException {
    for (ModelFile file : manifest.files()) {
      Files.copy(intactFolder.resolve(file.path()), folder.resolve(file.path()));
    }
  }

  @Test
  void intactModelPassesWithEveryTensorChecked() throws IOException {
    VerifiedModel model = verify(manifest);
    assertTrue(model.report().passed());
    List<FileOutcome> outcomes = model.report().files();
    assertEquals(347, outcomes.get(0).tensors());
    assertTrue(outcomes.get(0).parameters() > 33_000_000, outcomes.get(0).toString());
    assertEquals(2, outcomes.get(2).tensors());
    assertEquals(385, outcomes.get(2).parameters());
    for (FileRole role : List.of(FileRole.ENCODER, FileRole.TOKENIZER, FileRole.HEAD)) {
      byte[] expected = Files.readAllBytes(folder.resolve(manifest.file(role).path()));
      assertEquals(ByteBuffer.wrap(expected), model.bytes(role));
      assertTrue(model.bytes(role).isDirect() && model.bytes(role).isReadOnly());
    }
    assertEquals(384, model.headTensors().get("weight").elementCount());
    assertEquals(
        List.of(
            "encoder:architecture",
            "encoder:output",
            "file:lexical_head.safetensors",
            "file:model.onnx",
            "file:tokenizer.json",
            "head:feature",
            "head:pooling",
            "head:prior",
            "head:queries",
            "max-tokens"),
        List.copyOf(model.fingerprintComponents().keySet()));
  }

  @Test
  void whatWasVerifiedIsWhatIsUsed() throws IOException {
    VerifiedModel model = verify(manifest);
    float before = model.headTensors().get("weight").toFloats()[0];
    byte[] zeros = new byte[(int) Files.size(folder.resolve(TestModel.HEAD))];
    Files.write(folder.resolve(TestModel.HEAD), zeros);
    assertEquals(before, model.headTensors().get("weight").toFloats()[0]);
    assertEquals(
        manifest.file(FileRole.HEAD).sha256(), FileBytes.of(model.bytes(FileRole.HEAD)).sha256());
  }

  @Test
  void missingHeadIsRefused() throws IOException {
    Files.delete(folder.resolve(TestModel.HEAD));
    Fault.Missing fault = onlyFault(Fault.Missing.class, manifest);
    assertTrue(fault.message().startsWith("lexical_head.safetensors: missing from " + folder));
  }

  @Test
  void missingFolderIsRefusedForEveryFile() {
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () ->
                new ModelVerifier(new ModelCatalog(List.of()))
                    .verify(manifest, ModelSource.folder(folder.resolve("nowhere"))));
    assertEquals(3, e.report().faults().size());
    assertTrue(e.report().faults().stream().allMatch(Fault.Missing.class::isInstance));
  }

  @Test
  void headOfAnotherModelIsNamedAsSuch(@TempDir Path otherFolder) throws IOException {
    TestModel.writeHead(folder, "weight", 384, 2);
    onlyFault(Fault.WrongHash.class, manifest);

    ModelManifest other = renamed(TestModel.remeasured(manifest, folder), "other-model");
    ModelVerificationException e = refused(manifest, new ModelCatalog(List.of(manifest, other)));
    Fault fault = e.report().faults().get(0);
    assertEquals(1, e.report().faults().size(), e.getMessage());
    assertEquals(
        "lexical_head.safetensors: belongs elsewhere: SHA-256 "
            + other.file(FileRole.HEAD).sha256()
            + " is that of lexical_head.safetensors (HEAD) of model other-model."
            + " Put the model's own file in its place.",
        fault.message());
  }

  @Test
  void headForAnotherHiddenSizeIsRefusedWithBothShapes() throws IOException {
    TestModel.writeHead(folder, "weight", 1024, 2);
    List<Fault> faults = refused(manifest).report().faults();
    assertEquals(2, faults.size(), faults.toString());
    assertTrue(faults.get(0) instanceof Fault.WrongSize);
    assertEquals(
        new Fault.WrongShape(TestModel.HEAD, "weight", "[384]", "[1, 1024]"), faults.get(1));
  }

  @Test
  void truncatedFilesAreRefused() throws IOException {
    for (ModelFile file : manifest.files()) {
      byte[] whole = Files.readAllBytes(folder.resolve(file.path()));
      Files.write(folder.resolve(file.path()), Arrays.copyOf(whole, whole.length - 7));
      Fault.WrongSize fault = onlyFault(Fault.WrongSize.class, manifest);
      assertEquals(new Fault.WrongSize(file.path(), whole.length, whole.length - 7), fault);
      assertTrue(fault.message().contains("truncated"), fault.message());
      Files.write(folder.resolve(file.path()), whole);
    }
  }

  @Test
  void oneFlippedBitIsRefused() throws IOException {
    for (ModelFile file : manifest.files()) {
      byte[] bytes = Files.readAllBytes(folder.resolve(file.path()));
      bytes[bytes.length - 2] ^= 1;
      Files.write(folder.resolve(file.path()), bytes);
      assertEquals(file.path(), onlyFault(Fault.WrongHash.class, manifest).file());
      bytes[bytes.length - 2] ^= 1;
      Files.write(folder.resolve(file.path()), bytes);
    }
  }

  @Test
  void badDownloadsAreRecognisedInPlaceOfEveryFile() throws IOException {
    for (ModelFile file : manifest.files()) {
      Path path = folder.resolve(file.path());
      byte[] whole = Files.readAllBytes(path);
      Files.writeString(path, "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n");
      assertEquals(
          new Fault.NotDownloaded(file.path(), BadDownload.GIT_LFS_POINTER),
          onlyFault(Fault.NotDownloaded.class, manifest));
      Files.writeString(path, "<!DOCTYPE html><html><body>404</body></html>");
      assertEquals(BadDownload.WEB_PAGE, onlyFault(Fault.NotDownloaded.class, manifest).kind());
      Files.writeString(path, "");
      assertEquals(BadDownload.EMPTY_FILE, onlyFault(Fault.NotDownloaded.class, manifest).kind());
      Files.write(path, whole);
    }
  }

  @Test
  void swappedTokenizerIsRefused() throws IOException {
    Path path = folder.resolve(TestModel.TOKENIZER);
    String tokenizer = Files.readString(path);
    Files.writeString(path, tokenizer.replaceFirst("\"\\[CLS\\]\"", "\"[BOS]\""));
    assertEquals(TestModel.TOKENIZER, onlyFault(Fault.WrongHash.class, manifest).file());
    Files.copy(folder.resolve(TestModel.HEAD), path, StandardCopyOption.REPLACE_EXISTING);
    Fault.ForeignFile fault = onlyFault(Fault.ForeignFile.class, manifest);
    assertEquals("lexical_head.safetensors (HEAD) of model test-model", fault.owner());
  }

  @Test
  void folderInPlaceOfAFileIsRefused() throws IOException {
    Files.delete(folder.resolve(TestModel.HEAD));
    Files.createDirectory(folder.resolve(TestModel.HEAD));
    onlyFault(Fault.NotAFile.class, manifest);
  }

  @Test
  void unreadableFileIsRefused() throws IOException {
    // A link to itself cannot be read by anybody, not even where tests run as root.
    Files.delete(folder.resolve(TestModel.HEAD));
    Files.createSymbolicLink(folder.resolve(TestModel.HEAD), Path.of(TestModel.HEAD));
    onlyFault(Fault.Unreadable.class, manifest);
  }

  @Test
  void linksMayStayInTheFolderButNotLeaveIt() throws IOException {
    Path head = folder.resolve(TestModel.HEAD);
    Files.move(head, folder.resolve("elsewhere.safetensors"));
    Files.createSymbolicLink(head, Path.of("elsewhere.safetensors"));
    verify(manifest);
    Files.delete(head);
    Files.createSymbolicLink(head, intactFolder.resolve(TestModel.HEAD));
    onlyFault(Fault.OutsideFolder.class, manifest);
    Files.delete(head);
  }

  @Test
  void lockedModelWithANotANumberIsRefused() throws IOException {
    float[] weights = TestModel.random(384, 1);
    weights[17] = Float.NaN;
    TestModel.writeHead(folder, row("weight", weights), row("bias", 1));
    assertEquals(
        new Fault.NotFinite(TestModel.HEAD, "weight", 17),
        onlyFault(Fault.NotFinite.class, TestModel.remeasured(manifest, folder)));
    TestModel.writeHead(
        folder, row("weight", TestModel.random(384, 1)), row("bias", Float.POSITIVE_INFINITY));
    assertEquals(
        new Fault.NotFinite(TestModel.HEAD, "bias", 0),
        onlyFault(Fault.NotFinite.class, TestModel.remeasured(manifest, folder)));
  }

  @Test
  void lockedModelWithAConstantTensorIsRefusedUnlessDeclared() throws IOException {
    TestModel.writeHead(folder, row("weight", new float[384]), row("bias", 0));
    assertEquals(
        new Fault.Constant(TestModel.HEAD, "weight", "[384]"),
        onlyFault(Fault.Constant.class, TestModel.remeasured(manifest, folder)));
    ModelManifest measured = TestModel.remeasured(manifest, folder);
    verify(withHead(measured, declaring(measured, Set.of(), Set.of("weight"))));
  }

  @Test
  void headMustHaveTheTensorsOfItsFormAndNoOthers() throws IOException {
    Tensor weight = row("weight", TestModel.random(384, 1));
    Tensor bias = row("bias", 1);
    TestModel.writeHead(folder, weight);
    assertEquals(
        "bias",
        onlyFault(Fault.MissingTensor.class, TestModel.remeasured(manifest, folder)).tensor());

    TestModel.writeHead(folder, weight, bias, row("prior", TestModel.random(30_522, 3)));
    ModelManifest withPrior = TestModel.remeasured(manifest, folder);
    assertEquals("prior", onlyFault(Fault.UnexpectedTensor.class, withPrior).tensor());
    verify(withHead(withPrior, declaring(withPrior, Set.of("prior"), Set.of())));

    TestModel.writeHead(
        folder, new Tensor("weight", ElementType.I8, new long[] {384}, counting(384)), bias);
    assertEquals(
        new Fault.WrongType(TestModel.HEAD, "weight", "F32, F16 or BF16", "I8"),
        onlyFault(Fault.WrongType.class, TestModel.remeasured(manifest, folder)));
  }

  @Test
  void declaredFormDecidesWhichTensorsAreDemanded() throws IOException {
    HeadForm form =
        new HeadForm(
            HeadForm.Feature.TABLE,
            HeadForm.Pooling.SATURATED_SUM,
            HeadForm.Queries.SEPARATE,
            HeadForm.Prior.QUERY,
            0);
    ModelManifest draft = TestModel.draft(form);
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> ModelLock.examine(draft, ModelSource.folder(folder)));
    assertEquals(
        List.of(
            "query.weight",
            "query.bias",
            "query.prior",
            "saturation.k",
            "saturation.b",
            "saturation.a",
            "features"),
        e.report().faults().stream().map(f -> ((Fault.MissingTensor) f).tensor()).toList());

    Map<String, Tensor> head = new LinkedHashMap<>();
    head.put("weight", row("weight", TestModel.random(384, 1)));
    head.put("bias", row("bias", 1));
    head.put("query.weight", row("query.weight", TestModel.random(384, 3)));
    head.put("query.bias", row("query.bias", 2));
    head.put("query.prior", row("query.prior", TestModel.random(30_522, 4)));
    head.put("saturation.k", row("saturation.k", 0.9f));
    head.put("saturation.b", row("saturation.b", 0.4f));
    head.put("saturation.a", row("saturation.a", 80));
    head.put("features", ids(30_522, 30_521));
    TestModel.writeHead(folder, head.values().toArray(Tensor[]::new));
    VerifiedModel model = ModelLock.examine(draft, ModelSource.folder(folder));
    assertEquals(9, model.headTensors().size());
    assertEquals("saturated-sum", model.fingerprintComponents().get("head:pooling"));

    head.put("features", ids(30_522, 30_522));
    head.put("saturation.b", row("saturation.b", 1.5f));
    TestModel.writeHead(folder, head.values().toArray(Tensor[]::new));
    ModelVerificationException outOfRange =
        assertThrows(
            ModelVerificationException.class,
            () -> ModelLock.examine(draft, ModelSource.folder(folder)));
    assertEquals(
        List.of("saturation.b", "features"),
        outOfRange.report().faults().stream().map(f -> ((Fault.OutOfRange) f).tensor()).toList());
  }

  @Test
  void stemsAndExpansionHaveTensorsOfTheirOwn() throws IOException {
    HeadForm form =
        new HeadForm(
            HeadForm.Feature.STEM, null, HeadForm.Queries.SEPARATE, HeadForm.Prior.QUERY, 3);
    ModelManifest draft = TestModel.draft(form);
    Map<String, Tensor> head = new LinkedHashMap<>();
    head.put("weight", row("weight", TestModel.random(384, 1)));
    head.put("bias", row("bias", 1));
    head.put("query.weight", row("query.weight", TestModel.random(384, 3)));
    head.put("query.bias", row("query.bias", 2));
    head.put("query.prior", row("query.prior", TestModel.random(30_522, 4)));
    head.put("query.prior.rare", row("query.prior.rare", 9));
    head.put("expansion.center", row("expansion.center", TestModel.random(384, 5)));
    head.put("expansion.words", integers("expansion.words", 2000, 2001, 30_521));
    head.put("expansion.vectors", bytes(3, 384));
    head.put("expansion.query.words", integers("expansion.query.words", 1));
    head.put("expansion.query.scale", row("expansion.query.scale", 0.5f));
    head.put("expansion.document.words", integers("expansion.document.words", 2));
    head.put("expansion.document.scale", row("expansion.document.scale", 0.5f));
    TestModel.writeHead(folder, head.values().toArray(Tensor[]::new));
    VerifiedModel model = ModelLock.examine(draft, ModelSource.folder(folder));
    assertEquals(13, model.headTensors().size());
    assertEquals("stem", model.fingerprintComponents().get("head:feature"));
    assertEquals("3", model.fingerprintComponents().get("head:expansionWords"));

    head.remove("query.prior.rare");
    head.put("expansion.words", integers("expansion.words", 2000, 2001, 30_522));
    head.put("expansion.vectors", bytes(384, 3));
    head.put("expansion.query.words", integers("expansion.query.words", 3));
    head.put("expansion.query.scale", row("expansion.query.scale", 0));
    head.put("expansion.document.words", row("expansion.document.words", 2));
    TestModel.writeHead(folder, head.values().toArray(Tensor[]::new));
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> ModelLock.examine(draft, ModelSource.folder(folder)));
    List<Fault> faults = e.report().faults();
    assertEquals(
        List.of(
            new Fault.MissingTensor(TestModel.HEAD, "query.prior.rare", "[1]"),
            new Fault.OutOfRange(TestModel.HEAD, "expansion.words", 2, 30_522, 0, 30_521),
            new Fault.WrongShape(TestModel.HEAD, "expansion.vectors", "[3, 384]", "[384, 3]"),
            new Fault.OutOfRange(TestModel.HEAD, "expansion.query.words", 0, 3, 1, 2),
            new Fault.OutOfRange(
                TestModel.HEAD, "expansion.query.scale", 0, 0, Float.MIN_NORMAL, 1e9),
            new Fault.WrongType(TestModel.HEAD, "expansion.document.words", "I32", "F32")),
        faults);
    assertThrows(IllegalArgumentException.class, () -> new HeadForm(null, null, null, null, 1));
  }

  private static Tensor bytes(int rows, int length) {
    byte[] bytes = new byte[rows * length];
    new Random(6).nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.max(-127, bytes[i]);
    }
    return new Tensor(
        "expansion.vectors", ElementType.I8, new long[] {rows, length}, ByteBuffer.wrap(bytes));
  }

  private static Tensor integers(String name, int... values) {
    ByteBuffer data =
        ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asIntBuffer().put(values);
    return new Tensor(name, ElementType.I32, new long[] {values.length}, data);
  }

  /** Every id maps to none, but the last one. */
  private static Tensor ids(int length, int last) {
    ByteBuffer data = ByteBuffer.allocate(Integer.BYTES * length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < length; i++) {
      data.putInt(i == length - 1 ? last : -1);
    }
    return new Tensor("features", ElementType.I32, new long[] {length}, data.flip());
  }

  @Test
  void zeroedOrNotANumberMatrixOfTheEncoderIsRefused() throws IOException {
    Path path = folder.resolve(TestModel.ENCODER);
    byte[] whole = Files.readAllBytes(path);
    byte[] zeroed = whole.clone();
    Tensor matrix =
        OnnxInitializers.read(ByteBuffer.wrap(whole), TestModel.ENCODER)
            .get("onnx::MatMul_1525_quantized");
    int start = positionOf(matrix, whole);
    Arrays.fill(zeroed, start, start + matrix.data().remaining(), (byte) 0);
    Tensor norm =
        OnnxInitializers.read(ByteBuffer.wrap(whole), TestModel.ENCODER)
            .get("embeddings.LayerNorm.weight");
    ByteBuffer.wrap(zeroed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(positionOf(norm, whole) + 4 * 5, Float.NaN);
    Files.write(path, zeroed);
    assertEquals(
        List.of(
            new Fault.NotFinite(TestModel.ENCODER, "embeddings.LayerNorm.weight", 5),
            new Fault.Constant(TestModel.ENCODER, "onnx::MatMul_1525_quantized", "[384, 384]")),
        refused(TestModel.remeasured(manifest, folder)).report().faults());
  }

  @Test
  void allFaultsAreReportedAtOnce() throws IOException {
    Files.delete(folder.resolve(TestModel.ENCODER));
    Files.writeString(folder.resolve(TestModel.TOKENIZER), "{}");
    TestModel.writeHead(folder, row("wieght", TestModel.random(384, 1)), row("bias", 1));
    ModelVerificationException e = refused(manifest);
    assertEquals(
        List.of("Missing", "WrongSize", "WrongHash", "MissingTensor", "UnexpectedTensor"),
        e.report().faults().stream().map(fault -> fault.getClass().getSimpleName()).toList(),
        e.getMessage());
    e.report()
        .faults()
        .forEach(fault -> assertTrue(e.getMessage().contains(fault.message()), fault.message()));
    assertEquals(List.of(-1L, 2L), sizes(e.report()).subList(0, 2));
  }

  @Test
  void modelWithoutGoldenTextsIsRefused() {
    onlyFault(Fault.WrongManifest.class, manifest.withGolden(Golden.NONE));
  }

  @Test
  void embeddedFilesAreReadFromTheClassPath() {
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () ->
                new ModelVerifier(new ModelCatalog(List.of()))
                    .verify(manifest, ModelSource.classPath()));
    // Encoder and tokenizer are there; the head of this test is not.
    assertEquals(
        List.of(new Fault.Missing(TestModel.HEAD, "the class path", FileRole.HEAD)),
        e.report().faults());
  }

  private static List<Long> sizes(VerificationReport report) {
    return report.files().stream().map(FileOutcome::bytesFound).toList();
  }

  private static Tensor row(String name, float... values) {
    return Tensor.of(name, new long[] {values.length}, values);
  }

  private static ByteBuffer counting(int length) {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    for (int i = 0; i < length; i++) {
      buffer.put((byte) i);
    }
    return buffer.flip();
  }

  /** Where the data of a tensor lies: its bytes are unique enough to be searched for. */
  private static int positionOf(Tensor tensor, byte[] file) {
    ByteBuffer data = tensor.data();
    ByteBuffer whole = ByteBuffer.wrap(file);
    for (int start = 0; start + data.remaining() <= file.length; start++) {
      if (file[start] == data.get(0) && whole.slice(start, data.remaining()).mismatch(data) < 0) {
        return start;
      }
    }
    throw new AssertionError(tensor + " not found");
  }

  private static ModelManifest renamed(ModelManifest manifest, String name) {
    String json = new String(manifest.toJson(), StandardCharsets.UTF_8);
    return ManifestFormat.parse(
        json.replace(manifest.name(), name).getBytes(StandardCharsets.UTF_8), name);
  }

  private static ModelFile declaring(
      ModelManifest manifest, Set<String> unusedTensors, Set<String> constantTensors) {
    ModelFile head = manifest.file(FileRole.HEAD);
    return new ModelFile(
        head.path(),
        head.resource(),
        head.bytes(),
        head.sha256(),
        head.role(),
        new TreeSet<>(unusedTensors),
        new TreeSet<>(constantTensors),
        null,
        null);
  }

  private static ModelManifest withHead(ModelManifest manifest, ModelFile head) {
    List<ModelFile> files = new ArrayList<>(manifest.files());
    files.replaceAll(file -> file.role() == FileRole.HEAD ? head : file);
    return manifest.withFiles(files);
  }

  private VerifiedModel verify(ModelManifest model) {
    return new ModelVerifier(new ModelCatalog(List.of())).verify(model, ModelSource.folder(folder));
  }

  private ModelVerificationException refused(ModelManifest model) {
    return refused(model, new ModelCatalog(List.of()));
  }

  private ModelVerificationException refused(ModelManifest model, ModelCatalog catalog) {
    return assertThrows(
        ModelVerificationException.class,
        () -> new ModelVerifier(catalog).verify(model, ModelSource.folder(folder)));
  }

  private <T extends Fault> T onlyFault(Class<T> kind, ModelManifest model) {
    ModelVerificationException e = refused(model);
    assertEquals(1, e.report().faults().size(), e.getMessage());
    Fault fault = e.report().faults().get(0);
    assertEquals(kind, fault.getClass(), e.getMessage());
    return kind.cast(fault);
  }
}
