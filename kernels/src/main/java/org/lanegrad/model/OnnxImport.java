package org.lanegrad.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
import org.lanegrad.elementwise.SquareRoot;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;
import org.lanegrad.graph.Shape;

/** Turns a ModelProto of ONNX into a graph, node by node. */
final class OnnxImport {
  /** The size of the batch, where a dimension has no number. */
  private static final long BATCH = -1;

  private static final int FLOAT = 1;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int OLDEST = 7;

  private final Path file;
  private final Path folder;
  private final Graph graph = new Graph();
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();
  private final List<Node> inputs = new ArrayList<>();
  private final Map<String, Value> turned = new HashMap<>();
  private long version;

  /** Inputs of more than two dimensions: what the file's nodes read, and what is fed. */
  private final Map<Node, Node> flatInputs = new HashMap<>();

  OnnxImport(Path file, Path folder) {
    this.file = file;
    this.folder = folder;
  }

  /** A tensor of the file: a constant, a node, or a layer that an activation may still join. */
  private final class Value {
    private final String name;
    private final List<Long> dims;
    private OnnxTensor constant;
    private boolean isTrained = true;
    private Node node;
    private Node x;
    private Node w;
    private Node b;
    private Activation f;

    Value(String name, List<Long> dims) {
      this.name = name;
      this.dims = List.copyOf(dims);
    }

    Node node() throws MalformedFileException {
      if (node != null) {
        return node;
      }
      if (x != null) {
        node = b == null ? Ops.product(x, w) : Ops.dense(x, w, b, f == null ? new Identity() : f);
        if (!node.name().equals(name)) {
          node.named(free(name));
        }
      } else if (constant == null || constant.floats() == null) {
        throw new MalformedFileException(file, name + " holds ints, expected numbers");
      } else {
        Shape shape = shape(dims);
        Matrix matrix = Matrix.of(constant.floats(), shape.rows(), shape.columns());
        node = isTrained ? graph.parameter(free(name), matrix) : graph.constant(free(name), matrix);
      }
      return node;
    }

    /** Whether it is a layer to which one more step can be added. */
    boolean isOpenFor(boolean bias) {
      return node == null && x != null && f == null && (b == null) == bias && isReadOnce(name);
    }

    boolean isRow() {
      return (constant == null || constant.floats() != null)
          && OnnxTensor.size(dims) == (dims.isEmpty() ? 1 : dims.get(dims.size() - 1));
    }
  }

  /** Nodes that have no tensor of the file may have taken its name. */
  private String free(String name) {
    return graph.has(name) ? free(name + " of the file") : name;
  }

  private boolean isReadOnce(String name) {
    return readers.getOrDefault(name, 0) == 1;
  }

  /** The last dimension counts the columns, those before the rows. */
  private Shape shape(List<Long> dims) throws MalformedFileException {
    boolean isBatch = dims.contains(BATCH);
    if (isBatch && (dims.size() == 1 || dims.lastIndexOf(BATCH) > 0)) {
      throw new MalformedFileException(
          file, "a tensor has the dimensions " + dims + ", expected numbers but for the first");
    }
    List<Long> own = isBatch ? dims.subList(1, dims.size()) : dims;
    int last = own.size() - 1;
    long rows = last < 0 ? 1 : OnnxTensor.size(own.subList(0, last));
    long size = OnnxTensor.size(own);
    if (rows < 0 || size < 0) {
      throw new MalformedFileException(file, "a tensor has the dimensions " + dims + ", too many");
    }
    long columns = last < 0 ? 1 : own.get(last);
    return new Shape(Shape.Kind.FLOATS, isBatch, (int) rows, (int) columns);
  }

  OnnxFile read(ProtoReader model) throws IOException {
    ProtoReader body = null;
    while (model.next()) {
      if (model.field() == 7) {
        body = model.message();
      } else if (model.field() == 8) {
        version = Math.max(version, version(model.message()));
      }
    }
    if (body == null) {
      throw new MalformedFileException(file, "it holds no graph");
    }
    try {
      return graph(body);
    } catch (IllegalArgumentException | ArithmeticException e) {
      MalformedFileException wrong = new MalformedFileException(file, e.getMessage());
      wrong.initCause(e);
      throw wrong;
    }
  }

