package org.lanegrad.bench.work;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanegrad.verification.BoundOp;
import org.lanegrad.verification.catalog.Cost;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;

/**
 * The ops of the catalog at sizes that grow fourfold, large enough that what a call costs once does
 * not bend the slope; rows and columns grow alike, so that a Jacobian a row would show.
 */
public class CatalogWorkload implements Workload {
  private static final List<Shape> LENGTHS =
      List.of(Shape.of(1 << 13), Shape.of(1 << 15), Shape.of(1 << 17));
  private static final List<Shape> ROWS =
      List.of(new Shape(16, 1, 2048), new Shape(32, 1, 4096), new Shape(64, 1, 8192));
  private static final List<Shape> PRODUCTS =
      List.of(new Shape(128, 128, 128), new Shape(256, 256, 256), new Shape(512, 512, 512));

  private final Map<String, OpSpec> specs = new LinkedHashMap<>();

  /** All ops with a backward pass. */
  public CatalogWorkload() {
    this(OpCatalog.all());
  }

  /** Some ops. */
  protected CatalogWorkload(List<OpSpec> ops) {
    for (OpSpec spec : ops) {
      if (spec.isDifferentiable()) {
        specs.put(spec.name(), spec);
      }
    }
  }

  @Override
  public List<String> ops() {
    return List.copyOf(specs.keySet());
  }

  /** The sizes to count an op at. */
  protected List<Shape> shapes(String op) {
    Shape kind = specs.get(op).benchmarkShapes().get(0);
    return kind.k() > 1 ? PRODUCTS : kind.m() > 1 ? ROWS : LENGTHS;
  }

  @Override
  public List<String> sizes(String op) {
    return shapes(op).stream().map(Shape::toString).toList();
  }

  @Override
  public double[] model(String op, int size) {
    Cost cost = specs.get(op).cost().apply(shapes(op).get(size));
    return new double[] {cost.forwardFlops(), cost.backwardFlops(), cost.ratioLimit()};
  }

  @Override
  public Runnable[] passes(String op, int size) {
    BoundOp bound = new BoundOp(specs.get(op), shapes(op).get(size));
    return new Runnable[] {bound::forward, bound::backward};
  }
}
