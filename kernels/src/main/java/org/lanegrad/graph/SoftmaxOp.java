package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.exp;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.subtract;
import static org.lanegrad.graph.Ops.sum;

import java.util.List;
import org.lanegrad.normalization.LogSoftmax;
import org.lanegrad.normalization.Softmax;

/** The softmax of each row, its logarithm, or a softmax whose rows may be masked whole. */
record SoftmaxOp(Form form) implements Op {
  /** Which of the three. */
  enum Form {
    PLAIN("softmax"),
    LOG("log-softmax"),
    MASKED("masked softmax");

    private final String title;

    Form(String title) {
      this.title = title;
    }
  }

  @Override
  public String name() {
    return form.title;
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    return List.of(Shapes.same(inputs, 1));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    switch (form) {
      case PLAIN -> Softmax.forward(in.matrix(0), out.matrix(0));
      case LOG -> LogSoftmax.forward(in.matrix(0), out.matrix(0));
      case MASKED -> Softmax.forwardMasked(in.matrix(0), out.matrix(0));
    }
  }

  @Override
  public void gradient(Gradient g) {
    g.add(
        0,
        () ->
            g.upstream().graph().apply(new Backward(form == Form.LOG), g.upstream(), g.output(0)));
  }

  @Override
  public int inPlace() {
    return form == Form.MASKED ? -1 : 0;
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return 24.0 * outputs.get(0).sizeAt(batch);
  }

  /** dX from (dY, Y). */
  record Backward(boolean isLog) implements Op {
    @Override
    public String name() {
      return (isLog ? "log-softmax" : "softmax") + " gradient";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return List.of(Shapes.same(inputs, 2));
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      if (isLog) {
        LogSoftmax.backward(in.matrix(0), in.matrix(1), out.matrix(0));
      } else {
        Softmax.backward(in.matrix(0), in.matrix(1), out.matrix(0));
      }
    }

    /** Y·(dY − Σ dY·Y), or dY − e^Y·Σ dY, in gates. */
    @Override
    public void gradient(Gradient g) {
      Node dy = g.input(0);
      Node y = g.input(1);
      Node dx =
          isLog
              ? subtract(dy, multiply(exp(y), sum(dy, Over.COLUMNS)))
              : multiply(y, subtract(dy, sum(multiply(dy, y), Over.COLUMNS)));
      g.through(List.of(dx));
    }

    @Override
    public int inPlace() {
      return 0;
    }

    @Override
    public boolean takesViews(int input) {
      return true;
    }

    @Override
    public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
      return (isLog ? 22.0 : 4.0) * outputs.get(0).sizeAt(batch);
    }
  }
}