  private static long version(ProtoReader operators) throws MalformedFileException {
    String domain = "";
    long version = 0;
    while (operators.next()) {
      domain = operators.field() == 1 ? operators.text() : domain;
      version = operators.field() == 2 ? operators.integer() : version;
    }
    return domain.isEmpty() || domain.equals("ai.onnx") ? version : 0;
  }

  private OnnxFile graph(ProtoReader body) throws IOException {
    List<OnnxNode> nodes = new ArrayList<>();
    List<ProtoReader> given = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    while (body.next()) {
      switch (body.field()) {
        case 1 -> nodes.add(OnnxNode.read(body.message(), file, folder));
        case 5 -> {
          OnnxTensor tensor = OnnxTensor.read(body.message(), folder);
          define(tensor.name(), constant(tensor.name(), tensor));
        }
        case 11 -> given.add(body.message());
        case 12 -> wanted.addAll(ProtoReader.texts(body.message(), 1));
        default -> {}
      }
    }
    if (version < OLDEST && (version > 0 || !nodes.isEmpty())) {
      throw new MalformedFileException(
          file, "its operators are of version " + version + ", expected " + OLDEST + " or later");
    }
    for (ProtoReader input : given) {
      input(input);
    }
    for (OnnxNode node : nodes) {
      node.inputs().forEach(name -> readers.merge(name, 1, Integer::sum));
    }
    // an output is read by the caller, too
    wanted.forEach(name -> readers.merge(name, 2, Integer::sum));
    readers.remove(""); // what is left out
    for (OnnxNode node : nodes) {
      try {
        define(node.outputs().get(0), new Translation(node).run());
      } catch (IllegalArgumentException | ArithmeticException e) {
        MalformedFileException wrong = node.wrong("does not fit: " + e.getMessage());
        wrong.initCause(e);
        throw wrong;
      }
    }
    List<Node> outputs = new ArrayList<>();
    for (String name : wanted) {
      Value value = values.get(name);
      if (value == null) {
        throw new MalformedFileException(file, "no node computes the output " + name);
      }
      Node node = value.node();
      boolean standsForAnother =
          node.shape().kind() == Shape.Kind.FLOATS && !node.name().equals(name);
      outputs.add(
          standsForAnother && !graph.has(name)
              ? Ops.activation(new Identity(), node).named(name)
              : node);
    }
    return new OnnxFile(graph, inputs, outputs);
  }

  private void define(String name, Value value) throws MalformedFileException {
    if (values.putIfAbsent(name, value) != null) {
      throw new MalformedFileException(file, "there are two tensors " + name);
    }
  }

  private Value constant(String name, OnnxTensor tensor) {
    Value value = new Value(name, tensor.dims());
    value.constant = tensor;
    return value;
  }

  /** A ValueInfoProto of the graph's inputs. */
  private void input(ProtoReader info) throws MalformedFileException {
    String name = "";
    long type = 0;
    List<Long> dims = new ArrayList<>();
    while (info.next()) {
      if (info.field() == 1) {
        name = info.text();
      } else if (info.field() == 2) {
        ProtoReader kinds = info.message();
        while (kinds.next()) {
          if (kinds.field() == 1) {
            ProtoReader tensor = kinds.message();
            while (tensor.next()) {
              if (tensor.field() == 1) {
                type = tensor.integer();
              } else if (tensor.field() == 2) {
                dimensions(tensor.message(), dims);
              }
            }
          }
        }
      }
    }
    if (values.containsKey(name)) {
      return; // an initializer's
    }
    Value value = new Value(name, dims);
    if (type == FLOAT) {
      Shape shape = shape(dims);
      if (shape.isBatch() && shape.rows() > 1) {
        // a row for each example, whatever the dimensions of one
        Node flat = graph.input(name, Shape.batch(shape.rows() * shape.columns()));
        value.node = Ops.reshape(flat, shape);
        flatInputs.put(value.node, flat);
        inputs.add(flat);
        define(name, value);
        return;
      }
      value.node = graph.input(name, shape);
    } else if ((type == INT32 || type == INT64) && (dims.size() == 1 || dims.size() == 2)) {
      long columns = dims.size() == 1 ? 1 : dims.get(1);
      boolean isBatch = dims.get(0) == BATCH;
      long rows = isBatch ? 1 : dims.get(0);
      if (columns < 0 || OnnxTensor.size(List.of(rows, columns)) < 0) {
        throw new MalformedFileException(file, "the input " + name + " has the dimensions " + dims);
      }
      value.node =
          graph.input(name, new Shape(Shape.Kind.INTS, isBatch, (int) rows, (int) columns));
    } else {
      throw new MalformedFileException(
          file,
          "the input "
              + name
              + " is of type "
              + type
              + " and dimensions "
              + dims
              + ", expected float, or int32 or int64 of one or two dimensions");
    }
    define(name, value);
    inputs.add(value.node);
  }

