package org.lanegrad.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.GeluTanh;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Mish;
import org.lanegrad.activation.PiecewiseLinear;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Softsign;
import org.lanegrad.activation.Swish;
import org.lanegrad.activation.Tanh;
import org.lanegrad.elementwise.Absolute;
import org.lanegrad.elementwise.Affine;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Op;
import org.lanegrad.graph.Over;
import org.lanegrad.graph.Shape;

/** Turns what some nodes need into a ModelProto of ONNX, op by op. */
final class OnnxExport {
  private static final int FLOAT = 1;
  private static final int INT32 = 6;
  private static final int INT64 = 7;

  /** The oldest operators that do, so that most runtimes read them. */
  private static final int OPERATORS = 17;

  private static final int WITH_GELU = 20;
  private static final int WITH_RMS_NORM = 23;

  private final ProtoWriter graph = new ProtoWriter();
  private final List<Node> outputs;

  /** The tensor of each node. */
  private final Map<Node, String> tensors = new HashMap<>();

  private final Set<String> names = new HashSet<>();

  /** Rows that stand for as many as their reader has, which binary operators alone understand. */
  private final Set<Node> repeated = new HashSet<>();

  /** Single rows that are read as matrices, and have two dimensions therefore. */
  private final Set<Node> matrices = new HashSet<>();

  private int version = OPERATORS;

  OnnxExport(List<Node> outputs) {
    this.outputs = outputs;
  }

  ProtoWriter run() {
    Node[] wanted = outputs.toArray(Node[]::new);
    List<Node> needed = wanted[0].graph().reached(false, wanted);
    needed.forEach(node -> names.add(node.name()));
    needed.forEach(this::findMatrices);
    ProtoWriter inputs = new ProtoWriter();
    graph.text(2, "lanegrad");
    for (Node node : needed) {
      if (node.isInput()) {
        tensors.put(node, node.name());
        boolean isInts = node.shape().kind() == Shape.Kind.INTS;
        inputs.message(11, info(node, isInts ? INT32 : FLOAT));
      } else if (node.op() == null) {
        tensors.put(node, node.name());
        graph.message(5, tensor(node.name(), dims(node), node.value()));
      } else {
        write(node);
      }
    }
    ProtoWriter results = new ProtoWriter();
    for (Node output : outputs) {
      refuseRepeated(output, output);
      if (!tensors.get(output).equals(output.name())) {
        // a view, or a dropout, that stands for its input
        operator("Identity", List.of(tensors.get(output)), output.name());
      }
      results.message(12, info(output, FLOAT));
    }
    graph.append(inputs).append(results);
    return new ProtoWriter()
        .integer(1, version == OPERATORS ? 8 : 11)
        .text(2, "lanegrad")
        .message(7, graph)
        .message(8, new ProtoWriter().text(1, "").integer(2, version));
  }

  private void findMatrices(Node node) {
    String op = node.op() == null ? "" : node.op().name();
    switch (op) {
      case "dense" -> matrices.addAll(node.inputs().subList(0, 2));
      case "layer norm", "rms norm" -> matrices.add(node.inputs().get(0));
      case "product", "sum", "max", "columns", "concat", "embedding window", "reshape" ->
          matrices.addAll(node.inputs());
      default -> {}
    }
  }

  /** A row for each example, or so many; the columns last. */
  private List<Long> dims(Node node) {
    Shape shape = node.shape();
    List<Long> dims = new ArrayList<>();
    if (shape.isBatch()) {
      dims.add(-1L);
    }
    boolean isHeld = node.op() == null && !node.isInput();
    boolean isPlainRow = shape.rows() == 1 && isHeld && !matrices.contains(node);
    if (shape.isBatch() ? shape.rows() > 1 : !isPlainRow) {
      dims.add((long) shape.rows());
    }
    dims.add((long) shape.columns());
    return dims;
  }

  private ProtoWriter info(Node node, int type) {
    ProtoWriter shape = new ProtoWriter();
    for (long dim : dims(node)) {
      ProtoWriter dimension = new ProtoWriter();
      shape.message(1, dim < 0 ? dimension.text(2, "batch") : dimension.integer(1, dim));
    }
    ProtoWriter tensor = new ProtoWriter().integer(1, type).message(2, shape);
    return new ProtoWriter().text(1, node.name()).message(2, new ProtoWriter().message(1, tensor));
  }

