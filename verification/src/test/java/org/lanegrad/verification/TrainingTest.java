package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.loss.MeanSquaredError;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.optimizer.AdaGrad;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.Momentum;
import org.lanegrad.optimizer.RmsProp;
import org.lanegrad.optimizer.Sgd;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.op.OptimizerStep;
import org.lanegrad.reference.op.Update;

/** The optimizers over many steps: against their formulas in double, and at what they are for. */
class TrainingTest {
  private static final float RATE = 0x1p-6f;
  private static final float EPSILON = 0x1p-20f;

  /** A step of the kernel: t from 1 on, gradient, two arrays of state, parameters. */
  private interface Step {
    void run(int t, float[] g, float[][] s, float[] p);
  }

  /** The rule at step t, in double. */
  private interface Rule {
    Update at(int t);
  }

  record Pair(String name, Step step, Rule rule) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Pair> optimizers() {
    List<Pair> pairs = new ArrayList<>();
    for (boolean nesterov : new boolean[] {false, true}) {
      Momentum momentum = new Momentum(0.875f, 0f, 0.0625f, nesterov);
      Update exact = new Update.Momentum(RATE, 0.875, 0, 0.0625, nesterov);
      String name = nesterov ? "nesterov" : "momentum";
      pairs.add(new Pair(name, (t, g, s, p) -> momentum.step(RATE, g, s[0], p), t -> exact));
    }
    RmsProp rms = new RmsProp(0.875f, EPSILON, 0.0625f);
    Update exactRms = new Update.RmsProp(RATE, 0.875, EPSILON, 0.0625);
    pairs.add(new Pair("rmsprop", (t, g, s, p) -> rms.step(RATE, g, s[0], p), t -> exactRms));
    AdaGrad ada = new AdaGrad(EPSILON, 0.0625f);
    Update exactAda = new Update.AdaGrad(RATE, EPSILON, 0.0625);
    pairs.add(new Pair("adagrad", (t, g, s, p) -> ada.step(RATE, g, s[0], p), t -> exactAda));
    for (float decay : new float[] {0f, 0.125f}) {
      Adam adam = new Adam(0.875f, 0.984375f, EPSILON, decay == 0 ? 0.0625f : 0, decay);
      pairs.add(
          new Pair(
              decay == 0 ? "adam" : "adamw",
              (t, g, s, p) -> adam.step(RATE, t, g, s[0], s[1], p),
              t -> new Update.Adam(RATE, t, 0.875, 0.984375, EPSILON, adam.l2(), decay)));
    }
    return pairs;
  }

  /** 16 roundings a step of numbers of the size of the parameters and the steps. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void staysWithItsFormulaOverAThousandSteps(Pair pair) {
    int n = 37;
    int steps = 1000;
    SplittableRandom random = new SplittableRandom(5);
    float[] p = new float[n];
    float[] g = new float[n];
    float[][] s = new float[2][n];
    double[] exactP = new double[n];
    double[][] exactS = new double[2][n];
    double largest = 1;
    for (int t = 1; t <= steps; t++) {
      double[] exactG = new double[n];
      for (int i = 0; i < n; i++) {
        g[i] = (float) random.nextDouble(-1, 1);
        exactG[i] = g[i];
      }
      pair.step().run(t, g, s, p);
      Update rule = pair.rule().at(t);
      double[][] now =
          rule.states() == 1
              ? new double[][] {exactP, exactG, exactS[0]}
              : new double[][] {exactP, exactG, exactS[0], exactS[1]};
      double[] next = Evaluate.of(new OptimizerStep(rule, n), now);
      System.arraycopy(next, 0, exactP, 0, n);
      for (int k = 0; k < rule.states(); k++) {
        System.arraycopy(next, (k + 1) * n, exactS[k], 0, n);
      }
      for (double value : exactP) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    for (int i = 0; i < n; i++) {
      assertThat(Math.abs(p[i] - exactP[i]))
          .as("%s, parameter %d", pair, i)
          .isLessThanOrEqualTo(16 * steps * 0x1p-24 * largest);
    }
  }

  /** ½·(x² + 100·y²): a valley a hundred times as steep on one side as on the other. */
  private static double valley(Step step, int steps) {
    float[] p = {1, 1};
    float[][] s = new float[2][2];
    for (int t = 1; t <= steps; t++) {
      step.run(t, new float[] {p[0], 100 * p[1]}, s, p);
    }
    return 0.5 * ((double) p[0] * p[0] + 100.0 * p[1] * p[1]);
  }