  private static void dimensions(ProtoReader shape, List<Long> dims) throws MalformedFileException {
    while (shape.next()) {
      if (shape.field() == 1) {
        ProtoReader dimension = shape.message();
        long size = BATCH;
        while (dimension.next()) {
          if (dimension.field() == 1 && dimension.integer() >= 0) {
            size = dimension.integer();
          }
        }
        dims.add(size);
      }
    }
  }

  /** One node's way into the graph. */
  private final class Translation {
    private final OnnxNode at;
    private final String name;

    Translation(OnnxNode at) {
      this.at = at;
      name = at.outputs().get(0);
    }

    Value run() throws MalformedFileException {
      Value result = translated();
      for (int k = 1; k < at.outputs().size() && !isLayerNorm(); k++) {
        if (readers.containsKey(at.outputs().get(k))) {
          throw at.wrong("has the output " + at.outputs().get(k) + ", expected only the first");
        }
      }
      return result;
    }

    private Value translated() throws MalformedFileException {
      Activation f = activation();
      if (f != null) {
        return activated(f, value(0));
      }
      return switch (at.operator()) {
        case "Add", "Sub", "Mul", "Div", "Max", "Min" -> binary();
        case "Cast" -> cast();
        case "Clip" -> clip();
        case "Concat" -> concat();
        case "Constant" -> constantOp();
        case "Dropout", "Identity" -> same(value(0));
        case "Flatten" -> flatten();
        case "Gather" -> gather();
        case "Gemm" -> gemm();
        case "LayerNormalization" -> norm(true);
        case "RMSNormalization" -> norm(false);
        case "LogSoftmax", "Softmax" -> softmax();
        case "MatMul" -> matMul();
        case "PRelu" -> prelu();
        case "Reshape" -> reshape();
        case "Transpose" -> transpose();
        default -> throw at.wrong("is not supported, see OnnxFile for what is");
      };
    }

    private boolean isLayerNorm() {
      return at.operator().equals("LayerNormalization");
    }

    private Value value(int input) throws MalformedFileException {
      if (!at.has(input)) {
        throw at.wrong("has no input " + input);
      }
      Value value = values.get(at.inputs().get(input));
      if (value == null) {
        throw at.wrong("reads " + at.inputs().get(input) + ", which nothing before it computes");
      }
      return value;
    }

    private Node node(int input) throws MalformedFileException {
      Node node = value(input).node();
      if (node.shape().kind() != Shape.Kind.FLOATS) {
        throw at.wrong("reads the ints " + node.name() + ", expected numbers");
      }
      return node;
    }

    private Value of(Node node, List<Long> dims) {
      Value value = new Value(name, dims);
      boolean isNew = node.op() != null && !graph.has(name);
      value.node = isNew ? node.named(name) : node;
      return value;
    }

    /** A node that has a name already. */
    private Value alias(Node node, List<Long> dims) {
      Value value = new Value(name, dims);
      value.node = node;
      return value;
    }

