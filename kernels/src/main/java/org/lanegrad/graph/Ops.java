package org.lanegrad.graph;

import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Tanh;
import org.lanegrad.check.Check;
import org.lanegrad.elementwise.Absolute;
import org.lanegrad.elementwise.Affine;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Expm1;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Log1p;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;
import org.lanegrad.loss.BinaryCrossEntropy;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.normalization.LayerNorm;
import org.lanegrad.normalization.RmsNorm;

/**
 * The ops as functions of nodes: each makes a node in the graph of its first input.
 *
 * <p>Where two inputs of a gate differ in shape, a number, a row or a column is repeated to that of
 * the other. <b>Errors</b>: {@link NullPointerException} for a null node, {@link
 * IllegalArgumentException} with the op's name for shapes that don't fit.
 */
public final class Ops {
  private Ops() {}

  /** a + b; db is summed over what was repeated. */
  public static Node add(Node a, Node b) {
    present(a, b);
    if (!a.shape().equals(b.shape()) && b.shape().equals(a.shape().row())) {
      return a.graph().apply(new BiasAddOp(), a, b);
    }
    return binary(BinaryOp.ADD, a, b);
  }

  /** a − b. */
  public static Node subtract(Node a, Node b) {
    return binary(BinaryOp.SUBTRACT, a, b);
  }

  /** a·b, element by element. */
  public static Node multiply(Node a, Node b) {
    present(a, b);
    if (!a.shape().isNumber() && b.shape().isNumber()) {
      return scaleBy(b, a);
    }
    return a.shape().isNumber() && !b.shape().isNumber()
        ? scaleBy(a, b)
        : binary(BinaryOp.MULTIPLY, a, b);
  }

  /** a/b. */
  public static Node divide(Node a, Node b) {
    return binary(BinaryOp.DIVIDE, a, b);
  }

  /** max(a, b); where they are equal the gradient goes to a. */
  public static Node maximum(Node a, Node b) {
    return binary(BinaryOp.MAXIMUM, a, b);
  }

  /** min(a, b); where they are equal the gradient goes to a. */
  public static Node minimum(Node a, Node b) {
    return binary(BinaryOp.MINIMUM, a, b);
  }

  private static void present(Node a, Node b) {
    Check.notNull("a", a, "a Node");
    Check.notNull("b", b, "a Node");
  }

  private static Node binary(BinaryOp op, Node a, Node b) {
    present(a, b);
    Shape shape = repeats(b.shape(), a.shape()) ? a.shape() : b.shape();
    return a.graph().apply(op, fitted(a, shape), fitted(b, shape));
  }

  private static boolean repeats(Shape small, Shape large) {
    return small.isNumber() || small.equals(large.row()) || small.equals(large.withColumns(1));
  }

  /** Repeated to a shape if that can be; if not, the op will say so. */
  private static Node fitted(Node x, Shape shape) {
    boolean repeats = !x.shape().equals(shape) && repeats(x.shape(), shape);
    return repeats ? broadcast(x, shape) : x;
  }

  /** A number, a row or a column repeated to a shape. */
  public static Node broadcast(Node x, Shape shape) {
    Check.notNull("x", x, "a Node");
    Check.notNull("shape", shape, "a Shape");
    return x.graph().apply(new BroadcastOp(shape), x);
  }

