/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the pickle of a PyTorch state dict, and nothing else.
 *
 * <p>A pickle is a program for a small stack machine, which in Python may call anything. This
 * machine knows the instructions that a state dict needs and these names: {@code
 * collections.OrderedDict}, {@code torch._utils._rebuild_tensor_v2}, {@code
 * torch._utils._rebuild_parameter} and the storage types. Any other name is refused by that name,
 * any other instruction by its number. No name leads to a class or a method: the machine only notes
 * what it read.
 *
 * <p>Nothing is allocated by a length before so many bytes are known to be there. The number of
 * instructions, the stack and the memo are limited; objects within objects are never followed, so
 * deep nesting and cycles do no harm.
 *
 * @see <a href="https://github.com/python/cpython/blob/main/Lib/pickletools.py">the
 *     instructions</a>
 */
final class StateDictUnpickler {

  /** The bytes of a storage: an entry of the archive. */
  record Storage(String key, ElementType type, long elements) {}

  /** A tensor as a view of a storage; offset and strides count elements, nothing is checked yet. */
  record View(Storage storage, long offset, long[] shape, long[] strides) {}

  /** A dictionary, whose values may be anything that a pickle holds. */
  static final class Dict {
    private final boolean ordered;
    private Map<String, Object> values = Map.of();

    Dict(boolean ordered) {
      this.ordered = ordered;
    }

    Map<String, Object> values() {
      return values;
    }

    /** Whether there was none of this key. */
    boolean add(String key, Object value) {
      if (values.isEmpty()) {
        values = new LinkedHashMap<>();
      }
      return values.put(key, value) == null;
    }
  }

  private static final int MAX_OPERATIONS = 4_000_000;
  private static final int MAX_STACK = 200_000;
  private static final int MAX_MEMO = 1_000_000;
  private static final int MAX_NAME = 1_000;
  private static final int MAX_DIMENSIONS = 64;

  /** Python's None. */
  private static final Object NONE = new Object();

  private static final Object MARK = new Object();

  private record Tuple(Object[] items) {}

  /** A list; what is in it is of no interest. */
  private static final class PickledList {}

  /** The names that a state dict may use. */
  private enum Global {
    ORDERED_DICT("collections.OrderedDict", null),
    REBUILD_TENSOR("torch._utils._rebuild_tensor_v2", null),
    REBUILD_PARAMETER("torch._utils._rebuild_parameter", null),
    FLOAT("torch.FloatStorage", ElementType.F32),
    HALF("torch.HalfStorage", ElementType.F16),
    BFLOAT16("torch.BFloat16Storage", ElementType.BF16),
    DOUBLE("torch.DoubleStorage", ElementType.F64),
    LONG("torch.LongStorage", ElementType.I64),
    INT("torch.IntStorage", ElementType.I32),
    SHORT("torch.ShortStorage", ElementType.I16),
    CHAR("torch.CharStorage", ElementType.I8),
    BYTE("torch.ByteStorage", ElementType.U8),
    BOOL("torch.BoolStorage", ElementType.BOOL),
    UNTYPED("torch.storage.UntypedStorage", ElementType.U8);

    private final String name;
    private final ElementType storage;

    Global(String name, ElementType storage) {
      this.name = name;
      this.storage = storage;
    }
  }

  private final ByteBuffer pickle;
  private final String file;
  private final long fileOffset;
  private final Map<Integer, Object> memo = new HashMap<>();
  private final List<Integer> marks = new ArrayList<>();
  private final List<Storage> storages = new ArrayList<>();
  private Object[] stack = new Object[64];
  private int stackSize;
  private int at;

  /**
   * Makes a reader.
   *
   * @param pickle from the buffer's position to its limit
   * @param file what messages call the file
   * @param fileOffset where the pickle starts in the file
   */
  StateDictUnpickler(ByteBuffer pickle, String file, long fileOffset) {
    this.pickle = pickle.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.file = file;
    this.fileOffset = fileOffset;
  }