    /** A constant number that may be left out. */
    private float scalar(int input, float otherwise) throws MalformedFileException {
      if (!at.has(input)) {
        return otherwise;
      }
      OnnxTensor constant = value(input).constant;
      if (constant == null || constant.floats() == null || constant.floats().length != 1) {
        throw at.wrong(
            "has the input " + at.inputs().get(input) + ", expected one constant number");
      }
      return constant.floats()[0];
    }

    private Activation activation() throws MalformedFileException {
      return switch (at.operator()) {
        case "Abs" -> new Absolute();
        case "Celu" -> ExponentialLinear.celu(at.number("alpha", 1));
        case "Clip" ->
            isGiven(1) || isGiven(2)
                ? null
                : PiecewiseLinear.clip(
                    scalar(1, at.number("min", Float.NEGATIVE_INFINITY)),
                    scalar(2, at.number("max", Float.POSITIVE_INFINITY)));
        case "Elu" -> ExponentialLinear.elu(at.number("alpha", 1));
        case "Erf" -> new Erf();
        case "Exp" -> new Exponential();
        case "Gelu" -> at.text("approximate", "none").equals("tanh") ? new GeluTanh() : new Gelu();
        case "HardSigmoid" ->
            PiecewiseLinear.hardSigmoid(at.number("alpha", 0.2), at.number("beta", 0.5));
        case "HardSwish" -> new HardSwish();
        case "LeakyRelu" -> PiecewiseLinear.leakyRelu(at.number("alpha", 0.01));
        case "Log" -> new Logarithm();
        case "Mish" -> new Mish();
        case "Neg" -> Affine.negation();
        case "Reciprocal" -> new Reciprocal();
        case "Relu" -> new Relu();
        case "Selu" ->
            new ExponentialLinear(
                at.number("gamma", 1.0507010221481323), at.number("alpha", 1.6732631921768188), 1f);
        case "Sigmoid" -> new Sigmoid();
        case "Softplus" -> new Softplus();
        case "Softsign" -> new Softsign();
        case "Sqrt" -> new SquareRoot();
        case "Swish" -> new Swish(at.number("alpha", 1));
        case "Tanh" -> new Tanh();
        case "ThresholdedRelu" -> PiecewiseLinear.thresholdedRelu(at.number("alpha", 1));
        default -> null;
      };
    }

    /** Joins the layer before it, if nobody else reads that. */
    private Value activated(Activation f, Value x) throws MalformedFileException {
      if (x.isOpenFor(false)) {
        Value layer = layer(x.x, x.w, x.b, x.dims);
        layer.f = f;
        return layer;
      }
      return of(Ops.activation(f, node(0)), x.dims);
    }

    private Value layer(Node x, Node w, Node b, List<Long> dims) {
      Value layer = new Value(name, dims);
      layer.x = x;
      layer.w = w;
      layer.b = b;
      return layer;
    }

    /** Under another name; a layer stays open for what comes next. */
    private Value same(Value x) throws MalformedFileException {
      if (x.node == null && x.x != null && isReadOnce(x.name)) {
        Value layer = layer(x.x, x.w, x.b, x.dims);
        layer.f = x.f;
        return layer;
      }
      if (x.x != null) {
        x.node();
      }
      return x;
    }

    private Value binary() throws MalformedFileException {
      if (at.inputs().size() != 2) {
        throw at.wrong("has " + at.inputs().size() + " inputs, expected two");
      }
      Value a = value(0);
      Value b = value(1);
      if (at.operator().equals("Add")) {
        Value product = a.isOpenFor(true) ? a : b;
        Value bias = product == a ? b : a;
        if (product.isOpenFor(true)
            && bias.isRow()
            && bias.dims.size() <= product.dims.size()
            && columns(bias) == columns(product)) {
          return layer(product.x, product.w, row(bias), product.dims);
        }
      }
      List<Long> dims = broadcast(a.dims, b.dims);
      Node p = node(0);
      Node q = node(1);
      return of(
          switch (at.operator()) {
            case "Add" -> Ops.add(p, q);
            case "Sub" -> Ops.subtract(p, q);
            case "Mul" -> Ops.multiply(p, q);
            case "Div" -> Ops.divide(p, q);
            case "Max" -> Ops.maximum(p, q);
            default -> Ops.minimum(p, q);
          },
          dims);
    }

