package io.m3lex.encoder;

import io.m3lex.EncodedText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.model.Fault;
import io.m3lex.model.FileRole;
import io.m3lex.model.GoldenCheck;
import io.m3lex.model.GoldenText;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.model.ModelVerifier;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The encoder of a verified model: tokenizer, network and lexical head. Opening one loads the model
 * and proves that it works: the manifest's golden texts must come out with their known weights.
 *
 * <p>Safe for use by several threads; each call computes on the calling thread, and its result
 * depends on nothing but the text, its role and the model.
 */
public final class LexicalEncoder implements SparseEncoder {

  /** Raised when the program computes other weights from the same files. */
  private static final String PROGRAM = "1";

  private final VerifiedModel model;
  private final TokenStateEncoder states;
  private final LexicalHead head;
  private final ModelFingerprint fingerprint;

  private LexicalEncoder(VerifiedModel model, LongTexts longTexts) throws IOException {
    this.model = model;
    head = new LexicalHead(model);
    states =
        new TokenStateEncoder(
            bytes(model.bytes(FileRole.ENCODER)),
            bytes(model.bytes(FileRole.TOKENIZER)),
            model.manifest().encoder().output(),
            model.manifest().encoder().maxTokens(),
            longTexts);
    if (states.hidden() != head.hidden()) {
      states.close();
      throw new IOException(
          "model %s: the network gives %d values per token, the head takes %d"
              .formatted(model.manifest().name(), states.hidden(), head.hidden()));
    }
    SortedMap<String, String> components = new TreeMap<>(model.fingerprintComponents());
    components.put(LongTexts.COMPONENT, states.longTextRule());
    components.put("program", PROGRAM);
    fingerprint = new ModelFingerprint(model.manifest().name(), components);
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
        new ModelVerifier(catalog).verify(catalog.manifests().getFirst(), ModelSource.classPath()),
        LongTexts.WINDOW);
  }

  /**
   * Verifies and opens a model from its folder, which carries its manifest {@value
   * ModelManifest#FILE_NAME}; long texts are windowed.
   *
   * @throws ModelVerificationException if anything is wrong with the model
   * @throws IOException if it cannot be loaded
   */
  public static LexicalEncoder open(Path folder) throws IOException {
    return open(
        new ModelVerifier(ModelCatalog.shipped())
            .verify(ModelManifest.ofFolder(folder), ModelSource.folder(folder)),
        LongTexts.WINDOW);
  }

  /**
   * Opens a verified model.
   *
   * @throws ModelVerificationException if the golden texts do not come out with their known weights
   * @throws IOException if the model cannot be loaded
   */
  public static LexicalEncoder open(VerifiedModel model, LongTexts longTexts) throws IOException {
    LexicalEncoder encoder = openUnproven(model, longTexts);
    try {
      List<GoldenText> texts = model.manifest().golden().texts();
      List<SparseVector> vectors = new ArrayList<>();
      for (GoldenText text : texts) {
        vectors.add(encoder.encode(text.text(), text.role()).vector());
      }
      List<Fault> faults = GoldenCheck.compare(model.manifest(), vectors);
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
   * The vectors of texts as an examined model computes them, to become the golden weights of its
   * manifest: the one case in which there is nothing yet to prove the model by.
   *
   * @param examined comes from {@link io.m3lex.model.ModelLock#examine}
   * @return the texts with their weights, in both roles
   * @throws IOException if the model cannot be loaded
   */
  public static List<GoldenText> goldenTexts(VerifiedModel examined, List<String> texts)
      throws IOException {
    try (LexicalEncoder encoder = openUnproven(examined, LongTexts.WINDOW)) {
      List<GoldenText> golden = new ArrayList<>();
      for (String text : texts) {
        for (TextRole role : TextRole.values()) {
          golden.add(new GoldenText(text, role, encoder.encode(text, role).vector().toMap()));
        }
      }
      return golden;
    }
  }

  private static LexicalEncoder openUnproven(VerifiedModel model, LongTexts longTexts)
      throws IOException {
    return new LexicalEncoder(model, longTexts);
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
    LexicalHead.Pool pool = head.pool(role);
    TextLength length = states.encode(text, pool::add);
    return new EncodedText(
        pool.vector(), length.tokens(), length.windows(), length.droppedTokens());
  }

  @Override
  public String describe(String feature) {
    try {
      String piece = states.piece(Integer.parseInt(feature));
      return piece.isEmpty() ? feature : piece;
    } catch (NumberFormatException e) {
      return feature;
    }
  }

  @Override
  public void close() {
    states.close();
  }
}
