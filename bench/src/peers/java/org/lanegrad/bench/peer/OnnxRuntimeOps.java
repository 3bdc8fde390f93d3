package org.lanegrad.bench.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** ONNX Runtime on one thread, with models of one node; it has no backward passes. */
public final class OnnxRuntimeOps implements NativeOps {
  private static final String MICROSOFT = "com.microsoft";

  private static final Map<String, Node> NODES =
      Map.ofEntries(
          Map.entry("relu", Node.of("Relu", Map.of())),
          Map.entry("leaky relu", Node.of("LeakyRelu", Map.of("alpha", 0.125f))),
          Map.entry("hard sigmoid", Node.of("HardSigmoid", Map.of("alpha", 0.25f, "beta", 0.5f))),
          Map.entry("hard swish", Node.of("HardSwish", Map.of())),
          Map.entry("sigmoid", Node.of("Sigmoid", Map.of())),
          Map.entry("tanh", Node.of("Tanh", Map.of())),
          Map.entry("elu", Node.of("Elu", Map.of("alpha", 1f))),
          Map.entry("selu", Node.of("Selu", Map.of())),
          Map.entry("celu", Node.of("Celu", Map.of("alpha", 1f))),
          Map.entry("softplus", Node.of("Softplus", Map.of())),
          Map.entry("softsign", Node.of("Softsign", Map.of())),
          Map.entry("silu", new Node(MICROSOFT, "QuickGelu", 0, Map.of("alpha", 1f))),
          Map.entry("mish", Node.of("Mish", Map.of())),
          Map.entry("gelu", Node.of("Gelu", Map.of())),
          Map.entry("gelu, tanh", Node.of("Gelu", Map.of("approximate", "tanh"))),
          Map.entry("exp", Node.of("Exp", Map.of())),
          Map.entry("log", Node.of("Log", Map.of())),
          Map.entry("erf", Node.of("Erf", Map.of())),
          Map.entry("softmax", Node.of("Softmax", Map.of("axis", -1L))),
          Map.entry("log-softmax", Node.of("LogSoftmax", Map.of("axis", -1L))),
          Map.entry(
              "layer norm",
              new Node("", "LayerNormalization", 2, Map.of("axis", -1L, "epsilon", 1e-5f))),
          Map.entry(
              "rms norm",
              new Node(
                  "", "SimplifiedLayerNormalization", 1, Map.of("axis", -1L, "epsilon", 1e-5f))));

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

  /**
   * An operator.
   *
   * @param domain its operator set
   * @param op its type
   * @param vectors how many inputs it has besides the matrix, each of a row's length
   * @param attributes its attributes
   */
  private record Node(String domain, String op, int vectors, Map<String, Object> attributes) {
    static Node of(String op, Map<String, Object> attributes) {
      return new Node("", op, 0, attributes);
    }
  }

  @Override
  public String name() {
    return "ONNX Runtime";
  }

  @Override
  public Optional<Runnable> forward(String op, int rows, int columns) {
    return Optional.ofNullable(NODES.get(op)).map(node -> call(node, rows, columns));
  }

  @Override
  public Optional<Runnable> backward(String op, int rows, int columns) {
    return Optional.empty();
  }

  @Override
  public Runnable network(int rows, int... sizes) {
    try {
      OrtSession session = environment.createSession(OnnxModel.network(sizes), oneThread());
      Map<String, OnnxTensor> inputs = Map.of("x0", tensor(rows, sizes[0]));
      String last = "x" + (sizes.length - 1);
      Map<String, OnnxTensor> outputs = Map.of(last, tensor(rows, sizes[sizes.length - 1]));
      return () -> run(session, inputs, outputs);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime takes no such network", e);
    }
  }

  @Override
  public Optional<Runnable> trainingStep(int rows, int... sizes) {
    return Optional.empty();
  }

  @Override
  public Optional<Runnable> model(Path file, int rows, FloatBuffer x, FloatBuffer y) {
    try {
      OrtSession session = environment.createSession(file.toString(), oneThread());
      String in = session.getInputNames().iterator().next();
      String out = session.getOutputNames().iterator().next();
      Map<String, OnnxTensor> inputs = Map.of(in, tensor(x, rows));
      Map<String, OnnxTensor> outputs = Map.of(out, tensor(y, rows));
      return Optional.of(() -> run(session, inputs, outputs));
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime takes no such model", e);
    }
  }

  private OnnxTensor tensor(FloatBuffer values, long rows) throws OrtException {
    return OnnxTensor.createTensor(
        environment, values, new long[] {rows, values.capacity() / rows});
  }

  private static OrtSession.SessionOptions oneThread() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    return options;
  }

  private Runnable call(Node node, int rows, int columns) {
    try {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      inputs.put("x", tensor(rows, columns));
      for (String name : List.of("scale", "shift").subList(0, node.vectors)) {
        inputs.put(name, tensor(columns));
      }
      List<String> names = List.copyOf(inputs.keySet());
      byte[] model = OnnxModel.of(node.domain, node.op, names, node.attributes);
      OrtSession session = environment.createSession(model, oneThread());
      Map<String, OnnxTensor> outputs = Map.of("y", tensor(rows, columns));
      return () -> run(session, inputs, outputs);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime has no " + node.op + " as asked", e);
    }
  }

  private static void run(
      OrtSession session, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    try {
      session.run(inputs, outputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private OnnxTensor tensor(long... shape) throws OrtException {
    int n = 1;
    for (long size : shape) {
      n *= (int) size;
    }
    FloatBuffer values =
        ByteBuffer.allocateDirect(n * Float.BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < n; i++) {
      values.put(i, (float) Math.sin(i) + 1.5f);
    }
    return OnnxTensor.createTensor(environment, values, shape);
  }
}
