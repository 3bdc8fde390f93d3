package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.dot;
import static org.lanegrad.graph.Ops.mean;
import static org.lanegrad.graph.Ops.multiclassHinge;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.penalty;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.shift;
import static org.lanegrad.graph.Ops.sqrt;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.subtract;
import static org.lanegrad.graph.Ops.sum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Tanh;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;
import org.lanegrad.graph.Session;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.reduction.Reductions;

/** The models of the lectures on backpropagation, trained with the fast kernels. */
class LectureModelsTest {
  private final Graph graph = new Graph();

  private Node layer(String name, Node x, int outputs, Activation f, long seed) {
    int inputs = x.shape().columns();
    Node w = graph.parameter("w" + name, Initial.glorot(inputs, outputs, seed));
    return dense(x, w, graph.parameter("b" + name, Matrix.zeros(1, outputs)), f);
  }

  private static double accuracy(Node x, Node scores, Matrix points, int[] classes) {
    Matrix all = Matrix.zeros(classes.length, scores.shape().columns());
    Model.of(x, scores).session(classes.length).run(points, all);
    int[] answers = new int[classes.length];
    Reductions.argmax(all, answers);
    int right = 0;
    for (int i = 0; i < classes.length; i++) {
      right += answers[i] == classes[i] ? 1 : 0;
    }
    return right / (double) classes.length;
  }

  /** x² by steps of 0.1: each leaves 0.8 of x. */
  @Test
  void aParabolaIsDescended() {
    Node x = graph.parameter("x", Matrix.of(new float[] {0.448929f}, 1, 1));
    Node one = graph.input("one", 1);
    Node loss = multiplyByMean(square(x), one);
    Trainer trainer =
        Trainer.of(loss)
            .examples(one, Matrix.of(new float[] {1f}, 1, 1))
            .optimizer(Optimizer.sgd(), LearningRate.constant(0.1f))
            .build();
    trainer.step();
    assertThat(x.value().get(0, 0)).isCloseTo(0.359143f, within(1e-6f));
    for (int i = 1; i < 10; i++) {
      trainer.step();
    }
    assertThat((double) x.value().get(0, 0)).isCloseTo(0.448929 * Math.pow(0.8, 10), within(1e-6));
  }

  /** A trainer has examples: a loss that needs none takes the mean of ones as a factor. */
  private static Node multiplyByMean(Node loss, Node ones) {
    return dot(loss, mean(ones, Over.ALL));
  }