  /**
   * Reads the dictionary that the pickle holds.
   *
   * @throws CheckpointFormatException if it holds anything else, or asks for what a state dict does
   *     not need
   */
  Dict read() throws CheckpointFormatException {
    if (take(1) != 0x80) {
      throw damaged("the pickle does not start with its protocol");
    }
    int protocol = (int) take(1);
    if (protocol < 2 || protocol > 5) {
      throw refused(
          "the pickle has protocol " + protocol + ", not one of 2 to 5",
          "Save the state dict with torch.save and its default settings");
    }
    for (int operations = 0; operations < MAX_OPERATIONS; operations++) {
      at = pickle.position();
      int code = (int) take(1);
      if (code == '.') {
        return result();
      }
      execute(code);
    }
    throw damaged("the pickle has more than " + MAX_OPERATIONS + " instructions");
  }

  /** All storages that the pickle mentions, as often as it does. */
  List<Storage> storages() {
    return storages;
  }

  private Dict result() throws CheckpointFormatException {
    Object top = pop();
    if (stackSize != 0 || pickle.hasRemaining()) {
      throw damaged("the pickle ends, and leaves something over");
    }
    if (top instanceof Dict dict) {
      return dict;
    }
    throw refused(
        "the file holds " + describe(top) + ", not a dictionary of tensors",
        "Save the model's state dict: torch.save(model.state_dict(), file)");
  }

  private void execute(int code) throws CheckpointFormatException {
    switch (code) {
      case 0x95 -> take(Long.BYTES); // FRAME, whose length only helps reading from a stream
      case '(' -> mark();
      case '}' -> push(new Dict(false));
      case ']' -> push(new PickledList());
      case ')' -> push(new Tuple(new Object[0]));
      case 't' -> push(new Tuple(popToMark()));
      case 0x85, 0x86, 0x87 -> push(new Tuple(pop(code - 0x84)));
      case 's' -> set(pop(2));
      case 'u' -> set(popToMark());
      case 'a' -> append(pop(1));
      case 'e' -> append(popToMark());
      case 'q' -> memoize((int) take(1));
      case 'r' -> memoize(index());
      case 0x94 -> memoize(memo.size());
      case 'h' -> recall((int) take(1));
      case 'j' -> recall(index());
      case 'c' -> pushGlobal(line() + "." + line());
      case 0x93 -> stackGlobal();
      case 'i' -> {
        pushGlobal(line() + "." + line());
        throw unsupported(code);
      }
      case 'R' -> reduce();
      case 'b' -> build();
      case 'Q' -> persistent();
      case 'K' -> push(take(1));
      case 'M' -> push(take(2));
      case 'J' -> push((long) (int) take(4));
      case 0x8a -> pushLong((int) take(1));
      case 'G' -> {
        take(Long.BYTES);
        // The value of a number with a fraction is of no interest.
        push(Double.NaN);
      }
      case 0x88 -> push(Boolean.TRUE);
      case 0x89 -> push(Boolean.FALSE);
      case 'N' -> push(NONE);
      case 0x8c -> push(text(take(1), true));
      case 'X' -> push(text(take(4), true));
      case 0x8d -> push(text(take(8), true));
      case 'U' -> push(text(take(1), false));
      case 'T' -> push(text(take(4), false));
      default -> throw unsupported(code);
    }
  }