    private long columns(Value value) {
      return value.dims.isEmpty() ? 1 : value.dims.get(value.dims.size() - 1);
    }

    private Node row(Value value) throws MalformedFileException {
      Node node = value.node();
      return node.shape().rows() == 1 ? node : Ops.reshape(node, node.shape().row());
    }

    /** A number, a row or a column may be repeated; the larger dimensions are the result's. */
    private List<Long> broadcast(List<Long> a, List<Long> b) throws MalformedFileException {
      boolean isFirst = OnnxTensor.size(b) == 1 || !(OnnxTensor.size(a) == 1) && isLarger(a, b);
      List<Long> large = isFirst ? a : b;
      List<Long> small = isFirst ? b : a;
      int rank = large.size();
      List<Long> padded =
          new ArrayList<>(Collections.nCopies(Math.max(0, rank - small.size()), 1L));
      padded.addAll(small);
      boolean isNumber = OnnxTensor.size(small) == 1 && small.size() <= rank;
      boolean sameRows = rank > 0 && padded.subList(0, rank - 1).equals(large.subList(0, rank - 1));
      boolean sameColumns = rank > 0 && padded.get(rank - 1).equals(large.get(rank - 1));
      boolean isRow =
          rank > 0 && padded.subList(0, rank - 1).stream().allMatch(d -> d == 1) && sameColumns;
      boolean isColumn = sameRows && padded.get(rank - 1) == 1;
      if (small.size() > rank || !(isNumber || sameRows && sameColumns || isRow || isColumn)) {
        throw at.wrong(
            "has inputs of dimensions "
                + a
                + " and "
                + b
                + ", expected equal ones, or a number, a row or a column");
      }
      return large;
    }

    private boolean isLarger(List<Long> a, List<Long> b) {
      if (a.size() != b.size()) {
        return a.size() > b.size();
      }
      for (int d = 0; d < a.size(); d++) {
        if (!a.get(d).equals(b.get(d))) {
          return b.get(d) == 1;
        }
      }
      return true;
    }

    private Value cast() throws MalformedFileException {
      Value x = value(0);
      boolean isFloats =
          x.constant == null
              ? x.node().shape().kind() == Shape.Kind.FLOATS
              : x.constant.floats() != null;
      if (at.integer("to", 0) != FLOAT || !isFloats) {
        throw at.wrong("is to another type, expected from float to float");
      }
      return same(x);
    }

    /** Whether an input is no constant of the file. */
    private boolean isGiven(int input) throws MalformedFileException {
      return at.has(input) && value(input).constant == null;
    }

    /** By limits that are fed. */
    private Value clip() throws MalformedFileException {
      Node x = node(0);
      for (int i = 1; i < 3; i++) {
        if (at.has(i) && OnnxTensor.size(value(i).dims) != 1) {
          throw at.wrong("has limits of dimensions " + value(i).dims + ", expected a number");
        }
      }
      x = at.has(1) ? Ops.maximum(x, node(1)) : x;
      return of(at.has(2) ? Ops.minimum(x, node(2)) : x, value(0).dims);
    }

    private int axis(String key, long otherwise, List<Long> dims) throws MalformedFileException {
      long axis = at.integer(key, otherwise);
      long counted = axis < 0 ? axis + dims.size() : axis;
      if (counted < 0 || counted > dims.size()) {
        throw at.wrong("has the axis " + axis + " of dimensions " + dims);
      }
      return (int) counted;
    }

    private Value concat() throws MalformedFileException {
      List<Long> dims = new ArrayList<>(value(0).dims);
      if (dims.isEmpty() || axis("axis", 0, dims) != dims.size() - 1) {
        throw at.wrong("joins another dimension than the last");
      }
      long columns = 0;
      Node[] parts = new Node[at.inputs().size()];
      for (int i = 0; i < parts.length; i++) {
        List<Long> own = value(i).dims;
        int rank = dims.size();
        if (own.size() != rank || !own.subList(0, rank - 1).equals(dims.subList(0, rank - 1))) {
          throw at.wrong("joins the dimensions " + dims + " and " + own);
        }
        columns += own.get(rank - 1);
        parts[i] = node(i);
      }
      dims.set(dims.size() - 1, columns);
      return of(Ops.concat(parts), dims);
    }

