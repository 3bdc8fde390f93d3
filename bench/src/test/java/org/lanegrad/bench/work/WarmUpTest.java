package org.lanegrad.bench.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lanegrad.Lanegrad;

/** The library's warm-up takes every branch of every vector loop, so that C2 leaves none out. */
class WarmUpTest {
  /** Methods that exist for some vector widths only. */
  private static final List<String> WIDTH_DECIDES =
      List.of("Transpose.lastStage:", "ColumnTile.sixRows:");

  @Test
  void takesBothWaysOfEveryBranchOfTheVectorLoops() throws ReflectiveOperationException {
    int first = Counters.blocks();
    ClassLoader counting = new CountingLoader(Lanegrad.class);
    Class<?> library = counting.loadClass(Lanegrad.class.getName());
    library.getMethod("warmUp").invoke(null);
    Set<String> vectorClasses = new HashSet<>();
    for (int id = first; id < Counters.blocks(); id++) {
      if (Counters.block(id).vectorOperations() > 0) {
        vectorClasses.add(owner(Counters.block(id)));
      }
    }
    assertThat(vectorClasses.isEmpty()).isEqualTo(Lanegrad.lanes() == 1);
    List<String> oneWay = new ArrayList<>();
    for (int id = first; id + 1 < Counters.blocks(); id++) {
      Counters.Block block = Counters.block(id);
      long runs = Counters.RUNS[id];
      long through = Counters.RUNS[id + 1];
      boolean either = through == 0 || through == runs;
      boolean widthDecides = WIDTH_DECIDES.stream().anyMatch(block.where()::contains);
      if (block.branches() && either && !widthDecides && vectorClasses.contains(owner(block))) {
        oneWay.add(block.where() + ": " + runs + " times, " + through + " of them one way");
      }
    }
    assertThat(oneWay).isEmpty();
  }

  private static String owner(Counters.Block block) {
    return block.where().substring(0, block.where().lastIndexOf('.'));
  }
}
