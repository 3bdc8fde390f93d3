package org.lanegrad.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Node.Source;
import org.lanegrad.simd.Simd;

/**
 * Where each value of a session lies, for one size of the batch: from the op that makes it to its
 * last reader, in one array that values share whose lives don't meet.
 */
final class Plan {
  /** One op, or one view. */
  static final class Step {
    final Node node;
    private final Op op;
    private final Operands in;
    private final Operands out;

    /** For a view: where its source and it are, and what it was last made of. */
    private final int source;

    private final int target;
    private final int rows;
    private Matrix last;

    Step(Call call, Operands in, Operands out, int source, int target, int rows) {
      node = call.outputs().get(0);
      op = call.op();
      this.in = in;
      this.out = out;
      this.source = source;
      this.target = target;
      this.rows = rows;
    }

    void run(Matrix[] values, Scratch scratch) {
      if (!(op instanceof View view)) {
        op.run(in, out, scratch);
      } else if (last != values[source]) {
        last = values[source];
        values[target] = view.of(last, rows);
      }
    }
  }

  /** A value's place in the shared array. */
  private record Block(int from, int length) {}

  final Matrix[] matrices;
  final int[][] ints;
  final long[][] bits;
  final Step[] steps;

  private final int batch;
  private final Map<Node, Integer> slots = new HashMap<>();
  private final Map<Node, Integer> lastUse = new HashMap<>();
  private final Map<Node, Block> blocks = new HashMap<>();
  private final Set<Node> bound;
  private final float[] shared;
  private int end;

  /**
   * Plans the calls.
   *
   * @param bound the nodes whose matrices are the caller's
   * @param arena the session's floats
   */
  Plan(List<Call> calls, List<Node> outputs, Set<Node> bound, int batch, Arena arena) {
    this.batch = batch;
    this.bound = bound;
    Set<Node> wanted = new HashSet<>(outputs);
    List<Node> all = new ArrayList<>();
    for (int s = 0; s < calls.size(); s++) {
      for (Node input : calls.get(s).inputs()) {
        wanted.add(input);
        lastUse.put(root(input), s);
        if (input.source() != Source.OP) {
          all.add(input);
        }
      }
    }
    outputs.forEach(output -> lastUse.put(root(output), Integer.MAX_VALUE));
    outputs.stream().filter(output -> output.source() != Source.OP).forEach(all::add);
    for (Call call : calls) {
      for (int k = 0; k < call.outputs().size(); k++) {
        Node output = call.outputs().get(k);
        if (wanted.contains(output) || !call.op().isOptional(k)) {
          all.add(output);
        }
      }
    }
    for (Node node : all) {
      slots.putIfAbsent(node, slots.size());
    }
    matrices = new Matrix[slots.size()];
    ints = new int[slots.size()][];
    bits = new long[slots.size()][];
    for (int s = 0; s < calls.size(); s++) {
      place(calls.get(s), s);
    }
    int length = Check.length("the values of a session", (long) end + Simd.LINE_START);
    shared = arena.shared(length);
    blocks.forEach(
        (node, block) ->
            matrices[slots.get(node)] = view(node, shared, Simd.LINE_START + block.from()));
    for (Node node : all) {
      own(node, arena);
    }
    steps = new Step[calls.size()];
    for (int s = 0; s < steps.length; s++) {
      steps[s] = step(calls.get(s));
    }
  }