  /** Three arms that turn into each other: the more hidden neurons, the better. */
  @Test
  void spiralsNeedHiddenNeurons() {
    int perClass = 100;
    Matrix points = Matrix.zeros(3 * perClass, 2);
    int[] classes = new int[3 * perClass];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < classes.length; i++) {
      classes[i] = i % 3;
      double r = i / (double) classes.length;
      double angle = 4 * (r + classes[i]) + 0.15 * random.nextGaussian();
      points.set(i, 0, (float) (2 * r * Math.sin(angle)));
      points.set(i, 1, (float) (2 * r * Math.cos(angle)));
    }
    double[] reached = new double[3];
    int[] sizes = {3, 6, 20};
    for (int k = 0; k < 3; k++) {
      Graph each = new Graph();
      Node x = each.input("x", 2);
      Node labels = each.ints("labels", 1);
      Node w1 = each.parameter("w1", Initial.glorot(2, sizes[k], 5));
      Node b1 = each.parameter("b1", Matrix.zeros(1, sizes[k]));
      Node w2 = each.parameter("w2", Initial.glorot(sizes[k], 3, 6));
      Node b2 = each.parameter("b2", Matrix.zeros(1, 3));
      Node scores = dense(dense(x, w1, b1, new Tanh()), w2, b2, new Identity());
      Trainer.of(crossEntropy(scores, labels))
          .examples(x, points)
          .examples(labels, classes)
          .batch(50)
          .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.01f))
          .build()
          .train(300);
      reached[k] = accuracy(x, scores, points, classes);
    }
    assertThat(reached[0]).isLessThan(0.9);
    assertThat(reached[1]).isGreaterThan(reached[0]);
    assertThat(reached[2]).isGreaterThan(0.97);
  }

  /** Two rings: no line separates them in the plane, one does in polar coordinates. */
  @Test
  void polarCoordinatesMakeRingsSeparable() {
    int count = 200;
    Matrix plane = Matrix.zeros(count, 2);
    Matrix polar = Matrix.zeros(count, 2);
    int[] classes = new int[count];
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < count; i++) {
      classes[i] = i % 2;
      double r = 1 + classes[i] + random.nextDouble(-0.2, 0.2);
      double angle = random.nextDouble(-Math.PI, Math.PI);
      plane.set(i, 0, (float) (r * Math.cos(angle)));
      plane.set(i, 1, (float) (r * Math.sin(angle)));
      polar.set(i, 0, (float) r);
      polar.set(i, 1, (float) angle);
    }
    Node x = graph.input("x", 2);
    Node labels = graph.ints("labels", 1);
    Node scores = layer("1", x, 2, new Identity(), 1);
    Node loss = crossEntropy(scores, labels);
    Trainer.Builder logistic =
        Trainer.of(loss)
            .examples(labels, classes)
            .batch(count)
            .optimizer(Optimizer.sgd(), LearningRate.constant(1f));
    logistic.examples(x, plane).build().train(500);
    assertThat(accuracy(x, scores, plane, classes)).isLessThan(0.75);
    logistic.examples(x, polar).build().train(2000);
    assertThat(accuracy(x, scores, polar, classes)).isEqualTo(1);
  }

  /** Three clusters, the hinge loss and L2: the weights stay small, the margins hold. */
  @Test
  void aLinearSupportVectorMachine() {
    int count = 150;
    Matrix points = Matrix.zeros(count, 2);
    int[] classes = new int[count];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < count; i++) {
      classes[i] = i % 3;
      double angle = 2 * Math.PI * classes[i] / 3;
      points.set(i, 0, (float) (3 * Math.cos(angle) + 0.5 * random.nextGaussian()));
      points.set(i, 1, (float) (3 * Math.sin(angle) + 0.5 * random.nextGaussian()));
    }
    Node x = graph.input("x", 2);
    Node labels = graph.ints("labels", 1);
    Node scores = layer("1", x, 3, new Identity(), 1);
    Node decay = penalty(Regularizer.l2(0.01f), graph.node("w1"));
    Trainer trainer =
        Trainer.of(add(multiclassHinge(scores, labels, 1f), decay))
            .examples(x, points)
            .examples(labels, classes)
            .batch(30)
            .optimizer(Optimizer.sgd(), LearningRate.exponential(0.1f, 1e-3f))
            .build();
    trainer.train(200);
    assertThat(accuracy(x, scores, points, classes)).isGreaterThan(0.99);
    assertThat(trainer.step()).isLessThan(0.1f);
  }

  /** Ten layers: sigmoid's gradient vanishes on its way down, ReLU's does not. */
  @Test
  void deepSigmoidLayersVanish() {
    float[] ratios = new float[2];
    for (int k = 0; k < 2; k++) {
      Graph each = new Graph();
      Node x = each.input("x", 16);
      Node h = x;
      for (int layer = 0; layer < 10; layer++) {
        Node w =
            each.parameter(
                "w" + layer, k == 0 ? Initial.glorot(16, 16, layer) : Initial.he(16, 16, layer));
        Node b = each.parameter("b" + layer, Matrix.zeros(1, 16));
        h = dense(h, w, b, k == 0 ? new Sigmoid() : new Relu());
      }
      Trainer trainer =
          Trainer.of(mean(square(h), Over.ALL))
              .examples(x, Initial.uniform(Matrix.zeros(64, 16), 1, 20))
              .build();
      trainer.step();
      ratios[k] = trainer.gradientNorms().get("w0") / trainer.gradientNorms().get("w9");
    }
    assertThat(ratios[0]).isLessThan(1e-4f);
    assertThat(ratios[1]).isBetween(0.05f, 50f);
  }

  /** (X·A)·B is X·(A·B): layers without an activation are one. */
  @Test
  void stackedLinearLayersAreOne() {
    Node x = graph.input("x", 9);
    Node a = graph.parameter("a", Initial.glorot(9, 20, 1));
    Node b = graph.parameter("b", Initial.glorot(20, 4, 2));
    Node stacked = product(product(x, a), b);
    Node once = product(x, product(a, b));
    Matrix points = Initial.uniform(Matrix.zeros(30, 9), 1, 3);
    Session session = graph.session(stacked, List.of(once)).bind(x, points).run();
    for (int i = 0; i < 30; i++) {
      for (int j = 0; j < 4; j++) {
        assertThat(session.value(stacked).get(i, j))
            .isCloseTo(session.value(once).get(i, j), within(1e-5f));
      }
    }
    Model model = Model.of(x, once);
    assertThat(model.graph().nodes().stream().filter(n -> n.op() != null)).hasSize(1);
  }

  /** Two passes a parameter for numeric gradients, one backward pass for all. */
  @Test
  void aNumericGradientTakesTwoPassesForEachParameter() {
    Node x = graph.input("x", 5);
    Node y = layer("2", layer("1", x, 7, new Tanh(), 1), 1, new Identity(), 2);
    Node loss = mean(square(y), Over.ALL);
    Node w = graph.node("w1");
    Node dw = graph.gradient(loss, w).get(0);
    Matrix points = Initial.uniform(Matrix.zeros(11, 5), 1, 4);
    Matrix analytic = graph.session(loss, dw).bind(x, points).run().value(dw);
    Session forward = graph.session(loss).bind(x, points);
    int passes = 0;
    for (int i = 0; i < 35; i++) {
      float[] weights = w.value().array();
      float before = weights[i];
      float h = 1e-2f;
      weights[i] = before + h;
      double above = forward.run().number(loss);
      weights[i] = before - h;
      double below = forward.run().number(loss);
      weights[i] = before;
      passes += 2;
      assertThat((above - below) / (2 * h)).isCloseTo(analytic.get(i / 7, i % 7), within(2e-3));
    }
    assertThat(passes).isEqualTo(2 * 35);
    double backward = graph.flops(11, dw);
    assertThat(backward).isLessThan(4 * graph.flops(11, loss));
  }

  /**
   * The largest singular value of a layer's Jacobian at one point, by power iteration: Jᵀ·(J·v),
   * J·v by two reverse passes.
   */
  @Test
  void powerIterationFindsTheLargestSingularValueOfAJacobian() {
    Node x = graph.parameter("x", Initial.uniform(Matrix.zeros(1, 6), 1, 1));
    Node w = graph.parameter("w", Initial.uniform(Matrix.zeros(6, 8), 1, 2));
    Node b = graph.parameter("b", Initial.uniform(Matrix.zeros(1, 8), 1, 3));
    Node y = dense(x, w, b, new Tanh());
    Node v = graph.input("v", 1, 6);
    Node u = graph.input("u", 1, 8);
    Node vjp = graph.gradient(y, u, List.of(x)).get(0);
    Node jvp = graph.gradient(dot(vjp, v), u).get(0);
    Session session = graph.session(jvp, List.of(vjp, y));
    float[] direction = Initial.uniform(Matrix.zeros(1, 6), 1, 4).array();
    float[] image = new float[8];
    double sigma = 0;
    for (int i = 0; i < 200; i++) {
      normalize(direction);
      session.feed(v, direction).feed(u, image).run();
      copy(session.value(jvp), image);
      sigma = normalize(image);
      session.feed(v, direction).feed(u, image).run();
      copy(session.value(vjp), direction);
    }
    // the Jacobian in full: (1 − y²)·w, and its largest eigenvalue of JᵀJ by squaring
    double[][] gram = new double[6][6];
    for (int i = 0; i < 6; i++) {
      for (int k = 0; k < 6; k++) {
        for (int j = 0; j < 8; j++) {
          double slope = 1 - Math.pow(session.value(y).get(0, j), 2);
          gram[i][k] += slope * slope * w.value().get(i, j) * w.value().get(k, j);
        }
      }
    }
    double scale = 0;
    for (int round = 0; round < 12; round++) {
      double trace = 0;
      for (int i = 0; i < 6; i++) {
        trace += gram[i][i];
      }
      double[][] squared = new double[6][6];
      for (int i = 0; i < 6; i++) {
        for (int k = 0; k < 6; k++) {
          for (int j = 0; j < 6; j++) {
            squared[i][k] += gram[i][j] * gram[j][k] / (trace * trace);
          }
        }
      }
      scale += Math.log(trace) / (1 << round);
      gram = squared;
    }
    assertThat(sigma).isCloseTo(Math.exp(scale / 2), within(1e-3));
  }

  private static double normalize(float[] v) {
    double norm = Math.sqrt(Reductions.sumOfSquares(v, 0, v.length));
    for (int i = 0; i < v.length; i++) {
      v[i] /= (float) norm;
    }
    return norm;
  }

  private static void copy(Matrix from, float[] to) {
    System.arraycopy(from.array(), from.offset(), to, 0, to.length);
  }

  /**
   * A critic that tells two clusters apart while the norm of its gradient by its input is held at
   * 1: the penalty (‖∇ₓf‖ − 1)² has a gradient, too. (I. Gulrajani et al., 2017.)
   */
  @Test
  void aCriticIsTrainedWithAPenaltyOnItsGradient() {
    int count = 64;
    Matrix real = Matrix.zeros(count, 2);
    Matrix fake = Matrix.zeros(count, 2);
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < count; i++) {
      real.set(i, 0, (float) (2 + 0.3 * random.nextGaussian()));
      real.set(i, 1, (float) (0.3 * random.nextGaussian()));
      fake.set(i, 0, (float) (-1 + 0.3 * random.nextGaussian()));
      fake.set(i, 1, (float) (0.3 * random.nextGaussian()));
    }
    Matrix between = Matrix.zeros(count, 1);
    for (int i = 0; i < count; i++) {
      between.set(i, 0, (i + 0.5f) / count);
    }
    Node r = graph.input("real", 2);
    Node f = graph.input("fake", 2);
    Node w1 = graph.parameter("w1", Initial.he(2, 32, 6));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 32));
    Node w2 = graph.parameter("w2", Initial.glorot(32, 1, 7));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, 1));
    Node onReal = dense(dense(r, w1, b1, new Tanh()), w2, b2, new Identity());
    Node onFake = dense(dense(f, w1, b1, new Tanh()), w2, b2, new Identity());
    Node t = graph.input("t", 1);
    Node middle = add(f, multiply(t, subtract(r, f))); // anywhere between the two
    Node onMiddle = dense(dense(middle, w1, b1, new Tanh()), w2, b2, new Identity());
    Node slope = graph.gradient(sum(onMiddle, Over.ALL), middle).get(0);
    Node norm = sqrt(shift(1e-12f, sum(square(slope), Over.COLUMNS)));
    Node gap = subtract(mean(onFake, Over.ALL), mean(onReal, Over.ALL));
    Node loss = add(gap, scale(10f, mean(square(shift(-1f, norm)), Over.ALL)));
    List<Float> losses = new ArrayList<>();
    Trainer.of(loss)
        .examples(r, real)
        .examples(f, fake)
        .examples(t, between)
        .batch(count)
        .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.01f))
        .build()
        .train(400, report -> losses.add(report.loss()));
    Session session =
        graph.session(gap, List.of(norm)).bind(r, real).bind(f, fake).bind(t, between).run();
    // slope 1 over a distance of 3
    assertThat(-session.number(gap)).isBetween(2.4f, 3.6f);
    double[] norms = new double[count];
    Arrays.setAll(norms, i -> session.value(norm).get(i, 0));
    assertThat(Arrays.stream(norms).average().orElse(0)).isBetween(0.85, 1.15);
    assertThat(losses.get(399)).isLessThan(losses.get(0));
  }

  /**
   * Is a point inside a triangle? Three sigmoid neurons learn on which side of its lines a point
   * lies, and one on top learns when all three agree: (0.6, 0.3, 0.8) → −1, (0.7, 0.7, 0.7) → +1.
   */
  @Test
  void threeNeuronsAndOneLearnATriangle() {
    SplittableRandom random = new SplittableRandom(5);
    int count = 600;
    Matrix points = Matrix.zeros(count, 2);
    Matrix sides = Matrix.zeros(count, 3);
    for (int i = 0; i < count; i++) {
      float px = (float) random.nextDouble(-1, 5);
      float py = (float) random.nextDouble(-1, 4);
      points.set(i, 0, px);
      points.set(i, 1, py);
      // the corners are (0, 0), (4, 0) and (0, 3)
      sides.set(i, 0, px > 0 ? 1 : 0);
      sides.set(i, 1, py > 0 ? 1 : 0);
      sides.set(i, 2, 3 * px + 4 * py < 12 ? 1 : 0);
    }
    Graph graph = new Graph();
    Node x = graph.input("x", 2);
    Node side = graph.input("side", 3);
    Node w = graph.parameter("w", Initial.glorot(2, 3, 1));
    Node b = graph.parameter("b", Matrix.zeros(1, 3));
    Node lines = dense(x, w, b, new Identity());
    Node loss = Ops.binaryCrossEntropy(lines, side, 1f);
    Trainer.of(loss)
        .examples(x, points)
        .examples(side, sides)
        .batch(count)
        .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.1f))
        .build()
        .train(300);

    Matrix agreements = Matrix.zeros(2000, 3);
    Matrix all = Matrix.zeros(2000, 1);
    for (int i = 0; i < 2000; i++) {
      boolean agree = true;
      for (int j = 0; j < 3; j++) {
        float h = (float) random.nextDouble();
        agreements.set(i, j, h);
        agree &= h > 0.5f;
      }
      all.set(i, 0, agree ? 1 : 0);
    }
    Model neuron = agreement(agreements, all);
    Matrix answers = Matrix.zeros(2, 1);
    Matrix table = Matrix.of(new float[] {0.6f, 0.3f, 0.8f, 0.7f, 0.7f, 0.7f}, 2, 3);
    neuron.session(2).run(table, answers);
    assertThat(Math.signum(answers.get(0, 0))).isEqualTo(-1);
    assertThat(Math.signum(answers.get(1, 0))).isEqualTo(1);

    // both together, the second on what the first one says, on points that neither has seen
    Matrix said = Matrix.zeros(count, 3);
    Model first = Model.of(x, Ops.sigmoid(lines));
    first.session(count).run(points, said);
    Matrix truth = Matrix.zeros(count, 1);
    for (int i = 0; i < count; i++) {
      truth.set(i, 0, sides.get(i, 0) * sides.get(i, 1) * sides.get(i, 2));
    }
    Model second = agreement(said, truth);
    Matrix fresh = Matrix.zeros(1000, 2);
    for (int i = 0; i < 1000; i++) {
      fresh.set(i, 0, (float) random.nextDouble(-1, 5));
      fresh.set(i, 1, (float) random.nextDouble(-1, 4));
    }
    Matrix hidden = Matrix.zeros(1000, 3);
    first.session(1000).run(fresh, hidden);
    Matrix inside = Matrix.zeros(1000, 1);
    second.session(1000).run(hidden, inside);
    int right = 0;
    for (int i = 0; i < 1000; i++) {
      boolean isInside =
          fresh.get(i, 0) > 0
              && fresh.get(i, 1) > 0
              && 3 * fresh.get(i, 0) + 4 * fresh.get(i, 1) < 12;
      right += inside.get(i, 0) > 0 == isInside ? 1 : 0;
    }
    assertThat(right).isGreaterThan(930);
  }

  /** A neuron that learns when three agree. */
  private static Model agreement(Matrix three, Matrix agree) {
    Graph top = new Graph();
    Node h = top.input("h", 3);
    Node wanted = top.input("agree", 1);
    Node v = top.parameter("v", Initial.glorot(3, 1, 2));
    Node c = top.parameter("c", Matrix.zeros(1, 1));
    Node score = dense(h, v, c, new Identity());
    // one of eight triples agrees: it counts as much as the seven others
    Trainer.of(Ops.binaryCrossEntropy(score, wanted, 7f))
        .examples(h, three)
        .examples(wanted, agree)
        .batch(three.rows())
        .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.1f))
        .build()
        .train(300);
    return Model.of(h, score);
  }

  /** Is the word in the middle a place? It is one of some names, after "in". */
  @Test
  void aWindowOfWordsTellsPlaces() {
    int words = 30;
    int in = 3;
    SplittableRandom random = new SplittableRandom(7);
    int count = 3000;
    int[] windows = new int[5 * count];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < 5; j++) {
        windows[5 * i + j] = random.nextInt(words);
      }
      if (random.nextBoolean()) {
        windows[5 * i + 1] = in;
      }
      boolean isName = windows[5 * i + 2] >= 20;
      labels[i] = isName && windows[5 * i + 1] == in ? 1 : 0;
    }
    Graph graph = new Graph();
    Node window = graph.ints("window", 5);
    Node label = graph.ints("label", 1);
    Node table = graph.parameter("table", Initial.uniform(Matrix.zeros(words, 6), 0.5, 1));
    Node w = graph.parameter("W", Initial.glorot(30, 8, 2));
    Node b = graph.parameter("b", Matrix.zeros(1, 8));
    Node u = graph.parameter("u", Initial.glorot(8, 2, 3));
    Node hidden = dense(Ops.embeddingWindow(table, window), w, b, new Tanh());
    Node scores = product(hidden, u);
    Examples.Split split = Examples.of(window, windows).and(label, labels).split(0.8, 1);
    Trainer.of(crossEntropy(scores, label))
        .examples(split.first())
        .batch(64)
        .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(5e-3f))
        .build()
        .train(20);
    assertThat(Evaluation.accuracy(scores, label, split.rest()).value()).isGreaterThan(0.99);
  }
}