  /** factor·x for a factor that is a node. */
  public static Node scaleBy(Node factor, Node x) {
    Check.notNull("factor", factor, "a Node");
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new ScaleOp(), x, factor);
  }

  /** The same within a gradient, where the factor is mostly the number 1 and x needs no name. */
  static Node scaled(Node factor, Node x) {
    return factor.isNumber(1f) ? x : scaleBy(factor, x);
  }

  /** factor·x. */
  public static Node scale(float factor, Node x) {
    return activation(Affine.scale(factor), x);
  }

  /** x + b. */
  public static Node shift(float b, Node x) {
    return activation(Affine.shift(b), x);
  }

  /** −x. */
  public static Node negate(Node x) {
    return activation(Affine.negation(), x);
  }

  /** 1/x. */
  public static Node reciprocal(Node x) {
    return activation(new Reciprocal(), x);
  }

  /** x². */
  public static Node square(Node x) {
    return activation(new Square(), x);
  }

  /**
   * xⁿ for a whole n, by repeated squaring: up to 2·log₂|n| products, that of 1/x for n below 0.
   */
  public static Node power(Node x, int n) {
    Check.notNull("x", x, "a Node");
    if (n == 0) {
      return broadcast(x.graph().constant(1f), x.shape());
    }
    if (n == 1) {
      return copy(x);
    }
    Node square = n < 0 ? reciprocal(x) : x;
    Node power = null;
    for (int bits = Math.abs(n); bits != 0; bits >>>= 1) {
      if ((bits & 1) != 0) {
        power = power == null ? square : multiply(power, square);
      }
      square = bits > 1 ? square(square) : square;
    }
    return power;
  }

  /** √x. */
  public static Node sqrt(Node x) {
    return activation(new SquareRoot(), x);
  }

  /** |x|. */
  public static Node abs(Node x) {
    return activation(new Absolute(), x);
  }

  /** eˣ. */
  public static Node exp(Node x) {
    return activation(new Exponential(), x);
  }

  /** eˣ − 1. */
  public static Node expm1(Node x) {
    return activation(new Expm1(), x);
  }

  /** log x. */
  public static Node log(Node x) {
    return activation(new Logarithm(), x);
  }

  /** log(1 + x). */
  public static Node log1p(Node x) {
    return activation(new Log1p(), x);
  }

  /** The error function. */
  public static Node erf(Node x) {
    return activation(new Erf(), x);
  }

  /** 1/(1 + e⁻ˣ). */
  public static Node sigmoid(Node x) {
    return activation(new Sigmoid(), x);
  }

  /** tanh x. */
  public static Node tanh(Node x) {
    return activation(new Tanh(), x);
  }

  /** log(1 + eˣ). */
  public static Node softplus(Node x) {
    return activation(new Softplus(), x);
  }

  /** max(0, x). */
  public static Node relu(Node x) {
    return activation(new Relu(), x);
  }

  /** Any activation or gate of one input. */
  public static Node activation(Activation f, Node x) {
    Check.notNull("f", f, "an Activation");
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new UnaryOp(f), x);
  }

  /** x where x &gt; 0, else slope·x, with learned slopes: a row of them, or one. */
  public static Node prelu(Node x, Node slopes) {
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new PReluOp(), x, slopes);
  }

  /**
   * y = x / (1 − rate), or 0 for a share of {@code rate} of the elements, chosen anew by each draw:
   * the same in the backward pass, and y = x in a {@linkplain Graph#frozen frozen} graph. (N.
   * Srivastava et al., Dropout, 2014.)
   *
   * @param rate from 0 to less than 1
   * @param draws an input of ints with one random number for each example, which {@link
   *     org.lanegrad.model.Trainer.Builder#draws} feeds; layers may share it
   */
  public static Node dropout(Node x, float rate, Node draws) {
    Check.notNull("x", x, "a Node");
    Check.notNull("draws", draws, "a Node");
    // spread over all bits, so that no two layers' rows are shifted copies of one another
    return x.graph().apply(new DropoutOp(rate, x.index() * 0x85ebca6b), x, draws);
  }

  /** Σ x over rows, columns or all. */
  public static Node sum(Node x, Over over) {
    Check.notNull("x", x, "a Node");
    Check.notNull("over", over, "an Over");
    return x.graph().apply(new SumOp(over), x);
  }

  /** The mean of x over rows, columns or all. */
  public static Node mean(Node x, Over over) {
    Node sum = sum(x, over);
    return x.graph().apply(new ShareOp(over.counted(x.shape())), sum);
  }

  /** max x over columns or all; the gradient goes to the first maximum. */
  public static Node max(Node x, Over over) {
    Check.notNull("x", x, "a Node");
    Check.notNull("over", over, "an Over");
    return x.graph().apply(new MaxOp(over), x);
  }

  /** ⟨a, b⟩ = Σ a·b, a number. */
  public static Node dot(Node a, Node b) {
    return sum(multiply(a, b), Over.ALL);
  }

  /** A·B. */
  public static Node product(Node a, Node b) {
    return product(a, false, b, false);
  }

  /** A·B with Aᵀ or Bᵀ given instead, if so said. */
  public static Node product(Node a, boolean transposeA, Node b, boolean transposeB) {
    present(a, b);
    return a.graph().apply(new ProductOp(transposeA, transposeB, false), a, b);
  }

  /** f(X·W + b). */
  public static Node dense(Node x, Node w, Node b, Activation f) {
    Check.notNull("f", f, "an Activation");
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new DenseOp(f), x, w, b);
  }

  /** f(X·W). */
  public static Node dense(Node x, Node w, Activation f) {
    return activation(f, product(x, w));
  }

  /** Layer normalization of each row, with γ and β a column. */
  public static Node layerNorm(Node x, Node gamma, Node beta, float epsilon) {
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new LayerNormOp(new LayerNorm(epsilon)), x, gamma, beta);
  }

  /** Root mean square normalization of each row, with γ a column. */
  public static Node rmsNorm(Node x, Node gamma, float epsilon) {
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new RmsNormOp(new RmsNorm(epsilon)), x, gamma);
  }

  /** The softmax of each row. */
  public static Node softmax(Node x) {
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new SoftmaxOp(SoftmaxOp.Form.PLAIN), x);
  }

  /** The softmax of each row, with zeros for a row of nothing but −Inf, and a gradient of 0. */
  public static Node maskedSoftmax(Node x) {
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new SoftmaxOp(SoftmaxOp.Form.MASKED), x);
  }

  /** The logarithm of the softmax of each row. */
  public static Node logSoftmax(Node x) {
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new SoftmaxOp(SoftmaxOp.Form.LOG), x);
  }

  /** The mean cross-entropy of the softmax of each row and its label, a number. */
  public static Node crossEntropy(Node logits, Node labels) {
    Check.notNull("logits", logits, "a Node");
    return logits.graph().apply(LossOp.crossEntropy(), logits, labels);
  }

  /** The mean multiclass hinge loss of scores and labels, a number. */
  public static Node multiclassHinge(Node scores, Node labels, float margin) {
    Check.notNull("scores", scores, "a Node");
    Check.atLeastZero("margin", margin);
    return scores.graph().apply(LossOp.multiclassHinge(margin), scores, labels);
  }

  /** The mean of (y − t)², a number. */
  public static Node meanSquaredError(Node y, Node targets) {
    Check.notNull("y", y, "a Node");
    return y.graph().apply(LossOp.meanSquaredError(), y, targets);
  }

  /** The mean binary cross-entropy of logits and targets in 0 … 1, a number. */
  public static Node binaryCrossEntropy(Node logits, Node targets, float positiveWeight) {
    Check.notNull("logits", logits, "a Node");
    LossOp op = LossOp.binaryCrossEntropy(new BinaryCrossEntropy(positiveWeight));
    return logits.graph().apply(op, logits, targets);
  }

  /** λ₁·Σ|w| + ½·λ₂·Σw², a number. */
  public static Node penalty(Regularizer kernel, Node w) {
    Check.notNull("kernel", kernel, "a Regularizer");
    Check.notNull("w", w, "a Node");
    return w.graph().apply(LossOp.penalty(kernel), w);
  }

  /** The vectors of each row's words, one after the other; words are ints. */
  public static Node embeddingWindow(Node table, Node words) {
    Check.notNull("table", table, "a Node");
    return table.graph().apply(new EmbeddingWindowOp(true), table, words);
  }

  /** The rows of a table that ints name, one after the other; each must be a row's number. */
  public static Node gather(Node table, Node rows) {
    Check.notNull("table", table, "a Node");
    return table.graph().apply(new EmbeddingWindowOp(false), table, rows);
  }

  /** Columns {@code from} to {@code from + count − 1}: a view, nothing is copied. */
  public static Node columns(Node x, int from, int count) {
    Check.notNull("x", x, "a Node");
    return x.graph().apply(new ColumnRangeOp(from, count), x);
  }

  /** The columns of all, side by side. */
  public static Node concat(Node... parts) {
    Check.notNull("parts", parts, "nodes");
    if (parts.length == 0) {
      throw new IllegalArgumentException("concat of 0 nodes, expected at least 1");
    }
    Check.notNull("parts[0]", parts[0], "a Node");
    return parts[0].graph().apply(new ConcatOp(), parts);
  }

  /** The same elements in rows of another length: a view, nothing is copied. */
  public static Node reshape(Node x, Shape shape) {
    Check.notNull("x", x, "a Node");
    Check.notNull("shape", shape, "a Shape");
    return x.graph().apply(new ReshapeOp(shape), x);
  }

  /** 1 at the label of each row, 0 elsewhere. */
  public static Node oneHot(Node labels, int classes) {
    Check.notNull("labels", labels, "a Node");
    Check.size("classes", classes);
    return labels.graph().apply(new OneHotOp(classes), labels);
  }

  static Node copy(Node x) {
    return x.graph().apply(new CopyOp(), x);
  }
}