  /** Whether it was made for that size of the batch and the same matrices of the caller's. */
  boolean isFor(int examples, List<Binding> bindings) {
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      if (binding.isDirect() != bound.contains(binding.node())) {
        return false;
      }
    }
    return examples == batch;
  }

  /** Whether it lies in the arena's present array. */
  boolean isIn(Arena arena) {
    return arena.shares(shared);
  }

  /** Gives its arrays back: the plan is not used any more. */
  void release(Arena arena) {
    for (Matrix matrix : matrices) {
      if (matrix != null) {
        arena.release(matrix.array());
      }
    }
  }

  /** How many words the bits of a value take: each row starts a word. */
  static int words(Shape shape, int batch) {
    return shape.rowsAt(batch) * ((shape.columns() + 63) >>> 6);
  }

  /** The slot of a node; −1 if it has none. */
  int slot(Node node) {
    return slots.getOrDefault(node, -1);
  }

  /** How many bytes the values take that the session owns. */
  long bytes() {
    long bytes = 4L * end;
    for (Map.Entry<Node, Integer> entry : slots.entrySet()) {
      Node node = entry.getKey();
      boolean apart = !blocks.containsKey(node) && !bound.contains(node) && root(node) == node;
      if (apart && node.source() != Source.PARAMETER && node.source() != Source.CONSTANT) {
        Matrix matrix = matrices[entry.getValue()];
        long[] words = bits[entry.getValue()];
        bytes += matrix == null ? 0 : 4L * matrix.rows() * matrix.columns();
        bytes += words == null ? 0 : 8L * words.length;
      }
    }
    return bytes;
  }

  /** The value that a view is of. */
  static Node root(Node node) {
    return node.op() instanceof View ? root(node.inputs().get(0)) : node;
  }

  private void place(Call call, int step) {
    if (call.op() instanceof View) {
      return;
    }
    for (Node output : call.outputs()) {
      boolean shares =
          slots.containsKey(output)
              && output.shape().kind() == Shape.Kind.FLOATS
              && !fillsArray(output)
              && !bound.contains(output);
      if (shares) {
        Block taken = output.number() == 0 ? taken(call, step) : null;
        Block block = taken == null ? free(length(output), step) : taken;
        blocks.put(output, block);
        lastUse.putIfAbsent(output, step);
      }
    }
  }

  /** The block of the input that the first output may take over, if nobody reads it later. */
  private Block taken(Call call, int step) {
    int from = call.op().inPlace();
    if (from < 0) {
      return null;
    }
    Node input = call.inputs().get(from);
    boolean dies =
        blocks.containsKey(input)
            && lastUse.get(input) == step
            && length(input) == length(call.outputs().get(0));
    for (int i = 0; i < call.inputs().size(); i++) {
      dies &= i == from || root(call.inputs().get(i)) != input;
    }
    return dies ? blocks.get(input) : null;
  }

  /** The lowest block of that length that no living value has. */
  private Block free(int length, int step) {
    List<Block> living = new ArrayList<>();
    blocks.forEach(
        (node, block) -> {
          if (lastUse.getOrDefault(node, -1) >= step) {
            living.add(block);
          }
        });
    living.sort(Comparator.comparingInt(Block::from));
    int from = 0;
    for (Block block : living) {
      if (from + length <= block.from()) {
        break;
      }
      from = Math.max(from, block.from() + block.length());
    }
    end = Math.max(end, Check.length("the values of a session", (long) from + length));
    return new Block(from, length);
  }

  /** In whole cache lines. */
  private int length(Node node) {
    return Check.length("a value", (node.shape().sizeAt(batch) + 15L) & -16L);
  }

  /** Whether a value has an array that it fills. */
  static boolean fillsArray(Node node) {
    return node.shape().isRow() || node.call() != null && node.op().fillsArray(node.number());
  }

  private Matrix view(Node node, float[] array, int from) {
    Shape shape = node.shape();
    return Matrix.of(array, from, shape.rowsAt(batch), shape.columns(), shape.columns());
  }

  private void own(Node node, Arena arena) {
    int slot = slots.get(node);
    Shape shape = node.shape();
    switch (shape.kind()) {
      case BITS -> bits[slot] = new long[words(shape, batch)];
      case FLOATS -> {
        boolean apart = root(node) == node && !bound.contains(node) && matrices[slot] == null;
        if (apart) {
          matrices[slot] = view(node, arena.apart(shape.sizeAt(batch)), 0);
        }
      }
      case INTS -> {
        // the caller's
      }
    }
  }

  private Step step(Call call) {
    int[] in = call.inputs().stream().mapToInt(this::slot).toArray();
    int[] out = call.outputs().stream().mapToInt(this::slot).toArray();
    int rows = call.outputs().get(0).shape().rowsAt(batch);
    return new Step(
        call,
        new Operands(matrices, ints, bits, in),
        new Operands(matrices, ints, bits, out),
        in.length == 0 ? -1 : in[0],
        out[0],
        rows);
  }
}
