package org.lanegrad.bench.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.lanegrad.Lanegrad;

/** The library's warm-up takes every branch of its kernels, so that C2 leaves none out. */
@Execution(CONCURRENT)
class WarmUpTest {
  /** What runs less often, C2 does not compile, and it leaves no branch out. */
  private static final int HOT = 300;

  /** As many as its first batch has; code with counters in it never settles. */
  private static final int CALLS = 60;

  /** Where the other way is for another vector width, for none, or for another maker of CPUs. */
  private static final List<String> MACHINE_DECIDES =
      List.of(
          "Transpose.lastStage:",
          "ColumnTile.sixRows:",
          "MicroKernel.tileRows:",
          "MicroKernel.run:",
          "PackedMatrix.columnRange:",
          "TiledGemm.run:",
          "TiledGemm.block:",
          "TiledGemm.packsOnTheWay:",
          "NormBackward.run:",
          "Softmax.backward:",
          "TwoOperands.backward:",
          "Stores.fetch");

  /** Where the other way is for what is refused, or for a thread that is interrupted. */
  private static final List<String> REFUSES =
      List.of(
          ".WarmUp.",
          ".check.Check.",
          "Matrix.overlaps:",
          "Matrix.isSameView:",
          "Matrix.isContiguous:",
          "MatrixChecks.",
          "RowChecks.",
          "Steps.separate:",
          "Steps.whole:",
          "GradientClipping.check",
          "Sgd.step:",
          "PRelu.check:",
          "PRelu.backward:",
          "BiasAdd.forward:",
          "LayerNorm.backward:",
          "RmsNorm.backward:",
          "DenseBackward.check:",
          "Targets.check",
          "SoftmaxCrossEntropy.checkGradient:",
          "EmbeddingWindow.",
          "GemmPlan.await:");

  @Test
  void takesBothWaysOfEveryBranch() throws ReflectiveOperationException {
    assumeTrue(
        Lanegrad.lanes() > 1, "lanes are off: scalar code that is compiled again is soon back");
    int first = Counters.blocks();
    ClassLoader counting = new CountingLoader(Lanegrad.class);
    Method everyCall =
        counting.loadClass(Lanegrad.class.getPackageName() + ".WarmUp").getDeclaredMethod("calls");
    everyCall.setAccessible(true);
    for (Object call : (List<?>) everyCall.invoke(null)) {
      for (int i = 0; i < CALLS; i++) {
        ((Runnable) call).run();
      }
    }
    List<String> oneWay = new ArrayList<>();
    int both = 0;
    for (int id = first; id + 1 < Counters.blocks(); id++) {
      Counters.Block block = Counters.block(id);
      long runs = Counters.RUNS[id];
      long through = Counters.RUNS[id + 1];
      boolean counts = block.branches() && runs >= HOT && !isExempt(block.where());
      if (counts && (through == 0 || through == runs)) {
        oneWay.add(block.where() + ": " + runs + " times, " + through + " of them one way");
      } else if (counts) {
        both++;
      }
    }
    assertThat(both).isGreaterThan(1000);
    assertThat(oneWay).isEmpty();
  }

  private static boolean isExempt(String where) {
    return Stream.of(MACHINE_DECIDES, REFUSES).flatMap(List::stream).anyMatch(where::contains);
  }
}