    private Value constantOp() throws MalformedFileException {
      Object tensor = at.attributes().get("value");
      Object number = at.attributes().get("value_float");
      Object integer = at.attributes().get("value_int");
      if (tensor instanceof OnnxTensor constant) {
        return untrained(constant);
      }
      if (number instanceof Float value) {
        return untrained(new OnnxTensor(name, List.of(), new float[] {value}, null));
      }
      if (integer instanceof Long value) {
        return untrained(new OnnxTensor(name, List.of(), null, new long[] {value}));
      }
      throw at.wrong("has no value of floats or ints");
    }

    /** What the file computes with, but has no initializer for. */
    private Value untrained(OnnxTensor tensor) {
      Value value = OnnxImport.this.constant(name, tensor);
      value.isTrained = false;
      return value;
    }

    private Value flatten() throws MalformedFileException {
      Value x = value(0);
      int axis = axis("axis", 1, x.dims);
      List<Long> before = x.dims.subList(0, axis);
      List<Long> after = x.dims.subList(axis, x.dims.size());
      if (before.contains(BATCH) && axis != 1) {
        throw at.wrong("joins the batch with other dimensions");
      }
      long rows = before.contains(BATCH) ? BATCH : OnnxTensor.size(before);
      return reshaped(x, List.of(rows, OnnxTensor.size(after)));
    }

    private Value reshaped(Value x, List<Long> dims) throws MalformedFileException {
      if (x.constant != null) {
        OnnxTensor c = x.constant;
        return OnnxImport.this.constant(name, new OnnxTensor(name, dims, c.floats(), c.ints()));
      }
      Shape shape = shape(dims);
      Node node = node(0);
      Node flat = flatInputs.get(node);
      if (flat != null && flat.shape().equals(shape)) {
        return alias(flat, dims);
      }
      return shape.equals(node.shape()) ? alias(node, dims) : of(Ops.reshape(node, shape), dims);
    }

    private Value reshape() throws MalformedFileException {
      Value x = value(0);
      OnnxTensor wanted = value(1).constant;
      if (wanted == null || wanted.ints() == null) {
        throw at.wrong("has a shape that is not constant");
      }
      List<Long> dims = new ArrayList<>();
      int open = -1;
      for (int d = 0; d < wanted.ints().length; d++) {
        long dim = wanted.ints()[d];
        if (dim == 0 && d >= x.dims.size() || dim < -1 || dim == -1 && open >= 0) {
          throw at.wrong("has the shape " + List.of(dim) + " at " + d);
        }
        open = dim == -1 ? d : open;
        dims.add(dim == 0 ? x.dims.get(d) : dim);
      }
      boolean hasBatch = x.dims.contains(BATCH);
      if (open >= 0) {
        dims.set(open, 1L);
        if (hasBatch && open == 0) {
          dims.set(0, BATCH);
        } else {
          long known = OnnxTensor.size(withoutBatch(dims));
          long size = OnnxTensor.size(withoutBatch(x.dims));
          if (known <= 0 || size % known != 0) {
            throw at.wrong("can't give the dimensions " + x.dims + " those of " + dims);
          }
          dims.set(open, size / known);
        }
      }
      boolean fits =
          dims.contains(BATCH) == hasBatch
              && OnnxTensor.size(withoutBatch(dims)) == OnnxTensor.size(withoutBatch(x.dims));
      if (!fits) {
        throw at.wrong("can't give the dimensions " + x.dims + " those of " + dims);
      }
      return reshaped(x, dims);
    }

    private List<Long> withoutBatch(List<Long> dims) {
      return dims.stream().filter(d -> d != BATCH).toList();
    }