  private static Map<String, Step> standard(float rate) {
    Map<String, Step> steps = new LinkedHashMap<>();
    steps.put("sgd", (t, g, s, p) -> Sgd.step(rate, g, p));
    steps.put("momentum", (t, g, s, p) -> Momentum.of(0.9f).step(rate, g, s[0], p));
    steps.put("nesterov", (t, g, s, p) -> Momentum.nesterov(0.9f).step(rate, g, s[0], p));
    steps.put("rmsprop", (t, g, s, p) -> RmsProp.standard().step(rate, g, s[0], p));
    steps.put("adagrad", (t, g, s, p) -> AdaGrad.standard().step(rate, g, s[0], p));
    steps.put("adam", (t, g, s, p) -> Adam.standard().step(rate, t, g, s[0], s[1], p));
    return steps;
  }

  @Test
  void allFindTheFloorOfAValley() {
    // the steps of AdaGrad shrink with the root of their number, so it starts with larger ones
    Map<String, Step> steps = standard(0.01f);
    steps.put("adagrad", standard(0.2f).get("adagrad"));
    steps.forEach((name, step) -> assertThat(valley(step, 2000)).as(name).isLessThan(1e-3));
  }

  @Test
  void momentumIsFasterAlongAValleyThanDescentAlone() {
    Map<String, Step> steps = standard(0.005f);
    double alone = valley(steps.get("sgd"), 150);
    assertThat(valley(steps.get("momentum"), 150)).isLessThan(0.1 * alone);
    assertThat(valley(steps.get("nesterov"), 150)).isLessThan(0.1 * alone);
  }

  /** x² − y² from (1, 10⁻⁶): how far from the saddle after so many steps. */
  private static double escape(Step step, int steps) {
    float[] p = {1, 1e-6f};
    float[][] s = new float[2][2];
    for (int t = 1; t <= steps; t++) {
      step.run(t, new float[] {2 * p[0], -2 * p[1]}, s, p);
    }
    return Math.abs(p[1]);
  }

  @Test
  void adaptiveRatesLeaveASaddleWhereDescentLingers() {
    Map<String, Step> steps = standard(0.01f);
    double alone = escape(steps.get("sgd"), 60);
    assertThat(alone).isLessThan(1e-4);
    assertThat(escape(steps.get("momentum"), 60)).isGreaterThan(3 * alone);
    for (String adaptive : List.of("rmsprop", "adagrad", "adam")) {
      assertThat(escape(steps.get(adaptive), 60)).as(adaptive).isGreaterThan(0.05);
    }
  }

  @Test
  void linearRegressionRecoversItsWeights() {
    int n = 1000;
    double[] weights = {1.5, -2, 0.5};
    Random random = new Random(11);
    Matrix x = Matrix.zeros(n, 3);
    float[] targets = new float[n];
    for (int i = 0; i < n; i++) {
      double y = 0.75 + 0.2 * random.nextGaussian();
      for (int j = 0; j < 3; j++) {
        float value = (float) random.nextGaussian();
        x.array()[x.index(i, j)] = value;
        y += weights[j] * value;
      }
      targets[i] = (float) y;
    }
    Matrix w = Matrix.zeros(3, 1);
    float[] b = new float[1];
    Matrix y = Matrix.zeros(n, 1);
    Matrix dw = Matrix.zeros(3, 1);
    float[] db = new float[1];
    float[][] states = {new float[3], new float[3], new float[1], new float[1]};
    DenseTape tape = new DenseTape(new Identity(), n, 1);
    Workspace workspace = new Workspace();
    Adam adam = Adam.standard();
    float loss = Float.NaN;
    for (int t = 1; t <= 500; t++) {
      Dense.forward(x, w, b, y, tape, workspace);
      loss = MeanSquaredError.lossAndGradient(y.array(), 0, targets, 0, y.array(), 0, n);
      DenseBackward.backward(y, x, w, y, tape, DenseGradients.into(null, dw, db), workspace);
      adam.step(0.05f, t, dw.array(), states[0], states[1], w.array());
      adam.step(0.05f, t, db, states[2], states[3], b);
    }
    for (int j = 0; j < 3; j++) {
      assertThat(Math.abs(w.array()[j] - weights[j])).isLessThan(0.05);
    }
    assertThat(Math.abs(b[0] - 0.75)).isLessThan(0.05);
    assertThat(loss).isBetween(0.03f, 0.05f);
  }
}