  private static ProtoWriter tensor(String name, List<Long> dims, Matrix values) {
    ByteBuffer raw =
        ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, values.rows() * values.columns()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.rows(); i++) {
      for (int j = 0; j < values.columns(); j++) {
        raw.putFloat(values.get(i, j));
      }
    }
    ProtoWriter tensor = new ProtoWriter().integer(2, FLOAT).text(8, name);
    dims.forEach(dim -> tensor.integer(1, dim));
    return tensor.bytes(9, raw.flip());
  }

  /** Whole numbers that an operator reads, as a tensor of their own. */
  private String numbers(String name, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      raw.putLong(value);
    }
    String tensor = unused(name);
    graph.message(
        5,
        new ProtoWriter()
            .integer(1, values.length)
            .integer(2, INT64)
            .text(8, tensor)
            .bytes(9, raw.flip()));
    return tensor;
  }

  private String number(String name, float value) {
    String tensor = unused(name);
    graph.message(5, tensor(tensor, List.of(), Matrix.of(new float[] {value}, 1, 1)));
    return tensor;
  }

  private String unused(String stem) {
    String name = stem;
    for (int i = 2; !names.add(name); i++) {
      name = stem + " " + i;
    }
    return name;
  }

  private void operator(
      String operator, List<String> inputs, String output, ProtoWriter... attributes) {
    ProtoWriter node = new ProtoWriter();
    inputs.forEach(input -> node.text(1, input));
    node.text(2, output).text(3, output).text(4, operator);
    for (ProtoWriter attribute : attributes) {
      node.message(5, attribute);
    }
    graph.message(1, node);
  }

  private static ProtoWriter attribute(String name, long value) {
    return new ProtoWriter().text(1, name).integer(3, value).integer(20, 2);
  }

  private static ProtoWriter attribute(String name, float value) {
    return new ProtoWriter().text(1, name).floating(2, value).integer(20, 1);
  }

  private static ProtoWriter attribute(String name, String value) {
    return new ProtoWriter().text(1, name).text(4, value).integer(20, 3);
  }

  private void refuseRepeated(Node reader, Node input) {
    if (repeated.contains(input)) {
      throw new IllegalArgumentException(
          reader + " reads " + input + ", which ONNX repeats in gates of two inputs only");
    }
  }

  /** One op's operators. */
  private void write(Node node) {
    Op op = node.op();
    boolean isOurs = op.getClass().getPackageName().equals("org.lanegrad.graph");
    boolean isFirst = node.output(0) == node;
    String operator = isOurs && isFirst ? gate(op.name()) : null;
    if (operator != null) {
      operator(operator, inputs(node), claim(node));
      return;
    }
    if (!op.isTrainingOnly() && !op.name().equals("broadcast")) {
      node.inputs().forEach(input -> refuseRepeated(node, input));
    }
    if (!isOurs || !isFirst || !other(node)) {
      throw new IllegalArgumentException(
          "no operator of ONNX is written for " + op.name() + ", which computes " + node);
    }
  }

  private static String gate(String name) {
    return switch (name) {
      case "add" -> "Add";
      case "subtract" -> "Sub";
      case "multiply", "scale" -> "Mul";
      case "divide" -> "Div";
      case "maximum" -> "Max";
      case "minimum" -> "Min";
      default -> null;
    };
  }

  private boolean other(Node node) {
    Op op = node.op();
    Map<String, Object> settings = op.settings();
    if (op.isTrainingOnly()) {
      standsFor(node);
      return true;
    }
    switch (op.name()) {
      case "broadcast" -> {
        standsFor(node);
        repeated.add(node);
      }
      case "dense" -> dense(node, (Activation) settings.get("activation"));
      case "product" -> product(node);
      case "copy" -> operator("Identity", inputs(node), claim(node));
      case "softmax" -> operator("Softmax", inputs(node), claim(node), attribute("axis", -1));
      case "log-softmax" ->
          operator("LogSoftmax", inputs(node), claim(node), attribute("axis", -1));
      case "layer norm" ->
          operator("LayerNormalization", inputs(node), claim(node), epsilon(settings));
      case "rms norm" -> {
        version = WITH_RMS_NORM;
        operator("RMSNormalization", inputs(node), claim(node), epsilon(settings));
      }
      case "prelu" -> operator("PRelu", inputs(node), claim(node));
      case "sum" -> reduction("ReduceSum", node, (Over) settings.get("over"));
      case "max" -> reduction("ReduceMax", node, (Over) settings.get("over"));
      case "share" -> {
        Shape counted = (Shape) settings.get("counted");
        if (counted.isBatch()) {
          return false;
        }
        float share = 1f / counted.sizeAt(1);
        operator("Mul", List.of(in(node, 0), number(node.name() + " of", share)), claim(node));
      }
      case "columns" -> {
        int from = (int) settings.get("from");
        int count = (int) settings.get("count");
        List<String> inputs =
            List.of(
                in(node, 0),
                numbers(node.name() + " from", from),
                numbers(node.name() + " to", from + count),
                numbers(node.name() + " axis", -1));
        operator("Slice", inputs, claim(node));
      }
      case "concat" -> operator("Concat", inputs(node), claim(node), attribute("axis", -1));
      case "reshape" -> reshape(in(node, 0), node);
      case "embedding window" -> {
        String rows = unused(node.name() + " rows");
        operator("Gather", inputs(node), rows, attribute("axis", 0));
        reshape(rows, node);
      }
      default -> {
        return settings.get("activation") instanceof Activation f
            && activation(f, in(node, 0), node);
      }
    }
    return true;
  }

  private String in(Node node, int number) {
    return tensors.get(node.inputs().get(number));
  }

  private List<String> inputs(Node node) {
    return node.inputs().stream().map(tensors::get).toList();
  }

  /** The tensor that a node's own operator writes. */
  private String claim(Node node) {
    tensors.put(node, node.name());
    return node.name();
  }

  private void standsFor(Node node) {
    tensors.put(node, in(node, 0));
    if (repeated.contains(node.inputs().get(0))) {
      repeated.add(node);
    }
  }

  private static ProtoWriter epsilon(Map<String, Object> settings) {
    return attribute("epsilon", (float) settings.get("epsilon"));
  }

  private void dense(Node node, Activation f) {
    boolean isLinear = f instanceof Identity;
    String sums = isLinear ? claim(node) : unused(node.name() + " sums");
    if (dims(node.inputs().get(0)).size() == 2) {
      operator("Gemm", inputs(node), sums);
    } else {
      String product = unused(node.name() + " product");
      operator("MatMul", inputs(node).subList(0, 2), product);
      operator("Add", List.of(product, in(node, 2)), sums);
    }
    if (!isLinear && !activation(f, sums, node)) {
      throw new IllegalArgumentException(
          "no operator of ONNX is written for " + f + ", the activation of " + node);
    }
  }

  private void product(Node node) {
    Map<String, Object> settings = node.op().settings();
    boolean turnsA = (boolean) settings.get("transposeA");
    boolean turnsB = (boolean) settings.get("transposeB");
    boolean isPlain = !turnsA && !turnsB && !(boolean) settings.get("accumulates");
    if (isPlain) {
      operator("MatMul", inputs(node), claim(node));
      return;
    }
    if (node.inputs().stream().anyMatch(input -> dims(input).size() != 2)) {
      throw new IllegalArgumentException(
          node + " has factors of more than two dimensions, and one is to be transposed");
    }
    operator(
        "Gemm",
        inputs(node),
        claim(node),
        attribute("transA", turnsA ? 1 : 0),
        attribute("transB", turnsB ? 1 : 0));
  }

  private void reduction(String operator, Node node, Over over) {
    int rank = dims(node.inputs().get(0)).size();
    long[] rows = rank == 2 ? new long[] {0} : new long[] {0, 1};
    long[] all = rank == 2 ? new long[] {0, 1} : new long[] {0, 1, 2};
    long[] axes =
        switch (over) {
          case ROWS -> rows;
          case COLUMNS -> new long[] {-1};
          case ALL -> all;
        };
    boolean isSum = operator.equals("ReduceSum");
    String reduced = rank == 2 || over == Over.COLUMNS ? claim(node) : unused(node.name() + " all");
    List<String> inputs =
        isSum ? List.of(in(node, 0), numbers(node.name() + " axes", axes)) : inputs(node);
    ProtoWriter keep = attribute("keepdims", 1);
    if (isSum) {
      operator(operator, inputs, reduced, keep);
    } else {
      // the maximum has had an input of axes since version 18 only
      ProtoWriter list = new ProtoWriter().text(1, "axes").integer(20, 7);
      for (long axis : axes) {
        list.integer(8, axis);
      }
      operator(operator, inputs, reduced, list, keep);
    }
    if (!reduced.equals(node.name())) {
      reshape(reduced, node);
    }
  }

  /** To the dimensions of a node, the batch as it comes. */
  private void reshape(String from, Node node) {
    List<Long> dims = dims(node);
    String shape = numbers(node.name() + " shape", dims.stream().mapToLong(d -> d).toArray());
    operator("Reshape", List.of(from, shape), claim(node));
  }

  /** y = f(x); false if it is not written. */
  private boolean activation(Activation f, String x, Node node) {
    String y = claim(node);
    List<String> in = List.of(x);
    switch (f) {
      case Absolute g -> operator("Abs", in, y);
      case Affine g -> affine(g, x, y);
      case Erf g -> operator("Erf", in, y);
      case Exponential g -> operator("Exp", in, y);
      case ExponentialLinear g -> {
        return exponentialLinear(g, in, y);
      }
      case Gelu g -> gelu("none", in, y);
      case GeluTanh g -> gelu("tanh", in, y);
      case HardSwish g -> operator("HardSwish", in, y);
      case Identity g -> operator("Identity", in, y);
      case Logarithm g -> operator("Log", in, y);
      case Mish g -> {
        // an operator of its own from version 18 on
        String soft = unused(y + " softplus");
        operator("Softplus", in, soft);
        gated(x, "Tanh", soft, y);
      }
      case PiecewiseLinear g -> {
        return piecewise(g, x, y);
      }
      case Reciprocal g -> operator("Reciprocal", in, y);
      case Relu g -> operator("Relu", in, y);
      case Sigmoid g -> operator("Sigmoid", in, y);
      case Softplus g -> operator("Softplus", in, y);
      case Softsign g -> operator("Softsign", in, y);
      case Square g -> operator("Mul", List.of(x, x), y);
      case SquareRoot g -> operator("Sqrt", in, y);
      case Swish g -> {
        // an operator of its own from version 24 on
        String scaled = g.beta() == 1f ? x : unused(y + " scaled");
        if (g.beta() != 1f) {
          operator("Mul", List.of(x, number(y + " beta", g.beta())), scaled);
        }
        gated(x, "Sigmoid", scaled, y);
      }
      case Tanh g -> operator("Tanh", in, y);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** y = x · gate(z). */
  private void gated(String x, String gate, String z, String y) {
    String factor = unused(y + " gate");
    operator(gate, List.of(z), factor);
    operator("Mul", List.of(x, factor), y);
  }

  private void gelu(String approximation, List<String> in, String y) {
    version = Math.max(version, WITH_GELU);
    operator("Gelu", in, y, attribute("approximate", approximation));
  }

  private boolean exponentialLinear(ExponentialLinear f, List<String> in, String y) {
    ProtoWriter alpha = attribute("alpha", f.alpha());
    if (f.width() == 1f && f.scale() == 1f) {
      operator("Elu", in, y, alpha);
    } else if (f.equals(ExponentialLinear.celu(f.alpha()))) {
      operator("Celu", in, y, alpha);
    } else if (f.width() == 1f) {
      operator("Selu", in, y, alpha, attribute("gamma", f.scale()));
    } else {
      return false;
    }
    return true;
  }

  private boolean piecewise(PiecewiseLinear p, String x, String y) {
    if (p.equals(PiecewiseLinear.clip(p.low(), p.high()))) {
      List<String> limits = List.of(x, number(y + " low", p.low()), number(y + " high", p.high()));
      operator("Clip", limits, y);
    } else if (p.equals(PiecewiseLinear.hardSigmoid(p.a(), p.b()))) {
      operator("HardSigmoid", List.of(x), y, attribute("alpha", p.a()), attribute("beta", p.b()));
    } else if (p.equals(PiecewiseLinear.leakyRelu(p.leak()))) {
      operator("LeakyRelu", List.of(x), y, attribute("alpha", p.leak()));
    } else if (p.equals(PiecewiseLinear.thresholdedRelu(p.low()))) {
      operator("ThresholdedRelu", List.of(x), y, attribute("alpha", p.low()));
    } else {
      return false;
    }
    return true;
  }

  private void affine(Affine line, String x, String y) {
    boolean shifts = line.b() != 0;
    if (line.a() == -1f && !shifts) {
      operator("Neg", List.of(x), y);
      return;
    }
    String scaled = x;
    if (line.a() != 1f || !shifts) {
      scaled = shifts ? unused(y + " scaled") : y;
      operator("Mul", List.of(x, number(y + " factor", line.a())), scaled);
    }
    if (shifts) {
      operator("Add", List.of(scaled, number(y + " shift", line.b())), y);
    }
  }
}