    private Value gather() throws MalformedFileException {
      Value table = value(0);
      Value indices = value(1);
      boolean isRows =
          table.dims.size() == 2
              && axis("axis", 0, table.dims) == 0
              && !table.dims.contains(BATCH)
              && indices.constant == null
              && indices.node().shape().kind() == Shape.Kind.INTS;
      if (!isRows) {
        throw at.wrong("is not of the rows of a matrix by an input of ints");
      }
      Node words = indices.node();
      List<Long> dims = new ArrayList<>(indices.dims);
      dims.add(table.dims.get(1));
      Node rows = Ops.gather(node(0), words);
      Shape shape = shape(dims);
      return of(shape.equals(rows.shape()) ? rows : Ops.reshape(rows, shape), dims);
    }

    private void expectMatrix(Value value) throws MalformedFileException {
      if (value.dims.size() != 2) {
        throw at.wrong("reads " + value.name + " of dimensions " + value.dims + ", expected two");
      }
    }

    private Value gemm() throws MalformedFileException {
      Value a = value(0);
      Value b = value(1);
      expectMatrix(a);
      expectMatrix(b);
      boolean ta = at.integer("transA", 0) != 0;
      boolean tb = at.integer("transB", 0) != 0;
      float alpha = at.number("alpha", 1);
      float beta = at.number("beta", 1);
      List<Long> dims = List.of(a.dims.get(ta ? 1 : 0), b.dims.get(tb ? 0 : 1));
      boolean isPlain = !ta && alpha == 1f && (beta == 1f || !at.has(2)) && b.constant != null;
      if (isPlain && !dims.get(1).equals(BATCH)) {
        Node w = tb ? turned(b) : node(1);
        if (!at.has(2)) {
          return layer(node(0), w, null, dims);
        }
        Value c = value(2);
        if (c.isRow() && columns(c) == dims.get(1)) {
          return layer(node(0), w, row(c), dims);
        }
      }
      Node product = Ops.product(node(0), ta, node(1), tb);
      Node scaled = alpha == 1f ? product : Ops.scale(alpha, product);
      if (!at.has(2)) {
        return of(scaled, dims);
      }
      if (!broadcast(dims, value(2).dims).equals(dims)) {
        throw at.wrong("adds the dimensions " + value(2).dims + " to " + dims);
      }
      Node c = beta == 1f ? node(2) : Ops.scale(beta, node(2));
      return of(Ops.add(scaled, c), dims);
    }

    /** A constant matrix whose transpose the file holds, made once. */
    private Node turned(Value value) throws MalformedFileException {
      Value known = turned.get(value.name);
      if (known == null) {
        known = OnnxImport.this.constant(value.name + " transposed", transposed(value));
        turned.put(value.name, known);
      }
      return known.node();
    }

