package org.lanegrad.bench.matmul;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Tanh;
import org.lanegrad.bench.peer.NativeOps;
import org.lanegrad.bench.peer.SgemmPeer;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.GemmPlan;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;

/** The lines of the table. */
final class MatmulCases {
  private static final int WIDE = 1024;
  private static final int[] NETWORK = {784, 512, 256, 10};
  private static final String NETWORK_NAME = "784-512-256-10";

  private final List<SgemmPeer> peers;
  private final List<NativeOps> libraries;
  private final Workspace workspace = new Workspace();
  private final List<MatmulCase> cases = new ArrayList<>();

  private MatmulCases(List<SgemmPeer> peers, List<NativeOps> libraries) {
    this.peers = peers;
    this.libraries = libraries;
  }

  static List<MatmulCase> all(List<SgemmPeer> peers, List<NativeOps> libraries, Executor executor) {
    MatmulCases all = new MatmulCases(peers, libraries);
    for (int n : new int[] {64, 128, 256, 512, 1024, 2048, 63, 127, 255, 1000}) {
      all.product("NN", false, false, n, n, n);
    }
    for (int n : new int[] {512, 1024}) {
      all.product("NT", false, true, n, n, n);
      all.product("TN", true, false, n, n, n);
    }
    for (int m : new int[] {1, 4, 16, 64}) {
      all.product("NN", false, false, m, WIDE, WIDE);
    }
    for (int m : new int[] {4, 16, 64}) {
      all.packed(m, WIDE, false);
    }
    for (int n : new int[] {WIDE, 2 * WIDE}) {
      all.packed(1, n, false);
      all.packed(1, n, true);
    }
    for (int batch : new int[] {1, 32, 256}) {
      all.network(batch);
    }
    for (int batch : new int[] {64, 256}) {
      all.training(batch);
    }
    all.dense("relu", new Relu());
    all.dense("tanh", new Tanh());
    all.dense("gelu", new Gelu());
    all.denseBackward();
    for (int n : new int[] {512, 1024}) {
      all.parallel(executor, n);
    }
    return all.cases;
  }

  static Matrix filled(int rows, int columns) {
    Matrix matrix = Matrix.zeros(rows, columns);
    float[] array = matrix.array();
    for (int i = 0; i < array.length; i++) {
      array[i] = (i * 37L % 101) / 101f - 0.5f;
    }
    return matrix;
  }

  private static double flops(int m, int n, int k) {
    return 2.0 * m * n * k;
  }

  private static String shape(int m, int n, int k) {
    return m + "×" + k + "×" + n;
  }

  private void product(String name, boolean ta, boolean tb, int m, int n, int k) {
    Matrix a = ta ? filled(k, m).transposed() : filled(m, k);
    Matrix b = tb ? filled(n, k).transposed() : filled(k, n);
    Matrix c = filled(m, n);
    cases.add(
        new MatmulCase(
            "sgemm " + name,
            shape(m, n, k),
            1,
            flops(m, n, k),
            () -> Gemm.multiply(1f, a, b, 0f, c, workspace),
            MatmulCase.peers(peers, ta, tb, m, n, k)));
  }

  private void packed(int m, int n, boolean halved) {
    Matrix a = filled(m, n);
    Matrix weights = filled(n, n);
    PackedMatrix b = halved ? PackedMatrix.halved(weights) : PackedMatrix.of(weights);
    Matrix c = filled(m, n);
    float[] bias = new float[n];
    cases.add(
        new MatmulCase(
            halved ? "sgemm, bfloat16 weights" : "sgemm, packed weights",
            shape(m, n, n),
            1,
            flops(m, n, n),
            () -> Gemm.multiplyOntoBias(a, b, bias, 0, c, null, workspace),
            networks(m, n, n)));
  }

  /** The same layers by each library, in the layout of its choice. */
  private Map<String, Runnable> networks(int rows, int... sizes) {
    Map<String, Runnable> calls = new LinkedHashMap<>();
    libraries.forEach(library -> calls.put(library.name(), library.network(rows, sizes)));
    return calls;
  }

  private void network(int batch) {
    Network network = new Network(batch, NETWORK);
    cases.add(
        new MatmulCase(
            "network " + NETWORK_NAME + ", packed",
            "batch " + batch,
            1,
            network.flops(),
            network.inference(),
            networks(batch, NETWORK)));
  }

  private void training(int batch) {
    Network network = new Network(batch, NETWORK);
    Map<String, Runnable> calls = new LinkedHashMap<>();
    libraries.forEach(
        library ->
            library
                .trainingStep(batch, NETWORK)
                .ifPresent(step -> calls.put(library.name(), step)));
    cases.add(
        new MatmulCase(
            "network " + NETWORK_NAME + ", SGD step",
            "batch " + batch,
            1,
            network.trainingFlops(),
            network.trainingStep(),
            calls));
  }

  private void dense(String name, Activation activation) {
    Matrix x = filled(64, WIDE);
    PackedMatrix w = PackedMatrix.of(filled(WIDE, WIDE));
    float[] b = new float[WIDE];
    Matrix y = filled(64, WIDE);
    cases.add(
        new MatmulCase(
            "dense + bias + " + name + ", packed",
            shape(64, WIDE, WIDE),
            1,
            flops(64, WIDE, WIDE),
            () -> Dense.forward(x, w, b, activation, y, workspace),
            Map.of()));
  }

  private void denseBackward() {
    Matrix x = filled(64, WIDE);
    Matrix w = filled(WIDE, WIDE);
    Matrix y = filled(64, WIDE);
    Matrix dy = filled(64, WIDE);
    DenseTape tape = new DenseTape(new Relu(), 64, WIDE);
    Dense.forward(x, w, new float[WIDE], y, tape, workspace);
    DenseGradients gradients =
        DenseGradients.into(filled(64, WIDE), filled(WIDE, WIDE), new float[WIDE]);
    cases.add(
        new MatmulCase(
            "dense backward: dX, dW, db, relu′",
            shape(64, WIDE, WIDE),
            1,
            2 * flops(64, WIDE, WIDE),
            () -> DenseBackward.backward(dy, x, w, y, tape, gradients, workspace),
            Map.of()));
  }

  private void parallel(Executor executor, int n) {
    GemmPlan plan = new GemmPlan(executor, 2);
    Matrix a = filled(n, n);
    Matrix b = filled(n, n);
    Matrix c = filled(n, n);
    cases.add(
        new MatmulCase(
            "sgemm NN",
            shape(n, n, n),
            2,
            flops(n, n, n),
            () -> plan.multiply(1f, a, b, 0f, c),
            Map.of()));
  }
}
