package org.lanegrad.model;

import java.util.SplittableRandom;
import org.lanegrad.Matrix;

/** Weights to begin with: seeded, uniform, as wide as keeps signals of one size through layers. */
public final class Initial {
  private Initial() {}

  /**
   * Uniform in ±√(6 / inputs): for layers whose activation passes half of its inputs, as ReLU does.
   * (K. He et al., Delving Deep into Rectifiers, 2015.)
   */
  public static Matrix he(int inputs, int outputs, long seed) {
    return uniform(Matrix.zeros(inputs, outputs), Math.sqrt(6.0 / Math.max(1, inputs)), seed);
  }

  /**
   * Uniform in ±√(6 / (inputs + outputs)): for sigmoid, tanh and linear layers. (X. Glorot, Y.
   * Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010.)
   */
  public static Matrix glorot(int inputs, int outputs, long seed) {
    double width = Math.sqrt(6.0 / Math.max(1, (double) inputs + outputs));
    return uniform(Matrix.zeros(inputs, outputs), width, seed);
  }

  /** Fills a matrix uniformly from −width to width, row by row. */
  public static Matrix uniform(Matrix matrix, double width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < matrix.columns(); j++) {
        matrix.set(i, j, (float) (width * (2 * random.nextDouble() - 1)));
      }
    }
    return matrix;
  }
}