    private OnnxTensor transposed(Value value) throws MalformedFileException {
      expectMatrix(value);
      if (value.constant == null || value.constant.floats() == null) {
        throw at.wrong("is of " + value.name + ", expected a constant matrix of floats");
      }
      int rows = (int) (long) value.dims.get(0);
      int columns = (int) (long) value.dims.get(1);
      float[] turned = new float[rows * columns];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          turned[j * rows + i] = value.constant.floats()[i * columns + j];
        }
      }
      return new OnnxTensor(name, List.of((long) columns, (long) rows), turned, null);
    }

    private Value transpose() throws MalformedFileException {
      Value x = value(0);
      Object order = at.attributes().get("perm");
      if (order != null && !order.equals(List.of(1L, 0L))) {
        throw at.wrong("is in the order " + order + ", expected [1, 0]");
      }
      return OnnxImport.this.constant(name, transposed(x));
    }

    private Value matMul() throws MalformedFileException {
      Value a = value(0);
      Value b = value(1);
      if (b.dims.size() == 1 && a.dims.size() == 1) {
        return of(Ops.dot(node(0), node(1)), List.of());
      }
      if (b.dims.size() != 2 || a.dims.isEmpty()) {
        throw at.wrong(
            "multiplies the dimensions "
                + a.dims
                + " and "
                + b.dims
                + ", expected a matrix second");
      }
      List<Long> dims = new ArrayList<>(a.dims);
      dims.set(dims.size() - 1, b.dims.get(1));
      if (b.constant != null) {
        return layer(node(0), node(1), null, dims);
      }
      return of(Ops.product(node(0), node(1)), dims);
    }

    private Value softmax() throws MalformedFileException {
      Value x = value(0);
      if (x.dims.isEmpty() || axis("axis", version < 13 ? 1 : -1, x.dims) != x.dims.size() - 1) {
        throw at.wrong("is over another dimension than the last of " + x.dims);
      }
      boolean isLog = at.operator().equals("LogSoftmax");
      return of(isLog ? Ops.logSoftmax(node(0)) : Ops.softmax(node(0)), x.dims);
    }

    /** Over the last dimensions from an axis on, as one row. */
    private Value norm(boolean isLayer) throws MalformedFileException {
      Value x = value(0);
      int axis = axis("axis", -1, x.dims);
      if (axis == x.dims.size() || axis == 0 && x.dims.contains(BATCH)) {
        throw at.wrong("is over the dimensions from " + axis + " on of " + x.dims);
      }
      List<Long> rows = new ArrayList<>(x.dims.subList(0, axis));
      long columns = OnnxTensor.size(x.dims.subList(axis, x.dims.size()));
      rows.add(columns);
      Shape shape = shape(rows);
      Node plain = node(0);
      Node in = shape.equals(plain.shape()) ? plain : Ops.reshape(plain, shape);
      float epsilon = at.number("epsilon", 1e-5);
      List<Long> each = x.dims.subList(axis, x.dims.size());
      Node gamma = parameters(1, each);
      Node out;
      if (isLayer) {
        Node beta =
            at.has(2)
                ? parameters(2, each)
                : Ops.broadcast(graph.constant(0f), Shape.of(1, (int) columns));
        out = Ops.layerNorm(in, gamma, beta, epsilon);
        List<Long> reduced = new ArrayList<>(x.dims.subList(0, axis));
        reduced.addAll(Collections.nCopies(x.dims.size() - axis, 1L));
        statistics(in, epsilon, reduced);
      } else {
        out = Ops.rmsNorm(in, gamma, epsilon);
      }
      return of(shape.equals(plain.shape()) ? out : Ops.reshape(out, plain.shape()), x.dims);
    }

    /** The means, and the reciprocals of the deviations, where somebody reads them. */
    private void statistics(Node in, float epsilon, List<Long> dims) throws MalformedFileException {
      for (int k = 1; k < at.outputs().size(); k++) {
        String output = at.outputs().get(k);
        if (readers.containsKey(output)) {
          Node mean = Ops.mean(in, Over.COLUMNS);
          Node squares = Ops.mean(Ops.square(Ops.subtract(in, mean)), Over.COLUMNS);
          Value value = new Value(output, dims);
          value.node = k == 1 ? mean : Ops.reciprocal(Ops.sqrt(Ops.shift(epsilon, squares)));
          define(output, value);
        }
      }
    }

    /** One number for each element that is normalized together. */
    private Node parameters(int input, List<Long> each) throws MalformedFileException {
      Node node = node(input);
      List<Long> dims = value(input).dims;
      int ones = 0;
      while (ones < dims.size() && dims.size() - ones > each.size() && dims.get(ones) == 1) {
        ones++;
      }
      if (!dims.subList(ones, dims.size()).equals(each)) {
        throw at.wrong(
            "has " + value(input).name + " of dimensions " + dims + ", expected " + each);
      }
      Shape row = Shape.of(1, (int) OnnxTensor.size(each));
      return node.shape().equals(row) ? node : Ops.reshape(node, row);
    }

    private Value prelu() throws MalformedFileException {
      Value x = value(0);
      Value slopes = value(1);
      if (!broadcast(x.dims, slopes.dims).equals(x.dims) || !slopes.isRow()) {
        throw at.wrong(
            "has slopes of dimensions "
                + slopes.dims
                + " for "
                + x.dims
                + ", expected one, or one for each column");
      }
      return of(Ops.prelu(node(0), row(slopes)), x.dims);
    }
  }
}
