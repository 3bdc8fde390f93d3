package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.divide;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.negate;

import java.util.List;
import java.util.function.Consumer;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Add;
import org.lanegrad.elementwise.Divide;
import org.lanegrad.elementwise.Maximum;
import org.lanegrad.elementwise.Minimum;
import org.lanegrad.elementwise.Multiply;
import org.lanegrad.elementwise.Subtract;

/** A gate of two inputs of one shape, element by element: a kernel, and its gradient in gates. */
record BinaryOp(String name, Forward kernel, Consumer<Gradient> rule) implements Op {
  /** y = a + b; da = db = dy. */
  static final BinaryOp ADD =
      new BinaryOp(
          "add",
          Add::forward,
          g -> {
            g.add(0, g::upstream);
            g.add(1, g::upstream);
          });

  /** y = a − b; da = dy, db = −dy. */
  static final BinaryOp SUBTRACT =
      new BinaryOp(
          "subtract",
          Subtract::forward,
          g -> {
            g.add(0, g::upstream);
            g.add(1, () -> negate(g.upstream()));
          });

  /** y = a·b; da = dy·b, db = dy·a. */
  static final BinaryOp MULTIPLY =
      new BinaryOp(
          "multiply",
          Multiply::forward,
          g -> {
            g.add(0, () -> multiply(g.upstream(), g.input(1)));
            g.add(1, () -> multiply(g.upstream(), g.input(0)));
          });

  /** y = a/b; da = dy/b, db = −da·y. */
  static final BinaryOp DIVIDE =
      new BinaryOp(
          "divide",
          Divide::forward,
          g -> {
            Node share = divide(g.upstream(), g.input(1));
            g.add(0, () -> share);
            g.add(1, () -> negate(multiply(share, g.output(0))));
          });

  /** y = max(a, b); dy goes to the larger one, to a where they are equal. */
  static final BinaryOp MAXIMUM =
      new BinaryOp("maximum", Maximum::forward, g -> Router.MAXIMUM.route(g));

  /** y = min(a, b); dy goes to the smaller one, to a where they are equal. */
  static final BinaryOp MINIMUM =
      new BinaryOp("minimum", Minimum::forward, g -> Router.MINIMUM.route(g));

  /** The kernel's forward pass. */
  interface Forward {
    void run(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int length);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    return List.of(Shapes.same(inputs, 2));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix a = in.matrix(0);
    Matrix b = in.matrix(1);
    Matrix y = out.matrix(0);
    boolean whole = a.isContiguous() && b.isContiguous() && y.isContiguous();
    int rows = whole ? Math.min(1, y.rows()) : y.rows();
    int length = whole ? y.rows() * y.columns() : y.columns();
    for (int i = 0; i < rows; i++) {
      kernel.run(
          a.array(), a.index(i, 0), b.array(), b.index(i, 0), y.array(), y.index(i, 0), length);
    }
  }

  @Override
  public void gradient(Gradient g) {
    rule.accept(g);
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }

  /**
   * (da, db) from (dy, a, b): dy where that input was passed on, else 0. Which one was is constant
   * almost everywhere, so a second derivative is that of dy alone.
   */
  record Router(String name, Backward kernel) implements Op {
    static final Router MAXIMUM = new Router("maximum gradient", Maximum::backward);
    static final Router MINIMUM = new Router("minimum gradient", Minimum::backward);

    /** The kernel's backward pass. */
    interface Backward {
      void run(
          float[] dy,
          int dyFrom,
          float[] a,
          int aFrom,
          float[] b,
          int bFrom,
          float[] da,
          int daFrom,
          float[] db,
          int dbFrom,
          int length);
    }

    void route(Gradient g) {
      Node da = g.upstream().graph().apply(this, g.upstream(), g.input(0), g.input(1));
      g.add(0, () -> da);
      g.add(1, () -> da.output(1));
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      Shape shape = Shapes.same(inputs, 3);
      return List.of(shape, shape);
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix dy = in.matrix(0);
      Matrix a = in.matrix(1);
      Matrix b = in.matrix(2);
      Matrix da = out.matrix(0);
      Matrix db = out.matrix(1);
      kernel.run(
          dy.array(),
          dy.offset(),
          a.array(),
          a.offset(),
          b.array(),
          b.offset(),
          da.array(),
          da.offset(),
          db.array(),
          db.offset(),
          dy.rows() * dy.columns());
    }

    /** What flows back to dy: of da where a was passed on, of db where b was. */
    @Override
    public void gradient(Gradient g) {
      for (int k = 0; k < 2; k++) {
        Node up = g.upstream(k);
        int part = k;
        if (up != null) {
          g.add(0, () -> up.graph().apply(this, up, g.input(1), g.input(2)).output(part));
        }
      }
    }

    @Override
    public boolean isOptional(int output) {
      return false;
    }
  }
}
