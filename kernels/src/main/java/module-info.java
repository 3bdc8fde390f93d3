/**
 * Hand-vectorized fp32 kernels for neural networks, forward and backward, on the JDK's Vector API.
 *
 * <p>On the module path the incubator module is resolved by this declaration; on the class path add
 * {@code --add-modules jdk.incubator.vector}, or the same calls run their scalar loops.
 */
@SuppressWarnings("module")
module org.lanegrad.kernels {
  requires jdk.incubator.vector;
  requires jdk.jfr;
  requires jdk.management;

  exports org.lanegrad;
  exports org.lanegrad.activation;
  exports org.lanegrad.dense;
  exports org.lanegrad.elementwise;
  exports org.lanegrad.embedding;
  exports org.lanegrad.graph;
  exports org.lanegrad.loss;
  exports org.lanegrad.matmul;
  exports org.lanegrad.model;
  exports org.lanegrad.normalization;
  exports org.lanegrad.optimizer;
  exports org.lanegrad.reduction;
}
