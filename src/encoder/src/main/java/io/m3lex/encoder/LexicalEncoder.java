/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.EncodedText;
import io.m3lex.FeatureSpan;
import io.m3lex.HybridEncoder;
import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.EncoderSettings.Device;
import io.m3lex.model.EncoderOutput;
import io.m3lex.model.Fault;
import io.m3lex.model.FileRole;
import io.m3lex.model.Golden;
import io.m3lex.model.GoldenCheck;
import io.m3lex.model.GoldenText;
import io.m3lex.model.HeadForm;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelDraft;
import io.m3lex.model.ModelFile;
import io.m3lex.model.ModelLock;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.model.ModelVerifier;
import io.m3lex.model.TransformerArchitecture;
import io.m3lex.model.VerificationListener;
import io.m3lex.model.VerifiedModel;
import io.m3lex.util.BackgroundTask;
import io.m3lex.util.Causes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;

/**
 * The encoder of a verified model: tokenizer, network and heads. Opening one loads the model and
 * proves that it works: the manifest's golden texts must come out with their known weights.
 *
 * <p>Safe for use by several threads; each call computes on the calling thread, and its result
 * depends on nothing but the text, its role and the model.
 */
public final class LexicalEncoder implements HybridEncoder {

  private static final List<String> GOLDEN_TEXTS =
      List.of(
          "what is learned sparse retrieval?",
          "How can I keep a Java service from pausing during garbage collection?",
          "An inverted index maps every term to the documents that contain it, with the positions"
              + " and the frequency of the term in each of them.",
          "Größe 42, naïve Bayes & 東京: mixed scripts, digits and punctuation.");

  /** Raised when the program computes other weights from the same files. */
  private static final String PROGRAM = "1";

  private static final Optional<TokenVectorHead> NONE = Optional.empty();

  private final VerifiedModel model;
  private final TokenStateEncoder states;
  private final LexicalHead head;
  private final Optional<TokenVectorHead> tokenVectors;
  private final ModelFingerprint fingerprint;
  private final float goldenTolerance;

  private LexicalEncoder(VerifiedModel model, EncoderSettings settings, Loading loading)
      throws IOException {
    this.model = model;
    ModelManifest manifest = model.manifest();
    int maxTokens =
        settings.maxTokens() > 0 ? settings.maxTokens() : manifest.encoder().maxTokens();
    states =
        new TokenStateEncoder(
            loading.network,
            loading.tokenizer,
            maxTokens,
            settings.longTexts(),
            settings.closeOnExit());
    try {
      requireRows();
    } catch (RuntimeException e) {
      states.close();
      throw e;
    }
    head = new LexicalHead(model, states::piece);
    if (states.hidden() != head.hidden()) {
      states.close();
      throw new IOException(
          String.format(
              Locale.ROOT,
              "model %s: the network gives %d values per token, the head takes %d",
              manifest.name(),
              states.hidden(),
              head.hidden()));
    }
    tokenVectors = TokenVectorHead.of(model, states.hidden());
    SortedMap<String, String> components = new TreeMap<>(model.fingerprintComponents());
    components.put(ModelFingerprint.MAX_TOKENS, Integer.toString(maxTokens));
    components.put(LongTexts.COMPONENT, states.longTextRule());
    components.put("program", PROGRAM);
    if (model.architecture().isPresent()) {
      components.put(Precision.COMPONENT, settings.precision().label());
    }
    fingerprint = new ModelFingerprint(manifest.name(), components);
    goldenTolerance =
        Math.max(manifest.golden().tolerance(), settings.precision().goldenTolerance());
  }