  /** The next bytes as a number, unsigned if they are fewer than eight. */
  private long take(int length) throws CheckpointFormatException {
    require(length);
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (pickle.get() & 0xffL) << (8 * i);
    }
    return value;
  }

  private void require(long length) throws CheckpointFormatException {
    if (length < 0 || length > pickle.remaining()) {
      throw damaged(
          String.format(
              Locale.ROOT,
              "%s bytes should follow, but only %d do",
              Long.toUnsignedString(length),
              pickle.remaining()));
    }
  }

  private String text(long length, boolean utf8) throws CheckpointFormatException {
    require(length);
    ByteBuffer bytes = pickle.slice(pickle.position(), (int) length);
    pickle.position(pickle.position() + (int) length);
    try {
      return (utf8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1)
          .newDecoder()
          .decode(bytes)
          .toString();
    } catch (CharacterCodingException e) {
      throw damaged("a text is not UTF-8");
    }
  }

  /** A line of a name, as instructions of the first protocols have it. */
  private String line() throws CheckpointFormatException {
    StringBuilder line = new StringBuilder();
    for (int c = (int) take(1); c != '\n'; c = (int) take(1)) {
      if (line.length() == MAX_NAME) {
        throw damaged("a name has more than " + MAX_NAME + " characters");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private void pushLong(int length) throws CheckpointFormatException {
    if (length > Long.BYTES) {
      throw damaged("a number has " + length + " bytes, more than " + Long.BYTES);
    }
    long value = take(length);
    int shift = Long.SIZE - 8 * length;
    // The highest bit is the sign.
    push(length == 0 ? 0L : value << shift >> shift);
  }

  private int index() throws CheckpointFormatException {
    long index = take(4);
    if (index >= MAX_MEMO) {
      throw damaged("the memo has no more than " + MAX_MEMO + " places");
    }
    return (int) index;
  }

  private void push(Object value) throws CheckpointFormatException {
    if (stackSize == MAX_STACK) {
      throw damaged("the pickle needs more than " + MAX_STACK + " places on the stack");
    }
    if (stackSize == stack.length) {
      stack = Arrays.copyOf(stack, 2 * stackSize);
    }
    stack[stackSize++] = value;
  }

  private void mark() throws CheckpointFormatException {
    push(MARK);
    marks.add(stackSize);
  }

  private Object pop() throws CheckpointFormatException {
    return pop(1)[0];
  }

  private Object[] pop(int count) throws CheckpointFormatException {
    int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (stackSize - floor < count) {
      throw damaged("an instruction needs more than there is on the stack");
    }
    Object[] items = Arrays.copyOfRange(stack, stackSize - count, stackSize);
    cut(stackSize - count);
    return items;
  }

  private Object[] popToMark() throws CheckpointFormatException {
    if (marks.isEmpty()) {
      throw damaged("an instruction needs a mark, and there is none on the stack");
    }
    int start = marks.remove(marks.size() - 1);
    Object[] items = Arrays.copyOfRange(stack, start, stackSize);
    cut(start - 1);
    return items;
  }

  private void cut(int size) {
    Arrays.fill(stack, size, stackSize, null);
    stackSize = size;
  }

  private Object top() throws CheckpointFormatException {
    Object top = pop();
    push(top);
    return top;
  }

  private void memoize(int index) throws CheckpointFormatException {
    if (memo.size() == MAX_MEMO) {
      throw damaged("the memo has no more than " + MAX_MEMO + " places");
    }
    memo.put(index, top());
  }

  private void recall(int index) throws CheckpointFormatException {
    Object value = memo.get(index);
    if (value == null) {
      throw damaged("place " + index + " of the memo is empty");
    }
    push(value);
  }

  private void set(Object[] items) throws CheckpointFormatException {
    if (!(top() instanceof Dict dict)) {
      throw damaged("an instruction adds to a dictionary, and finds " + describe(top()));
    }
    if (items.length % 2 != 0) {
      throw damaged("a dictionary has a key without a value");
    }
    for (int i = 0; i < items.length; i += 2) {
      if (!(items[i] instanceof String)) {
        throw refused(
            "the key of a dictionary is " + describe(items[i]) + ", not a name",
            "Save the model's state dict only, without the optimizer's");
      }
      if (!dict.add((String) items[i], items[i + 1])) {
        throw damaged(
            "a dictionary has two values named \""
                + TensorNames.printable((String) items[i])
                + "\"");
      }
    }
  }

  private void append(Object[] items) throws CheckpointFormatException {
    if (!(top() instanceof PickledList)) {
      throw damaged(
          String.format(
              Locale.ROOT,
              "an instruction adds %d values to a list, and finds %s",
              items.length,
              describe(top())));
    }
  }

  private void stackGlobal() throws CheckpointFormatException {
    Object[] names = pop(2);
    if (!(names[0] instanceof String && names[1] instanceof String)) {
      throw damaged("the name of a function is not text");
    }
    pushGlobal(names[0] + "." + names[1]);
  }

  private void pushGlobal(String name) throws CheckpointFormatException {
    for (Global global : Global.values()) {
      if (global.name.equals(name)) {
        push(global);
        return;
      }
    }
    throw refused(
        "it asks for "
            + TensorNames.printable(name)
            + ", which no state dict needs: such a file could run any program; nothing was"
            + " executed",
        "Do not load it anywhere unless you trust its maker, who may save the model's state dict"
            + " or safetensors instead");
  }

  private void reduce() throws CheckpointFormatException {
    Object[] call = pop(2);
    if (!(call[1] instanceof Tuple)) {
      throw damaged("a call has " + describe(call[1]) + " instead of its arguments");
    }
    Object[] arguments = ((Tuple) call[1]).items;
    if (call[0] == Global.ORDERED_DICT && arguments.length == 0) {
      push(new Dict(true));
    } else if (call[0] == Global.REBUILD_TENSOR
        && (arguments.length == 6 || arguments.length == 7)) {
      push(view(arguments));
    } else if (call[0] == Global.REBUILD_PARAMETER
        && arguments.length == 3
        && arguments[0] instanceof View) {
      push(arguments[0]);
    } else {
      throw damaged(
          String.format(
              Locale.ROOT,
              "a call of %s with %d arguments, which it does not take",
              describe(call[0]),
              arguments.length));
    }
  }

  private View view(Object[] arguments) throws CheckpointFormatException {
    if (!(arguments[0] instanceof Storage storage) || !(arguments[1] instanceof Long offset)) {
      throw damaged("a tensor has no storage, or no offset into it");
    }
    return new View(storage, offset, numbers(arguments[2]), numbers(arguments[3]));
  }

  private long[] numbers(Object tuple) throws CheckpointFormatException {
    if (!(tuple instanceof Tuple)) {
      throw damaged("the shape or the strides of a tensor are " + describe(tuple));
    }
    Object[] items = ((Tuple) tuple).items;
    if (items.length > MAX_DIMENSIONS) {
      throw damaged("a tensor has more than " + MAX_DIMENSIONS + " dimensions");
    }
    long[] numbers = new long[items.length];
    for (int i = 0; i < items.length; i++) {
      if (!(items[i] instanceof Long)) {
        throw damaged("the shape or the strides of a tensor hold " + describe(items[i]));
      }
      numbers[i] = (Long) items[i];
    }
    return numbers;
  }

  /** A state dict carries the versions of its modules as an attribute, which no reader needs. */
  private void build() throws CheckpointFormatException {
    Object[] call = pop(2);
    boolean isMetadata =
        call[0] instanceof Dict target
            && target.ordered
            && call[1] instanceof Dict attributes
            && attributes.values.keySet().stream().allMatch("_metadata"::equals);
    if (!isMetadata) {
      throw damaged("an instruction changes the attributes of " + describe(call[0]));
    }
    push(call[0]);
  }

  private void persistent() throws CheckpointFormatException {
    Object id = pop();
    if (id instanceof Tuple tuple
        && tuple.items.length == 5
        && "storage".equals(tuple.items[0])
        && tuple.items[1] instanceof Global type
        && type.storage != null
        && tuple.items[2] instanceof String key
        && tuple.items[3] instanceof String
        && tuple.items[4] instanceof Long elements) {
      Storage storage = new Storage(key, type.storage, elements);
      storages.add(storage);
      push(storage);
    } else {
      throw damaged("what should refer to a storage does not");
    }
  }

  /** What a value is, for messages. */
  static String describe(Object value) {
    if (value instanceof String) {
      return "text";
    } else if (value instanceof Boolean) {
      return "a truth value";
    } else if (value instanceof Number) {
      return "a number";
    } else if (value == NONE) {
      return "None";
    } else if (value == MARK) {
      return "a mark";
    } else if (value instanceof Dict) {
      return "a dictionary";
    } else if (value instanceof PickledList) {
      return "a list";
    } else if (value instanceof Tuple) {
      return "a tuple";
    } else if (value instanceof Storage) {
      return "a storage without a shape";
    } else if (value instanceof View) {
      return "a tensor";
    }
    return ((Global) value).name;
  }

  private CheckpointFormatException unsupported(int code) {
    return refused(
        String.format(
            Locale.ROOT,
            "the pickle has the instruction 0x%02x, which no state dict needs; nothing was executed",
            code),
        "Save the state dict with torch.save and its default settings");
  }

  private CheckpointFormatException damaged(String problem) {
    return refused(problem, CheckpointFormatException.DOWNLOAD_AGAIN);
  }

  private CheckpointFormatException refused(String problem, String remedy) {
    return new CheckpointFormatException(file, null, fileOffset + at, problem, remedy);
  }
}
