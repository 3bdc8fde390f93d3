package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lanegrad.activation.Activation;
import org.lanegrad.reference.gate.Power;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.accuracy.UlpSweep;
import org.lanegrad.verification.catalog.UnarySpec;
import org.lanegrad.verification.compare.Mixed;
import org.lanegrad.verification.compare.Ulps;
import org.lanegrad.verification.gradcheck.Kinks;

/** An activation that somebody adds outside of the library gets every check, by one row. */
class AddedActivationTest {
  /** y = x³; downstream = upstream · factor · x², and factor should be 3. */
  private record Cube(float factor) implements Activation {
    @Override
    public Saved saved() {
      return Saved.INPUT;
    }

    @Override
    public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
      Activation.checkForward(x, xFrom, y, yFrom, length);
      for (int i = 0; i < length; i++) {
        float v = x[xFrom + i];
        y[yFrom + i] = v * v * v;
      }
    }

    @Override
    public void backward(
        float[] upstream,
        int upstreamFrom,
        float[] saved,
        int savedFrom,
        float[] downstream,
        int downstreamFrom,
        int length) {
      Activation.checkBackward(
          upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
      for (int i = 0; i < length; i++) {
        float v = saved[savedFrom + i];
        downstream[downstreamFrom + i] = upstream[upstreamFrom + i] * (factor * v * v);
      }
    }
  }

  private static UnarySpec cube(float factor) {
    return new UnarySpec(
        "cube",
        new Cube(factor),
        new Power(3),
        -2,
        2,
        new Ulps(2),
        new Mixed(3, 0),
        Kinks.NONE,
        2,
        3);
  }

  @Test
  void everyWitnessLooksAtIt() {
    List<CheckResult> results = new OpVerifier(cube(3).row(), 1).verify();
    assertThat(results).extracting(CheckResult::witness).containsExactly(Witness.values());
    assertThat(results).allMatch(CheckResult::passes);
    assertThat(new UlpSweep(cube(3)).run(100_003).forwardRatio()).isLessThanOrEqualTo(1);
  }

  @Test
  void aWrongDerivativeIsCaughtByBothWitnessesOfTheKernel() {
    List<CheckResult> results = new OpVerifier(cube(2).row(), 1).verify();
    assertThat(results.stream().filter(result -> !result.passes()).map(CheckResult::witness))
        .containsExactly(Witness.BACKWARD, Witness.DIFFERENCES);
  }
}
