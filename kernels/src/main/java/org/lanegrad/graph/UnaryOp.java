package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.multiply;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Activation.Saved;
import org.lanegrad.activation.BitActivation;
import org.lanegrad.activation.Identity;
import org.lanegrad.elementwise.Affine;

/**
 * y = f(x), element by element: an activation or a gate of one input. One that saves bits has them
 * as a second output.
 */
record UnaryOp(Activation f) implements Op {
  @Override
  public String name() {
    return title(f);
  }

  /** "hard swish" of HardSwish. */
  static String title(Activation f) {
    String type = f.getClass().getSimpleName();
    return type.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("activation", f);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shape shape = Shapes.same(inputs, 1);
    return f.saved() == Saved.BITS ? List.of(shape, shape.as(Shape.Kind.BITS)) : List.of(shape);
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix x = in.matrix(0);
    Matrix y = out.matrix(0);
    if (out.count() == 2 && out.isWanted(1)) {
      int words = (x.columns() + 63) >>> 6;
      for (int i = 0; i < x.rows(); i++) {
        ((BitActivation) f)
            .forward(
                x.array(),
                x.index(i, 0),
                y.array(),
                y.index(i, 0),
                out.bits(1),
                i * words,
                x.columns());
      }
      return;
    }
    boolean whole = x.isContiguous() && y.isContiguous();
    int rows = whole ? Math.min(1, x.rows()) : x.rows();
    int length = whole ? x.rows() * x.columns() : x.columns();
    for (int i = 0; i < rows; i++) {
      f.forward(x.array(), x.index(i, 0), y.array(), y.index(i, 0), length);
    }
  }

  @Override
  public void gradient(Gradient g) {
    g.add(
        0,
        () ->
            switch (f.saved()) {
              case INPUT -> backward(f, g.upstream(), g.input(0));
              case OUTPUT -> backward(f, g.upstream(), g.output(0));
              case BITS -> backward(f, g.upstream(), g.output(1));
            });
  }

  /** dx = dy · f′, from what the forward pass saved; straight lines have saved nothing. */
  static Node backward(Activation f, Node dy, Node saved) {
    if (f instanceof Identity) {
      return dy;
    }
    return f instanceof Affine line
        ? Ops.scale(line.a(), dy)
        : dy.graph().apply(new Backward(f), dy, saved);
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }

  /** dx = dy · f′(saved). */
  record Backward(Activation f) implements Op {
    @Override
    public String name() {
      return title(f) + " gradient";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      Shapes.count(inputs, 2);
      Shape shape = Shapes.floats(inputs, 0);
      Shape.Kind kind = f.saved() == Saved.BITS ? Shape.Kind.BITS : Shape.Kind.FLOATS;
      Shapes.expect(inputs, 1, shape.as(kind), "as input 0");
      return List.of(shape);
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix dy = in.matrix(0);
      Matrix dx = out.matrix(0);
      if (f.saved() == Saved.BITS) {
        int words = (dy.columns() + 63) >>> 6;
        for (int i = 0; i < dy.rows(); i++) {
          ((BitActivation) f)
              .backward(
                  dy.array(),
                  dy.index(i, 0),
                  in.bits(1),
                  i * words,
                  dx.array(),
                  dx.index(i, 0),
                  dy.columns());
        }
        return;
      }
      Matrix saved = in.matrix(1);
      boolean whole = dy.isContiguous() && saved.isContiguous() && dx.isContiguous();
      int rows = whole ? Math.min(1, dy.rows()) : dy.rows();
      int length = whole ? dy.rows() * dy.columns() : dy.columns();
      for (int i = 0; i < rows; i++) {
        f.backward(
            dy.array(),
            dy.index(i, 0),
            saved.array(),
            saved.index(i, 0),
            dx.array(),
            dx.index(i, 0),
            length);
      }
    }

    /** By dy the same pass once more; by what was saved through the slope in gates. */
    @Override
    public void gradient(Gradient g) {
      Node dy = g.input(0);
      Node saved = g.input(1);
      boolean bends = g.wants(1) && !Slopes.isConstant(f);
      Node slope = bends ? Slopes.of(f, saved) : null;
      if (bends && slope == null) {
        throw g.none();
      }
      if (bends && dy == saved) {
        // one input in two places: the formula has both
        g.through(List.of(multiply(dy, slope)));
        return;
      }
      g.add(0, () -> g.upstream().graph().apply(this, g.upstream(), saved));
      if (bends) {
        g.throughInput(1, List.of(multiply(dy, slope)));
      }
    }

    @Override
    public int inPlace() {
      return 0;
    }

    @Override
    public boolean takesViews(int input) {
      return true;
    }
  }
}