  /** Refuses a manifest that promises longer texts than an ONNX file takes. */
  private void requireLength() throws IOException {
    EncoderOutput declared = model.manifest().encoder();
    try {
      if (model.manifest().hasOnnxEncoder()) {
        states.probe(0, declared.maxTokens());
      }
    } catch (IllegalStateException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "model %s: the network does not take texts of %d tokens (%s). Lock it with the number that it was made for: --max-tokens N",
              model.manifest().name(),
              declared.maxTokens(),
              Causes.firstLine(e)),
          e);
    }
  }

  /** Refuses a tokenizer with a token that the network has no embedding for. */
  private void requireRows() {
    ModelManifest manifest = model.manifest();
    int rows = manifest.encoder().vocabularySize();
    SortedMap<Integer, String> tokens = states.greatestTokens();
    if (!tokens.isEmpty() && tokens.lastKey() < rows && manifest.hasOnnxEncoder()) {
      // What the manifest says of an ONNX file nobody has compared with it.
      rows = idsTaken(tokens.lastKey() + 1);
    }
    if (!tokens.isEmpty() && tokens.lastKey() >= rows) {
      throw new ModelVerificationException(
          model
              .report()
              .withFaults(
                  List.of(
                      new Fault.TokensWithoutRow(
                          manifest.file(FileRole.TOKENIZER).path(), tokens.tailMap(rows), rows))));
    }
  }

  /** How many of so many ids the network takes, from 0 on. */
  private int idsTaken(int most) {
    if (takes(most - 1)) {
      return most;
    }
    int taken = 0;
    int refused = most - 1;
    while (taken < refused) {
      int middle = (taken + refused) >>> 1;
      if (takes(middle)) {
        taken = middle + 1;
      } else {
        refused = middle;
      }
    }
    return taken;
  }

  private boolean takes(int id) {
    try {
      states.probe(id, 1);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** Refuses what a model cannot do, before anything is loaded. */
  private static void require(ModelManifest manifest, EncoderSettings settings) throws IOException {
    int maxTokens = manifest.encoder().maxTokens();
    if (settings.maxTokens() > maxTokens) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "model %s takes %d tokens at once, not %d",
              manifest.name(),
              maxTokens,
              settings.maxTokens()));
    }
    if (manifest.hasOnnxEncoder()
        && (settings.precision() != Precision.FP32 || settings.device() == Device.GPU)) {
      throw new IOException(
          "model %s has an ONNX network, which runs on the CPU in its own precision"
              .formatted(manifest.name()));
    }
  }

  /** Loads tokenizer and network, each as soon as its file allows. */
  private static final class Loading implements VerificationListener {
    private final EncoderSettings settings;
    private BackgroundTask<TextTokenizer> tokenizer;
    private BackgroundTask<Network> network;

    Loading(EncoderSettings settings) {
      this.settings = settings;
    }

    @Override
    public void passed(ModelFile file, ByteBuffer content) {
      if (file.role() == FileRole.TOKENIZER) {
        tokenizer = TextTokenizer.load(bytes(content));
      }
    }

    @Override
    public void tensorsPassed(
        TransformerArchitecture architecture, SortedMap<String, Tensor> tensors) {
      network =
          BackgroundTask.startNative(
              "load-network", () -> CheckpointEngine.find().load(architecture, tensors, settings));
    }

    /** Begins what has not begun yet. */
    Loading of(VerifiedModel model) {
      if (tokenizer == null) {
        passed(model.manifest().file(FileRole.TOKENIZER), model.bytes(FileRole.TOKENIZER));
      }
      if (network == null && model.architecture().isPresent()) {
        tensorsPassed(model.architecture().get(), model.encoderTensors());
      } else if (network == null) {
        network =
            BackgroundTask.startNative(
                "load-network",
                () ->
                    new OnnxNetwork(
                        bytes(model.bytes(FileRole.ENCODER)), model.manifest().encoder().output()));
      }
      return this;
    }

    /** Closes what was loaded for nothing. */
    void discard() {
      for (BackgroundTask<? extends AutoCloseable> task : Arrays.asList(tokenizer, network)) {
        if (task != null) {
          TokenStateEncoder.discard(task);
        }
      }
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /**
   * Opens the model that comes with m3lex. It is small and English; long texts are windowed.
   *
   * @throws ModelVerificationException if the model is damaged
   * @throws IOException if it cannot be loaded
   */
  public static LexicalEncoder openDefault() throws IOException {
    ModelCatalog catalog = ModelCatalog.shipped();
    return open(
        new ModelVerifier(catalog).verify(catalog.defaultModel(), ModelSource.classPath()),
        EncoderSettings.DEFAULT);
  }

  /**
   * Verifies and opens a model from its folder: one that carries its manifest {@value
   * ModelManifest#FILE_NAME}, or a known model as it was downloaded. Long texts are windowed.
   *
   * @throws ModelVerificationException if anything is wrong with the model
   * @throws IOException if it cannot be loaded
   */
  public static LexicalEncoder open(Path folder) throws IOException {
    ModelCatalog catalog = ModelCatalog.shipped();
    return open(
        catalog.ofFolder(folder),
        ModelSource.folder(folder),
        new ModelVerifier(catalog),
        EncoderSettings.DEFAULT);
  }

  /**
   * Verifies and opens a model.
   *
   * @param manifest what the model shall be
   * @throws ModelVerificationException if anything is wrong with the model
   * @throws IOException if it cannot be loaded
   */
  public static LexicalEncoder open(
      ModelManifest manifest, ModelSource source, ModelVerifier verifier, EncoderSettings settings)
      throws IOException {
    require(manifest, settings);
    if (!manifest.hasOnnxEncoder()) {
      // PyTorch takes half a second to start, in which the hashes can be computed.
      CheckpointEngine engine = CheckpointEngine.find();
      Thread.ofPlatform().daemon().name("start-engine").start(engine::startEarly);
    }
    Loading loading = new Loading(settings);
    VerifiedModel model;
    try {
      model = verifier.verify(manifest, source, loading);
    } catch (RuntimeException e) {
      loading.discard();
      throw e;
    }
    return proven(new LexicalEncoder(model, settings, loading.of(model)));
  }

  /**
   * Opens a verified model.
   *
   * @throws ModelVerificationException if the golden texts do not come out with their known weights
   * @throws IOException if the model cannot be loaded
   */
  public static LexicalEncoder open(VerifiedModel model, EncoderSettings settings)
      throws IOException {
    return proven(openUnproven(model, settings));
  }

  /** The encoder, if it gives the golden texts their known weights; else it is closed. */
  private static LexicalEncoder proven(LexicalEncoder encoder) {
    try {
      VerifiedModel model = encoder.model;
      List<Fault> faults =
          GoldenCheck.compare(
              model.manifest(),
              encoder.vectors(model.manifest().golden().texts()),
              encoder.goldenTolerance);
      if (!faults.isEmpty()) {
        throw new ModelVerificationException(model.report().withFaults(faults));
      }
      return encoder;
    } catch (RuntimeException e) {
      encoder.close();
      throw e;
    }
  }

  /**
   * Verifies the files of a draft, computes the golden weights and writes the manifest: from then
   * on exactly these files are the model.
   *
   * @param draft see {@link ModelDraft}
   * @param file where the manifest shall be: {@link ModelManifest#FILE_NAME} in the model's folder;
   *     one that is there is replaced
   * @param tolerance greatest difference of a golden weight on other machines
   * @return the manifest as written
   * @throws ModelVerificationException if the files are not a whole model
   */
  public static ModelManifest lock(
      ModelManifest draft, ModelSource source, Path file, float tolerance) throws IOException {
    VerifiedModel examined = ModelLock.examine(draft, source);
    return ModelLock.write(
        examined, new Golden(tolerance, goldenTexts(examined, GOLDEN_TEXTS)), file);
  }

  /**
   * The vectors of texts as an examined model computes them, to become the golden weights of its
   * manifest: the one case in which there is nothing yet to prove the model by.
   *
   * @param examined comes from {@link io.m3lex.model.ModelLock#examine}
   * @return the texts with their weights, in both roles if these differ
   * @throws IOException if the model cannot be loaded
   */
  public static List<GoldenText> goldenTexts(VerifiedModel examined, List<String> texts)
      throws IOException {
    try (LexicalEncoder encoder = openUnproven(examined, EncoderSettings.DEFAULT)) {
      encoder.requireLength();
      // In the M3 form queries and documents get the same weights.
      List<TextRole> roles =
          examined.manifest().head().equals(HeadForm.M3)
              ? List.of(TextRole.DOCUMENT)
              : List.of(TextRole.values());
      List<GoldenText> golden = new ArrayList<>();
      for (String text : texts) {
        for (TextRole role : roles) {
          golden.add(new GoldenText(text, role, encoder.encode(text, role).vector().toMap()));
        }
      }
      return golden;
    }
  }

  private static LexicalEncoder openUnproven(VerifiedModel model, EncoderSettings settings)
      throws IOException {
    require(model.manifest(), settings);
    return new LexicalEncoder(model, settings, new Loading(settings).of(model));
  }

  /** The vectors of golden texts, those of one role in one go. */
  private List<SparseVector> vectors(List<GoldenText> texts) {
    SparseVector[] vectors = new SparseVector[texts.size()];
    for (TextRole role : TextRole.values()) {
      List<Integer> positions =
          IntStream.range(0, vectors.length)
              .filter(i -> texts.get(i).role() == role)
              .boxed()
              .toList();
      List<EncodedText> encoded =
          encode(positions.stream().map(i -> texts.get(i).text()).toList(), role);
      for (int i = 0; i < encoded.size(); i++) {
        vectors[positions.get(i)] = encoded.get(i).vector();
      }
    }
    return List.of(vectors);
  }

  /** The model that this encoder runs. */
  public VerifiedModel model() {
    return model;
  }

  @Override
  public ModelFingerprint fingerprint() {
    return fingerprint;
  }

  @Override
  public SortedMap<String, String> environment() {
    SortedMap<String, String> environment = new TreeMap<>();
    environment.put("engine", states.engine());
    environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    environment.put("java", System.getProperty("java.version"));
    return environment;
  }

  @Override
  public EncodedText encode(String text, TextRole role) {
    return encode(List.of(text), role).getFirst();
  }

  /**
   * {@inheritDoc}
   *
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
   */
  @Override
  public List<EncodedText> encode(List<String> texts, TextRole role) {
    return encode(texts, role, (stretch, position) -> {});
  }

  /**
   * Encodes texts.
   *
   * @param further takes the position of a text and a stretch of it, too
   */
  private List<EncodedText> encode(
      List<String> texts, TextRole role, ObjIntConsumer<TokenStates> further) {
    List<LexicalHead.Pool> pools = new ArrayList<>();
    List<Consumer<TokenStates>> consumers = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      LexicalHead.Pool pool = head.pool(role);
      int position = i;
      pools.add(pool);
      consumers.add(
          stretch -> {
            pool.add(stretch);
            further.accept(stretch, position);
          });
    }
    List<TextLength> lengths = states.encode(texts, consumers);
    List<EncodedText> encoded = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      TextLength length = lengths.get(i);
      encoded.add(
          new EncodedText(
              pools.get(i).vector().from(fingerprint),
              length.tokens(),
              length.windows(),
              length.droppedTokens()));
    }
    return encoded;
  }

  @Override
  public int denseSize() {
    return states.hidden();
  }

  @Override
  public boolean hasTokenVectors() {
    return tokenVectors.isPresent();
  }

  /**
   * {@inheritDoc}
   *
   * <p>The dense vector is the state of the template's first token, of several windows the mean; a
   * token vector stands for each token that was read and for the template's last.
   */
  @Override
  public List<HybridText> encodeHybrid(List<String> texts, TextRole role, boolean withTokens) {
    if (withTokens && tokenVectors.isEmpty()) {
      throw new UnsupportedOperationException(
          "model %s has no head for token vectors".formatted(model.manifest().name()));
    }
    List<TextVectors> vectors =
        texts.stream().map(text -> new TextVectors(withTokens ? tokenVectors : NONE)).toList();
    List<EncodedText> encoded =
        encode(texts, role, (stretch, position) -> vectors.get(position).add(stretch));
    return IntStream.range(0, encoded.size())
        .mapToObj(
            i -> new HybridText(encoded.get(i), vectors.get(i).dense(), vectors.get(i).tokens()))
        .toList();
  }

  @Override
  public String describe(String feature) {
    return head.describe(feature, states::piece);
  }

  @Override
  public List<FeatureSpan> spans(String text) {
    return states.spans(text, head::spans);
  }

  @Override
  public void close() {
    states.close();
  }
}
