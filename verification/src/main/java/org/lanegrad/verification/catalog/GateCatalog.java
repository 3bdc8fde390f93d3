package org.lanegrad.verification.catalog;

import java.util.List;
import java.util.function.IntFunction;
import org.lanegrad.Lanegrad;
import org.lanegrad.elementwise.Add;
import org.lanegrad.elementwise.BiasAdd;
import org.lanegrad.elementwise.Copy;
import org.lanegrad.elementwise.Divide;
import org.lanegrad.elementwise.Dropout;
import org.lanegrad.elementwise.Maximum;
import org.lanegrad.elementwise.Minimum;
import org.lanegrad.elementwise.Multiply;
import org.lanegrad.elementwise.Subtract;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.op.Elementwise;
import org.lanegrad.reference.op.FanOut;
import org.lanegrad.verification.gradcheck.Kinks;

/** The gates of a graph, a row each. */
final class GateCatalog {
  private GateCatalog() {}

  static List<OpSpec> all() {
    return List.of(
        // two stores where the forward pass has one, and a core stores one vector a cycle
        row("add", Add.class, GateCatalog::add, 12, 12, 2),
        row(
            "multiply",
            Multiply.class,
            n -> binary(Binary.MULTIPLY, Kinks.NONE, Multiply::forward, Multiply::backward, n),
            12,
            20,
            2),
        row(
            "maximum",
            Maximum.class,
            n -> binary(Binary.MAXIMUM, Kinks.SUBGRADIENT, Maximum::forward, Maximum::backward, n),
            12,
            20,
            2),
        row("subtract", Subtract.class, GateCatalog::subtract, 12, 20, 1),
        new OpSpec(
            "divide",
            List.of(Divide.class),
            shape ->
                binary(Binary.DIVIDE, Kinks.NONE, Divide::forward, Divide::backward, shape.n())
                    .within(2),
            Domain.mixing(0.25, 2),
            Shapes.lengths(),
            Shapes.shortLengths(),
            Shapes.benchmarkLengths(),
            s -> new Cost(s.n(), 12.0 * s.n(), 4.0 * s.n(), 20.0 * s.n())),
        row(
            "minimum",
            Minimum.class,
            n -> binary(Binary.MINIMUM, Kinks.SUBGRADIENT, Minimum::forward, Minimum::backward, n),
            12,
            20,
            2),
        // without lanes a copy still moves vectors, an addition one element (measured: 5.2)
        row("copy", Copy.class, GateCatalog::copy, 12, 12, Lanegrad.lanes() > 1 ? 1 : 6),
        row("dropout", Dropout.class, GateCatalog::dropout, 8, 8, 1),
        biasAdd());
  }

  private static OpSpec row(
      String name,
      Class<?> kernel,
      IntFunction<Problem> problem,
      double forwardBytes,
      double backwardBytes,
      double backwardFlops) {
    return new OpSpec(
        name,
        List.of(kernel),
        shape -> problem.apply(shape.n()),
        Domain.mixing(-2, 2),
        Shapes.lengths(),
        Shapes.shortLengths(),
        Shapes.benchmarkLengths(),
        s -> new Cost(s.n(), forwardBytes * s.n(), backwardFlops * s.n(), backwardBytes * s.n()));
  }

  /** y from a and b. */
  private interface Forward {
    void run(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int length);
  }

  /** da and db from dy, a and b. */
  private interface Backward {
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

  private static GateProblem binary(
      Binary gate, Kinks kinks, Forward forward, Backward backward, int n) {
    return new GateProblem(
        new Elementwise(gate, n),
        kinks,
        (in, y) ->
            forward.run(
                in[0].array(),
                in[0].offset(),
                in[1].array(),
                in[1].offset(),
                y.array(),
                y.offset(),
                n),
        (dy, in, d) ->
            backward.run(
                dy.array(),
                dy.offset(),
                in[0].array(),
                in[0].offset(),
                in[1].array(),
                in[1].offset(),
                d[0].array(),
                d[0].offset(),
                d[1].array(),
                d[1].offset(),
                n),
        1,
        0.5);
  }

  /** Its backward pass reads neither a nor b. */
  private static Problem add(int n) {
    return binary(
        Binary.ADD,
        Kinks.NONE,
        Add::forward,
        (dy, up, a, at, b, bt, da, to, db, too, length) ->
            Add.backward(dy, up, da, to, db, too, length),
        n);
  }

  /** Its backward pass reads neither a nor b. */
  private static Problem subtract(int n) {
    return binary(
        Binary.SUBTRACT,
        Kinks.NONE,
        Subtract::forward,
        (dy, up, a, at, b, bt, da, to, db, too, length) ->
            Subtract.backward(dy, up, da, to, db, too, length),
        n);
  }

  /** The output is both copies, one after the other. */
  private static Problem copy(int n) {
    return new GateProblem(
        new FanOut(n, 2),
        Kinks.NONE,
        (in, y) ->
            Copy.forward(
                in[0].array(), in[0].offset(), y.array(), y.offset(), y.array(), y.offset() + n, n),
        (dy, in, d) ->
            Copy.backward(
                dy.array(),
                dy.offset(),
                dy.array(),
                dy.offset() + n,
                d[0].array(),
                d[0].offset(),
                n),
        2,
        0.5);
  }

  /** Its backward pass is the same one again. */
  private static Problem dropout(int n) {
    float rate = 0.3f;
    int draw = 0x5eed;
    return new GateProblem(
        new org.lanegrad.reference.op.Dropout(n, rate, draw),
        Kinks.NONE,
        (in, y) ->
            Dropout.apply(rate, draw, in[0].array(), in[0].offset(), y.array(), y.offset(), n),
        (dy, in, d) ->
            Dropout.apply(rate, draw, dy.array(), dy.offset(), d[0].array(), d[0].offset(), n),
        1,
        0.5);
  }

  private static OpSpec biasAdd() {
    return new OpSpec(
        "bias add",
        List.of(BiasAdd.class),
        GateCatalog::biasAdd,
        Domain.mixing(-2, 2),
        Shapes.logits(),
        Shapes.smallLogits(),
        Shapes.benchmarkLogits(),
        s -> {
          double size = (double) s.m() * s.n();
          return new Cost(size, 8 * size, size, 12 * size);
        });
  }

  /** dX is dY itself; the kernel leaves copying it to who wants a copy. */
  private static Problem biasAdd(Shape s) {
    float[] b = new float[s.n()];
    float[] db = new float[s.n()];
    return new GateProblem(
        new org.lanegrad.reference.op.BiasAdd(s.m(), s.n()),
        Kinks.NONE,
        (in, y) -> {
          in[1].copyTo(b);
          BiasAdd.forward(in[0].matrix(s.m(), s.n()), b, y.matrix(s.m(), s.n()));
        },
        (dy, in, d) -> {
          System.arraycopy(dy.array(), dy.offset(), d[0].array(), d[0].offset(), dy.length());
          BiasAdd.backward(dy.matrix(s.m(), s.n()), db);
          d[1].copyFrom(db);
        },
        s.m(),
        0.5);
  }
}
